//! What a road that waits for a factor reads and changes, each in one transaction.

use super::code::{self, Code, Sending, bound, pause};
use super::rules::{Need, On, Owned, need};
use crate::access::factor::{self, Factor, otp};
use crate::directory::account::{self, Account};
use crate::error::Result;
use crate::operations::audit::{Event, record};
use crate::operations::limits::{self, Counter, Taken};
use crate::realm::Realm;
use crate::settings::FactorKind;
use crate::store::{Rx, Tx};
use crate::vault::Purpose;
use poterne_protocol::id::{AccountId, ChallengeId, FactorId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// What an account can prove itself with.
#[derive(Debug, Clone)]
pub struct Means {
    /// The account, as it is in this very transaction.
    pub account: Account,
    /// Its active factors.
    pub factors: Vec<Factor>,
    /// The same, as rules look at them.
    pub owned: Vec<Owned>,
    /// What it must prove beside its password.
    pub need: Need,
}

/// What this account can prove itself with; `None` when there is none.
///
/// # Errors
/// Of the database.
pub fn means(rx: &mut Rx<'_>, realm: &Realm, id: AccountId) -> Result<Option<Means>> {
    // Both are asked for whoever it is, so that the time does not tell who is nobody.
    let (account, factors) = (account::load(rx, id)?, factor::active(rx, id)?);
    let Some(account) = account else {
        return Ok(None);
    };
    let owned: Vec<Owned> = factors.iter().map(|factor| Owned { id: factor.id, kind: factor.kind }).collect();
    let need = need(realm.document.population(&account.population), account.level, &owned);
    Ok(Some(Means { account, factors, owned, need }))
}

impl Means {
    /// One of its factors.
    #[must_use]
    pub fn factor(&self, id: FactorId) -> Option<&Factor> {
        self.factors.iter().find(|factor| factor.id == id)
    }

    /// The factor that is asked for first.
    #[must_use]
    pub fn first(&self) -> Option<&Factor> {
        match self.need {
            Need::Factor(id) => self.factor(id),
            Need::Nothing | Need::Unmet => None,
        }
    }
}

/// A road whose next step is a factor.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The road.
    pub on: On,
    /// What its account has.
    pub means: Means,
    /// The factor that is asked for now.
    pub factor: Factor,
    /// The code that was sent, where the factor is one that is sent.
    pub challenge: Option<ChallengeId>,
}

/// A try at a factor.
pub(super) struct Tried {
    pub(super) checked: Checked,
    /// Whether this wrong try first brought a delay, or the lock: the owner is told.
    pub(super) alarming: bool,
}

/// What came of typed digits.
pub(super) enum Checked {
    /// They are right, and won: nobody else can use them.
    Right,
    /// They are not.
    Wrong,
    /// The last try at this code, or it was used.
    UsedUp,
    /// The code is too old.
    Expired,
    /// Too many tries of this account's factor; not before then.
    Wait(Timestamp),
    /// Only staff or a letter can help.
    Locked,
}

impl Asking {
    /// The account's factor that is asked for. One that was removed meanwhile is replaced by the next one, without its code; `None` when
    /// there is no other.
    #[must_use]
    pub fn of(on: On, means: Means, factor: FactorId, challenge: Option<ChallengeId>) -> Option<Self> {
        let found = means.factor(factor).map(|factor| (factor.clone(), challenge));
        let (factor, challenge) = found.or_else(|| means.first().map(|factor| (factor.clone(), None)))?;
        Some(Self { on, means, factor, challenge })
    }

    /// How long until another code may be sent.
    pub(super) fn wait(&self, rx: &mut Rx<'_>, realm: &Realm, now: Timestamp) -> Result<Duration> {
        match self.factor.kind {
            FactorKind::Sms => pause(rx, realm, self.means.account.id, now),
            FactorKind::Totp => Ok(Duration::ZERO),
        }
    }

