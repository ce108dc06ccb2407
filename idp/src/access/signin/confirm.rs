//! What the page of the second factor reads and changes, each in one transaction.

use super::code::{Code, bound};
use super::rules::{Next, Owned, Proof, Stand, next_step};
use super::store::{Fresh, Means, Visit, moved};
use crate::access::factor::{self, otp};
use crate::access::flow::{self, Flow, Progress};
use crate::error::{Failure, Result};
use crate::operations::audit::{Event, record};
use crate::operations::limits::{self, Counter, Taken};
use crate::settings::FactorKind;
use crate::store::{Rx, Tx};
use crate::vault::Purpose;
use poterne_protocol::id::{BrowserId, ChallengeId, FactorId};
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// A sign-in whose password was right, waiting for its factor.
#[derive(Clone)]
pub(super) struct Asking {
    pub(super) flow: Flow,
    pub(super) means: Means,
    /// The factor that is asked for now.
    pub(super) factor: factor::Factor,
    /// The code that was sent, where the factor is one that is sent.
    pub(super) challenge: Option<ChallengeId>,
    proven_at: Timestamp,
}

/// What came of a typed code.
pub(super) enum Confirmed {
    /// There is a session; the browser gets this new handle.
    Session(Handle<BrowserId>),
    /// The code is not right.
    Wrong,
    /// The last try at this code, or it was used.
    UsedUp,
    /// The code is too old.
    Expired,
    /// Too many tries of this account's factor; not before then.
    Wait(Timestamp),
    /// Only staff or a letter can help.
    Locked,
    /// The account may no longer sign in.
    Refused,
    /// The flow has moved on meanwhile: look again.
    Moved,
}

/// What came of asking for another code.
pub(super) enum Sending {
    /// It was sent.
    Sent,
    /// Not yet.
    TooSoon(Duration),
    /// No more today.
    UsedUp,
    /// The flow has moved on meanwhile: look again.
    Moved,
}

impl Asking {
    pub(super) const fn owned(&self) -> Owned {
        Owned { id: self.factor.id, kind: self.factor.kind }
    }

    fn progress(&self, factor: FactorId, challenge: Option<ChallengeId>) -> Progress {
        Progress::Password { account: self.means.account.id, proven_at: self.proven_at, factor, challenge }
    }
}

impl Visit {
    /// The sign-in that waits for its factor; `None` when this flow is not there.
    pub(super) fn asking(&self, rx: &mut Rx<'_>) -> Result<Option<Asking>> {
        let seen = self.see(rx)?;
        let (Stand::Factor, Some(flow)) = (seen.stand, seen.flow) else {
            return Ok(None);
        };
        let Progress::Password { account, proven_at, factor, challenge } = flow.progress else {
            return Ok(None);
        };
        let Some(means) = self.means(rx, account)? else {
            return Ok(None);
        };
        // A factor that was removed meanwhile is replaced by the next one, without its code.
        let found = means.factor(factor).map(|(_, factor)| (factor.clone(), challenge));
        let found = found.or_else(|| means.first().map(|(_, factor)| (factor.clone(), None)));
        Ok(found.map(|(factor, challenge)| Asking { flow, means, factor, challenge, proven_at }))
    }

    /// How long until another code may be sent.
    pub(super) fn wait(&self, rx: &mut Rx<'_>, asking: &Asking) -> Result<Duration> {
        let (FactorKind::Sms, Some(challenge)) = (asking.factor.kind, asking.challenge) else {
            return Ok(Duration::ZERO);
        };
        let bound = bound(asking.flow.id, asking.means.account.id, &asking.factor.number(&self.realm)?);
        match otp::may_resend(rx, &self.realm, self.now, challenge, &bound)? {
            otp::Resend::TooSoon { wait } => Ok(wait),
            otp::Resend::Sent | otp::Resend::TooMany | otp::Resend::Spent => Ok(Duration::ZERO),
        }
    }

