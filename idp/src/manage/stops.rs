//! Accounts stopped and given back by the operator's hand: suspended, reactivated, deactivated, without their second factor.

use super::codes::{IssuedCode, Issuing, still_active};
use super::{Manage, Whom, population, reason_of, refused};
use crate::access::notice::{self, Kind, Occasion};
use crate::access::{ending, factor};
use crate::directory::account::{self, Account};
use crate::directory::registry::{self, Entry, EntryStatus};
use crate::error::{Failure, Result};
use crate::oidc::grant;
use crate::onboarding::code::{self, Carrier, Code, CodePurpose, Revocation};
use crate::operations::audit::{self, Event};
use crate::store::{Rx, Tx};
use poterne_protocol::claims::level::Level;
use poterne_protocol::id::{AccountId, EntryId};
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// What an operator decides about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is stopped until it is given back.
    Suspend,
    /// It is given back.
    Reactivate,
    /// It is given up for good: its entry may get a code for another one.
    Deactivate,
}

impl Decision {
    const fn event(self) -> &'static str {
        match self {
            Self::Suspend => "account.suspended",
            Self::Reactivate => "account.reactivated",
            Self::Deactivate => "account.deactivated",
        }
    }

    /// Why it changes nothing, where it does not.
    const fn idle(self, account: &Account) -> Option<&'static str> {
        match (self, account.suspended_at.is_some()) {
            (Self::Suspend, true) => Some("is suspended already"),
            (Self::Reactivate, false) => Some("is not suspended"),
            _ => None,
        }
    }
}

/// Ends everything that an account has begun or been given; how many sessions that were.
pub(super) fn end_everything(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<usize> {
    grant::revoke_of_account(tx, account, now)?;
    ending::end_everything(tx, account, None, now)
}

impl Manage {
    /// Suspends, reactivates or deactivates the account of an entry. Whoever is stopped has no session and no token from then on.
    ///
    /// # Errors
    /// [`Failure::Settings`] for an unknown entry, one without an account, a missing reason, and where nothing would change.
    pub async fn decide_account(&self, slug: &str, registry_no: &str, decision: Decision, reason: &str) -> Result<Whom> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let reason = reason_of(reason)?;
        let entry = self.entry_of(&realm, registry_no).await?;
        let event = self.event(now, decision.event()).with("reason", reason);
        let revoked = CodePurpose::ALL.map(|_| self.event(now, "code.revoked").with("reason", "account_closed"));
        let decide = move |tx: &mut Tx<'_>| {
            let (entry, account) = entry_with_account(tx, entry)?;
            if let Some(why) = decision.idle(&account) {
                return Err(refused(format!("the account of entry {} {why}", entry.registry_no)));
            }
            if decision == Decision::Reactivate && entry.status == EntryStatus::Deceased {
                return Err(refused(format!("entry {} is deceased: correct that first", entry.registry_no)));
            }
            match decision {
                Decision::Suspend => account::suspend(tx, account.id, Some(now))?,
                Decision::Reactivate => account::suspend(tx, account.id, None)?,
                Decision::Deactivate => {
                    account::deactivate(tx, account.id, now)?;
                    // A code that was to bring this account back must not reach the next one.
                    let gone = code::revoke_of_entry(tx, entry.id, Revocation::AccountClosed, now)?;
                    let mut gone = gone.into_iter().zip(&revoked);
                    gone.try_for_each(|(code, event)| audit::record(tx, &event.clone().about(code)))?;
                }
            }
            let ended = if decision == Decision::Reactivate { 0 } else { end_everything(tx, account.id, now)? };
            audit::record(tx, &event.clone().about(account.id).with("sessions_ended", ended))?;
            Ok(Whom::of(&entry))
        };
        self.app.db.write(realm.id, decide).await
    }

    /// Takes an account's second factors away, ends its sessions and everything issued from it, and issues a code by letter that leads to a
    /// new password and a new factor. Until then nobody can sign in to the account; its owner is told by mail.
    ///
    /// # Errors
    /// [`Failure::Settings`] for an unknown entry, one that left or died, one without an account, one whose population asks for no factor,
    /// and without a reason.
    pub async fn reset_factor(&self, slug: &str, registry_no: &str, reason: &str) -> Result<IssuedCode> {
        let (realm, now, app) = (self.realm(slug).await?, self.app.clock.now(), &self.app);
        let reason = reason_of(reason)?;
        let id = self.entry_of(&realm, registry_no).await?;
        let (entry, account) = app.db.read(realm.id, move |rx| resettable(rx, id)).await?;
        let asked = population(&realm, &entry.population)?;
        if asked.factors.is_empty() && account.level == Level::Single {
            return Err(refused(format!("the account of entry {registry_no} has no second factor and is asked for none")));
        }
        let code = code::generate(&app.entropy, asked.code.check_character);
        let occasion = Occasion::by_operator(now);
        let reset = Arc::new(Reset {
            notice: notice::prepare(app, &realm, now, &account, Kind::FactorReset, &occasion)?,
            account,
            issuing: Issuing::new(self, &realm, &entry, (CodePurpose::RecoverFactor, Carrier::Letter), &code)?,
            event: self.event(now, "account.factor_reset").with("reason", reason),
            at: now,
        });
        let running = reset.clone();
        let former = app.db.write(realm.id, move |tx| running.run(tx, id)).await?;
        app.outbox_wake.notify_one();
        Ok(reset.issuing.printed(&realm, &entry, &code, former.as_ref()))
    }
}

/// A reset, prepared outside its transaction.
struct Reset {
    account: Account,
    issuing: Issuing,
    event: Event,
    notice: notice::Prepared,
    at: Timestamp,
}

impl Reset {
    fn run(&self, tx: &mut Tx<'_>, entry: EntryId) -> Result<Option<Code>> {
        let (_, account) = resettable(tx, entry)?;
        if account.id != self.account.id || account.email != self.account.email {
            return Err(Failure::Busy("the account changed meanwhile"));
        }
        let removed = factor::remove_all(tx, account.id)?;
        let ended = end_everything(tx, account.id, self.at)?;
        let event = self.event.clone().about(account.id).with("factors_removed", removed).with("sessions_ended", ended);
        audit::record(tx, &event)?;
        self.notice.leave(tx)?;
        self.issuing.run(tx)
    }
}

/// An entry with the account that counts.
pub(super) fn entry_with_account(rx: &mut Rx<'_>, id: EntryId) -> Result<(Entry, Account)> {
    let entry = registry::load(rx, id)?.ok_or_else(|| refused(format!("the registry has no entry {id}")))?;
    match account::by_entry(rx, id)? {
        Some(account) => Ok((entry, account)),
        None => Err(refused(format!("entry {} has no account", entry.registry_no))),
    }
}

fn resettable(rx: &mut Rx<'_>, id: EntryId) -> Result<(Entry, Account)> {
    still_active(rx, id)?;
    entry_with_account(rx, id)
}