    /// Takes a try at the factor, then compares and wins the code. A wrong one is recorded. One count for each account and kind of
    /// factor, whatever road is taken: it is cleared by [`Asking::answered`] once the road went on.
    pub(super) fn check(&self, tx: &mut Tx<'_>, realm: &Realm, now: Timestamp, digits: &str, failed: &Event) -> Result<Tried> {
        let (account, policy) = (self.means.account.id, realm.policy());
        let subject = subject(realm, account, self.factor.kind)?;
        let unheard = |checked| Ok(Tried { checked, alarming: false });
        match limits::take_try(tx, Counter::Factor, subject, now, policy)? {
            Taken::Granted => {}
            Taken::Wait { until } => return unheard(Checked::Wait(until)),
            Taken::Locked => return unheard(Checked::Locked),
        }
        let alarming = limits::is_alarming(tx, Counter::Factor, subject, policy)?;
        let checked = self.compare(tx, realm, now, digits)?;
        if matches!(checked, Checked::Right) {
            return unheard(checked);
        }
        record(tx, &failed.clone().about(account).with("factor", self.factor.kind.as_str()))?;
        Ok(Tried { checked, alarming })
    }

    fn compare(&self, tx: &mut Tx<'_>, realm: &Realm, now: Timestamp, digits: &str) -> Result<Checked> {
        let factor = &self.factor;
        match factor.kind {
            FactorKind::Totp => {
                let step = factor.secret(realm)?.check(digits, now, factor.last_step);
                let won = match step {
                    Some(step) => factor::use_totp_step(tx, factor.id, step, now)?,
                    None => false,
                };
                Ok(if won { Checked::Right } else { Checked::Wrong })
            }
            FactorKind::Sms => {
                let Some(challenge) = self.challenge else {
                    return Ok(Checked::UsedUp);
                };
                let bound = bound(self.on, self.means.account.id, &factor.number(realm)?);
                Ok(match otp::check(tx, realm, now, challenge, &bound, digits)? {
                    otp::Checked::Right => Checked::Right,
                    otp::Checked::Wrong { left: 0 } | otp::Checked::Spent => Checked::UsedUp,
                    otp::Checked::Wrong { .. } => Checked::Wrong,
                    otp::Checked::Expired => Checked::Expired,
                })
            }
        }
    }

    /// Sends another code: of the running challenge, else (none runs, or its tries are spent) of a new one. What was prepared for another
    /// factor or challenge than is asked for now leads nowhere.
    pub(super) fn send_again(&self, tx: &mut Tx<'_>, realm: &Realm, again: Option<&Code>, first: &Code) -> Result<Sending> {
        if first.to.id != self.factor.id || self.challenge != again.map(Code::challenge) {
            return Ok(Sending::Moved);
        }
        if let Some(again) = again
            && let Some(sending) = again.resend(tx, realm)?
        {
            return Ok(sending);
        }
        first.start(tx, realm)
    }

    /// The factor was right and the road went on: its tries and sendings begin anew.
    pub(super) fn answered(&self, tx: &mut Tx<'_>, realm: &Realm, now: Timestamp) -> Result<()> {
        let account = self.means.account.id;
        limits::succeed(tx, Counter::Factor, subject(realm, account, self.factor.kind)?)?;
        code::clear(tx, realm, account)?;
        factor::note_used(tx, self.factor.id, now)
    }
}

/// Forgets an account's wrong tries at factors, and what was sent for it today: its factors are new.
pub fn forget_tries(tx: &mut Tx<'_>, realm: &Realm, account: AccountId) -> Result<()> {
    for kind in FactorKind::ALL {
        limits::succeed(tx, Counter::Factor, subject(realm, account, kind)?)?;
    }
    code::clear(tx, realm, account)
}

/// What each of an account's counts of factors, and the day's limit of codes sent to it, would say to another try.
pub fn standings(rx: &mut Rx<'_>, realm: &Realm, account: AccountId, now: Timestamp) -> Result<Vec<Taken>> {
    let mut standings = Vec::new();
    for kind in FactorKind::ALL {
        standings.push(limits::standing(rx, Counter::Factor, subject(realm, account, kind)?, now, realm.policy())?);
    }
    standings.extend(code::used_up_until(rx, realm, account, now)?.map(|until| Taken::Wait { until }));
    Ok(standings)
}

/// Whose tries of a kind of factor are counted.
fn subject(realm: &Realm, account: AccountId, kind: FactorKind) -> Result<Digest> {
    let text = format!("{account}/{}", kind.as_str());
    Ok(realm.vault.digest(Purpose::Lookup, "factor", &text)?.1)
}
