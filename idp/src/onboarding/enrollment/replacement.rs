//! New credentials for an account there is: what the code of a letter and a mailbox, both proven, put in the place of a lost factor.

use super::draft::Confirmed;
use super::registration::Obstacle;
use crate::access::ending::end_everything;
use crate::access::factor::{self, NewFactor, asked};
use crate::access::notice::{self, Kind, Occasion};
use crate::access::signin;
use crate::directory::account::{self, Account};
use crate::directory::registry::{self, EntryStatus};
use crate::directory::terms::{self, NewAcceptance};
use crate::error::Result;
use crate::onboarding::code::Code;
use crate::operations::audit::{self, Actor, Event};
use crate::realm::Realm;
use crate::settings::FactorKind;
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use poterne_protocol::claims::level::Level;
use poterne_protocol::id::{AccountId, BrowserId, EntryId};
use poterne_protocol::time::Timestamp;

/// What was proven on the way.
pub(super) struct Renewed<'a> {
    /// The address, and the password's hash.
    pub(super) confirmed: &'a Confirmed,
    /// How strongly the account signs in with it.
    pub(super) level: Level,
    /// The new factor, where the population asks for one.
    pub(super) factor: Option<(FactorKind, NewFactor)>,
    /// The terms accepted in step 1.
    pub(super) acceptance: Option<NewAcceptance>,
}

/// The change of an account, prepared outside its transaction.
pub(super) struct Replacement {
    account: AccountId,
    entry: EntryId,
    email: String,
    password_hash: String,
    level: Level,
    email_verified_at: Timestamp,
    factor: Option<NewFactor>,
    acceptance: Option<NewAcceptance>,
    replaced: Event,
    notice: notice::Prepared,
    events: Vec<Event>,
    at: Timestamp,
}

impl Replacement {
    pub(super) fn new(ctx: &Ctx, account: &Account, entry: EntryId, proven: Renewed<'_>) -> Result<Self> {
        let event = |kind| Event::new(&ctx.app, ctx.now, kind, Actor::Account(account.id)).about(account.id);
        let added = proven
            .factor
            .as_ref()
            .map(|(kind, new)| event("factor.added").with("kind", kind.as_str()).with("factor", new.id().to_string()));
        let accepted = proven
            .acceptance
            .as_ref()
            .map(|accepted| event("terms.accepted").with("version", accepted.version).with("language", accepted.language.tag()));
        Ok(Self {
            account: account.id,
            entry,
            email: proven.confirmed.entered.data.email.clone(),
            password_hash: proven.confirmed.entered.data.password_hash.clone(),
            level: proven.level,
            email_verified_at: proven.confirmed.email_confirmed_at,
            factor: proven.factor.map(|(_, factor)| factor),
            acceptance: proven.acceptance,
            replaced: event("account.credentials_replaced"),
            notice: notice::prepare(&ctx.app, &ctx.realm, ctx.now, account, Kind::CredentialsReplaced, &Occasion::of(ctx))?,
            events: added.into_iter().chain(accepted).collect(),
            at: ctx.now,
        })
    }

    /// The account must still be the one whose address was proven, and not have been stopped since the letter was ordered.
    pub(super) fn obstacle(&self, rx: &mut Rx<'_>, code: &Code) -> Result<Option<Obstacle>> {
        let active = registry::load(rx, self.entry)?.is_some_and(|entry| entry.status == EntryStatus::Active);
        let account = account::by_entry(rx, self.entry)?.filter(|account| !account.is_cut_since(code.issued_at));
        let same = account.is_some_and(|account| account.id == self.account && account.email == self.email);
        Ok(if active && same { None } else { Some(Obstacle::NotWithTheFund) })
    }

    /// Everything of old ends: password, factors, sessions, counted tries. The account and its names for portals stay.
    pub(super) fn run(&self, tx: &mut Tx<'_>, realm: &Realm, browser: BrowserId) -> Result<()> {
        account::replace_credentials(tx, self.account, &self.password_hash, self.level, self.email_verified_at, self.at)?;
        factor::remove_all(tx, self.account)?;
        let ended = end_everything(tx, self.account, None, self.at)?;
        signin::forget_wrong_passwords(tx, realm, self.account, browser)?;
        asked::forget_tries(tx, realm, self.account)?;
        if let Some(factor) = &self.factor {
            factor::insert(tx, factor)?;
        }
        if let Some(acceptance) = &self.acceptance {
            terms::accept(tx, acceptance)?;
        }
        self.notice.leave(tx)?;
        audit::record(tx, &self.replaced.clone().with("sessions_ended", ended))?;
        self.events.iter().try_for_each(|event| audit::record(tx, event))
    }
}
