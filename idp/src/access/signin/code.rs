//! A code by text message for a sign-in, ready to leave.

use super::rules::Owned;
use crate::access::factor::otp::{self, Bound, Channel, Purpose};
use crate::access::factor::sms::PhoneNumber;
use crate::app::App;
use crate::directory::account::Account;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::operations::limits::{Counter, count_event};
use crate::operations::outbox::{self, Message, SmsCode, Target};
use crate::realm::Realm;
use crate::store::Tx;
use crate::vault;
use poterne_protocol::id::{AccountId, ChallengeId, FlowId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a sign-in's code is bound to.
pub(super) fn bound(flow: FlowId, account: AccountId, number: &PhoneNumber) -> Bound {
    let owner = *flow.as_bytes();
    let target = number.e164().to_owned();
    Bound { purpose: Purpose::SignIn, owner, account: Some(account), channel: Channel::Sms, target }
}

/// Whose sendings are counted.
pub(super) fn sendings_of(realm: &Realm, account: AccountId) -> Result<Digest> {
    Ok(realm.vault.digest(vault::Purpose::Lookup, "sending", &format!("account:{account}"))?.1)
}

/// A code with its message, made outside the transaction that sends it.
#[derive(Clone)]
pub(super) struct Code {
    pub(super) to: Owned,
    challenge: otp::Prepared,
    message: outbox::Prepared,
    sent: Event,
}

/// For whom and where a code is made.
pub(super) struct Recipient<'a> {
    pub(super) account: &'a Account,
    pub(super) factor: Owned,
    pub(super) number: &'a PhoneNumber,
    pub(super) flow: FlowId,
}

impl Code {
    /// The first code of a new challenge, or another one of a challenge that runs.
    pub(super) fn new(
        app: &App,
        realm: &Realm,
        now: Timestamp,
        to: &Recipient<'_>,
        running: Option<ChallengeId>,
    ) -> Result<Self> {
        let bound = bound(to.flow, to.account.id, to.number);
        let challenge = match running {
            None => otp::Prepared::new(app, realm, now, bound)?,
            Some(id) => otp::Prepared::again(app, realm, now, id, bound)?,
        };
        let message = Message::SmsCode(SmsCode { code: challenge.digits().to_owned() });
        let target = Target::Sms(to.number.e164().to_owned());
        let lang = to.account.language;
        let message = outbox::prepare(app, realm, now, lang, &target, &message, Some(challenge.expires_at()))?;
        let sent = Event::new(app, now, "login.code_sent", Actor::Account(to.account.id)).about(to.account.id);
        Ok(Self { to: to.factor, challenge, message, sent: sent.with("to", target.masked()) })
    }

    /// The challenge that it belongs to.
    pub(super) const fn challenge(&self) -> ChallengeId {
        self.challenge.id()
    }

    /// Starts the challenge and sends its code, unless the account had too many today that nobody answered.
    pub(super) fn start(
        &self,
        tx: &mut Tx<'_>,
        realm: &Realm,
        now: Timestamp,
        account: AccountId,
    ) -> Result<Option<ChallengeId>> {
        let subject = sendings_of(realm, account)?;
        if !count_event(tx, Counter::Sending, subject, now, realm.policy().otp_challenges, DAY)? {
            return Ok(None);
        }
        otp::start(tx, &self.challenge)?;
        self.leave(tx)?;
        Ok(Some(self.challenge.id()))
    }

    /// Sends another code of the running challenge, if it may be.
    pub(super) fn resend(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<otp::Resend> {
        let resend = otp::resend(tx, realm, &self.challenge)?;
        if resend == otp::Resend::Sent {
            self.leave(tx)?;
        }
        Ok(resend)
    }

    /// The six digits.
    #[cfg(test)]
    pub(super) fn digits(&self) -> &str {
        self.challenge.digits()
    }

    fn leave(&self, tx: &mut Tx<'_>) -> Result<()> {
        outbox::enqueue(tx, &self.message)?;
        record(tx, &self.sent)
    }
}
