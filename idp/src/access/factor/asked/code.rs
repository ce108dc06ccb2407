//! A code by text message for an account's phone, ready to leave.

use super::rules::{On, Owned};
use crate::access::factor::Factor;
use crate::access::factor::otp::{self, Bound, Channel};
use crate::access::factor::sms::PhoneNumber;
use crate::app::App;
use crate::directory::account::Account;
use crate::error::Result;
use crate::lang::Lang;
use crate::operations::audit::{Actor, Event, record};
use crate::operations::limits::{self, Counter};
use crate::operations::outbox::{self, Message, SmsCode, Target};
use crate::realm::Realm;
use crate::settings::FactorKind;
use crate::store::{Rx, Tx};
use crate::vault;
use poterne_protocol::id::{AccountId, ChallengeId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A number to do work for; nothing is sent to it.
const NOBODYS_NUMBER: &str = "+41790000000";

/// What came of asking for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It was sent, with this challenge.
    Sent(ChallengeId),
    /// Not yet.
    TooSoon(Duration),
    /// No more of this challenge, or no more today.
    UsedUp,
    /// The road has moved on meanwhile: look again.
    Moved,
}

/// Does the work of [`Code::new`] for a text message and keeps nothing of it, so that the time tells nobody who has a phone.
///
/// # Errors
/// As [`Code::new`].
pub fn pretend(app: &App, realm: &Realm, now: Timestamp, lang: Lang) -> Result<()> {
    let target = NOBODYS_NUMBER.to_owned();
    let bound = Bound { purpose: otp::Purpose::ResetFactor, owner: [0; 16], account: None, channel: Channel::Sms, target };
    let challenge = otp::Prepared::new(app, realm, now, bound)?;
    let message = Message::SmsCode(SmsCode { code: challenge.digits().to_owned() });
    let target = Target::Sms(NOBODYS_NUMBER.to_owned());
    outbox::prepare(app, realm, now, lang, &target, &message, Some(challenge.expires_at())).map(drop)
}

/// What the codes of a road are bound to.
pub(super) fn bound(on: On, account: AccountId, number: &PhoneNumber) -> Bound {
    let target = number.e164().to_owned();
    Bound { purpose: on.purpose(), owner: on.owner(), account: Some(account), channel: Channel::Sms, target }
}

/// Whose sendings are counted.
fn sendings_of(realm: &Realm, account: AccountId) -> Result<Digest> {
    Ok(realm.vault.digest(vault::Purpose::Lookup, "sending", &format!("account:{account}"))?.1)
}

/// How long until another code may be sent to the account's phones, whatever road or browser asks for it.
pub(super) fn pause(rx: &mut Rx<'_>, realm: &Realm, account: AccountId, now: Timestamp) -> Result<Duration> {
    let ends = limits::full_until(rx, Counter::SmsPause, sendings_of(realm, account)?, now, 1)?;
    Ok(ends.map_or(Duration::ZERO, |ends| ends.since(now)))
}

/// When codes can be sent to the account again, where the day's are used up.
pub(super) fn used_up_until(rx: &mut Rx<'_>, realm: &Realm, account: AccountId, now: Timestamp) -> Result<Option<Timestamp>> {
    limits::full_until(rx, Counter::Sending, sendings_of(realm, account)?, now, realm.policy().otp_challenges)
}

/// The counts of sendings begin anew: whoever got a code has answered it.
pub(super) fn clear(tx: &mut Tx<'_>, realm: &Realm, account: AccountId) -> Result<()> {
    let subject = sendings_of(realm, account)?;
    limits::succeed(tx, Counter::Sending, subject)?;
    limits::succeed(tx, Counter::SmsPause, subject)
}

/// For which factor of whom, and on what, a code is made.
pub struct To<'a> {
    /// On what it is asked for.
    pub on: On,
    /// Whose factor.
    pub account: &'a Account,
    /// Which one.
    pub factor: &'a Factor,
}

/// A code with its message, made outside the transaction that sends it.
#[derive(Clone)]
pub struct Code {
    /// The factor that it goes to.
    pub to: Owned,
    account: AccountId,
    at: Timestamp,
    challenge: otp::Prepared,
    message: outbox::Prepared,
    sent: Event,
}

impl Code {
    /// The first code of a new challenge, or another one of a challenge that runs; `None` for a factor that needs none sent.
    ///
    /// # Errors
    /// When the number cannot be unsealed or the message not be written.
    pub fn new(app: &App, realm: &Realm, now: Timestamp, to: &To<'_>, running: Option<ChallengeId>) -> Result<Option<Self>> {
        let To { on, account, factor } = *to;
        if factor.kind != FactorKind::Sms {
            return Ok(None);
        }
        let number = factor.number(realm)?;
        let bound = bound(on, account.id, &number);
        let challenge = match running {
            None => otp::Prepared::new(app, realm, now, bound)?,
            Some(id) => otp::Prepared::again(app, realm, now, id, bound)?,
        };
        let message = Message::SmsCode(SmsCode { code: challenge.digits().to_owned() });
        let target = Target::Sms(number.e164().to_owned());
        let message = outbox::prepare(app, realm, now, account.language, &target, &message, Some(challenge.expires_at()))?;
        let sent = Event::new(app, now, on.code_sent(), Actor::Account(account.id)).about(account.id);
        let sent = sent.with("to", target.masked());
        let to = Owned { id: factor.id, kind: factor.kind };
        Ok(Some(Self { to, account: account.id, at: now, challenge, message, sent }))
    }

    /// The challenge that it belongs to.
    #[must_use]
    pub const fn challenge(&self) -> ChallengeId {
        self.challenge.id()
    }

    /// Starts the challenge and sends its code, unless one left for this account a moment ago, or too many today that nobody answered.
    ///
    /// # Errors
    /// Of the database.
    pub fn start(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<Sending> {
        let pause = pause(tx, realm, self.account, self.at)?;
        if !pause.is_zero() {
            return Ok(Sending::TooSoon(pause));
        }
        let subject = sendings_of(realm, self.account)?;
        if !limits::count_event(tx, Counter::Sending, subject, self.at, realm.policy().otp_challenges, DAY)? {
            return Ok(Sending::UsedUp);
        }
        otp::start(tx, &self.challenge)?;
        self.leave(tx, realm)
    }

    /// Sends another code of the running challenge, if it may be; `None` when its tries are spent.
    pub(super) fn resend(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<Option<Sending>> {
        let pause = pause(tx, realm, self.account, self.at)?;
        if !pause.is_zero() {
            return Ok(Some(Sending::TooSoon(pause)));
        }
        Ok(match otp::resend(tx, realm, &self.challenge)? {
            otp::Resend::Sent => Some(self.leave(tx, realm)?),
            otp::Resend::TooSoon { wait } => Some(Sending::TooSoon(wait)),
            otp::Resend::TooMany => Some(Sending::UsedUp),
            otp::Resend::Spent => None,
        })
    }

    /// The six digits.
    #[cfg(test)]
    pub(in crate::access) fn digits(&self) -> &str {
        self.challenge.digits()
    }

    fn leave(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<Sending> {
        let span = realm.policy().otp_resend();
        limits::count_event(tx, Counter::SmsPause, sendings_of(realm, self.account)?, self.at, 1, span)?;
        outbox::enqueue(tx, &self.message)?;
        record(tx, &self.sent)?;
        Ok(Sending::Sent(self.challenge.id()))
    }
}