    /// Takes a try at the factor, compares, and if the code is right, and won, signs in: all of it or nothing.
    pub(super) fn confirm(&self, tx: &mut Tx<'_>, digits: &str, fresh: &Fresh, failed: &Event) -> Result<Confirmed> {
        let Some(asking) = self.asking(tx)? else {
            return Ok(Confirmed::Moved);
        };
        let account = asking.means.account.id;
        let subject = self.factor_subject(&asking)?;
        match limits::take_try(tx, Counter::Factor, subject, self.now, self.realm.policy())? {
            Taken::Granted => {}
            Taken::Wait { until } => return Ok(Confirmed::Wait(until)),
            Taken::Locked => return Ok(Confirmed::Locked),
        }
        let alarming = limits::is_alarming(tx, Counter::Factor, subject, self.realm.policy())?;
        if let Some(refusal) = self.compare(tx, &asking, digits)? {
            if alarming {
                fresh.password_known.leave_once_a_day(tx)?;
            }
            let kind = asking.factor.kind.as_str();
            record(tx, &failed.clone().about(account).with("factor", kind))?;
            return Ok(refusal);
        }
        let proof = Proof::Factor(asking.factor.id);
        match next_step(&asking.flow.progress, proof, &asking.means.person(self.now)) {
            Next::Session(methods) => {
                limits::succeed(tx, Counter::Factor, subject)?;
                factor::note_used(tx, asking.factor.id, self.now)?;
                Ok(Confirmed::Session(self.sign_in(tx, &asking.flow, account, methods, fresh)?))
            }
            Next::Refuse => {
                record(tx, &failed.clone().about(account).with("reason", "not active"))?;
                Ok(Confirmed::Refused)
            }
            Next::Factor(_) => Err(Failure::internal("a factor never leads to a factor")),
        }
    }

    /// Compares and wins the code; `None` when it is right.
    fn compare(&self, tx: &mut Tx<'_>, asking: &Asking, digits: &str) -> Result<Option<Confirmed>> {
        let factor = &asking.factor;
        match factor.kind {
            FactorKind::Totp => {
                let step = factor.secret(&self.realm)?.check(digits, self.now, factor.last_step);
                let won = match step {
                    Some(step) => factor::use_totp_step(tx, factor.id, step, self.now)?,
                    None => false,
                };
                Ok((!won).then_some(Confirmed::Wrong))
            }
            FactorKind::Sms => {
                let Some(challenge) = asking.challenge else {
                    return Ok(Some(Confirmed::UsedUp));
                };
                let bound = bound(asking.flow.id, asking.means.account.id, &factor.number(&self.realm)?);
                Ok(match otp::check(tx, &self.realm, self.now, challenge, &bound, digits)? {
                    otp::Checked::Right => None,
                    otp::Checked::Wrong { left: 0 } | otp::Checked::Spent => Some(Confirmed::UsedUp),
                    otp::Checked::Wrong { .. } => Some(Confirmed::Wrong),
                    otp::Checked::Expired => Some(Confirmed::Expired),
                })
            }
        }
    }

    /// Sends another code: of the running challenge, else (none runs, or its tries are spent) of a new one.
    pub(super) fn send_again(&self, tx: &mut Tx<'_>, again: Option<&Code>, first: &Code) -> Result<Sending> {
        let Some(asking) = self.asking(tx)?.filter(|asking| asking.owned() == first.to) else {
            return Ok(Sending::Moved);
        };
        if asking.challenge != again.map(Code::challenge) {
            return Ok(Sending::Moved);
        }
        if let Some(again) = again {
            match again.resend(tx, &self.realm)? {
                otp::Resend::Sent => return Ok(Sending::Sent),
                otp::Resend::TooSoon { wait } => return Ok(Sending::TooSoon(wait)),
                otp::Resend::TooMany => return Ok(Sending::UsedUp),
                otp::Resend::Spent => {}
            }
        }
        match first.start(tx, &self.realm, self.now, asking.means.account.id)? {
            Some(challenge) => {
                moved(flow::save(tx, &asking.flow, &asking.progress(first.to.id, Some(challenge)))?)?;
                Ok(Sending::Sent)
            }
            None => Ok(Sending::UsedUp),
        }
    }

    /// Asks for another factor of the same account; a code is sent where it is one that is sent. The password stays proven, no more.
    pub(super) fn use_other(&self, tx: &mut Tx<'_>, id: FactorId, code: Option<&Code>) -> Result<()> {
        let Some(asking) = self.asking(tx)? else {
            return Ok(());
        };
        if asking.factor.id == id || asking.means.factor(id).is_none() {
            return Ok(());
        }
        let challenge = match code.filter(|code| code.to.id == id) {
            Some(code) => code.start(tx, &self.realm, self.now, asking.means.account.id)?,
            None => None,
        };
        moved(flow::save(tx, &asking.flow, &asking.progress(id, challenge))?)
    }

    fn factor_subject(&self, asking: &Asking) -> Result<Digest> {
        let text = format!("{}/{}", asking.means.account.id, asking.factor.kind.as_str());
        Ok(self.realm.vault.digest(Purpose::Lookup, "factor", &text)?.1)
    }
}
