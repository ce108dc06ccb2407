//! The code by mail. Who has no account, or may not sign in, costs the same work and the same rows; only the mail does not leave.

use super::store::Recovery;
use super::visit::Seen;
use crate::access::factor::otp::{self, Bound, Channel, Purpose};
use crate::access::signin::TypedName;
use crate::directory::account::Account;
use crate::error::Result;
use crate::operations::limits::{self, Counter};
use crate::operations::outbox::{self, Message, PasswordResetCode, Target};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::vault;
use crate::web::agent;
use crate::web::context::Ctx;
use crate::web::form::minutes;
use poterne_protocol::id::{AccountId, BrowserId, ChallengeId, RecoveryId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Whom a typed name stands for, as far as codes go.
pub(super) struct Addressee<'a> {
    /// The account; `None` where nobody may get a code.
    pub(super) account: Option<&'a Account>,
    /// The typed name, read.
    pub(super) name: &'a TypedName,
    /// The browser that asks, where the account is known in it.
    pub(super) known_in: Option<BrowserId>,
}

impl Addressee<'_> {
    /// Whose resets are counted: an account's, whatever name was typed for it, else those of the name. A browser in which the account is
    /// known counts apart from the rest of the world, so that strangers never use up what its owner may ask for there.
    pub(super) fn subject(&self, realm: &Realm) -> Result<Digest> {
        match (self.account, self.known_in) {
            (Some(account), Some(browser)) => counted(realm, &known_count(account.id, browser)),
            (Some(account), None) => counted(realm, &strangers_count(account.id)),
            (None, _) => counted(realm, &format!("name:{}", self.name.normal())),
        }
    }

    /// What its codes are bound to.
    pub(super) fn bound(&self, id: RecoveryId) -> Bound {
        let target = self.account.map_or_else(|| self.name.normal().to_owned(), |account| account.email.clone());
        let account = self.account.map(|account| account.id);
        Bound { purpose: Purpose::ResetPassword, owner: *id.as_bytes(), account, channel: Channel::Mail, target }
    }
}

/// What came of asking for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    /// It is on its way, if there is somebody to get it.
    Sent,
    /// Not yet.
    TooSoon(Duration),
    /// No more of this challenge, or no more today.
    UsedUp,
    /// The challenge has no tries left: only a new one helps.
    Spent,
}

/// A code with its mail, made outside the transaction that sends it.
#[derive(Clone)]
pub(super) struct Code {
    challenge: otp::Prepared,
    message: outbox::Prepared,
    known: bool,
    subject: Digest,
    at: Timestamp,
}

impl Code {
    /// The first code of a new challenge, or another one of a challenge that runs.
    pub(super) fn new(ctx: &Ctx, id: RecoveryId, to: &Addressee<'_>, running: Option<ChallengeId>) -> Result<Self> {
        let (app, realm, now) = (&ctx.app, ctx.realm.as_ref(), ctx.now);
        let bound = to.bound(id);
        let target = Target::Mail(bound.target.clone());
        let challenge = match running {
            None => otp::Prepared::new(app, realm, now, bound)?,
            Some(id) => otp::Prepared::again(app, realm, now, id, bound)?,
        };
        let message = Message::PasswordResetCode(PasswordResetCode {
            code: challenge.digits().to_owned(),
            minutes: minutes(realm.policy().otp()),
            asked_from: ctx.user_agent.as_deref().and_then(agent::in_words),
        });
        let lang = to.account.map_or(ctx.lang, |account| account.language);
        let message = outbox::prepare(app, realm, now, lang, &target, &message, Some(challenge.expires_at()))?;
        Ok(Self { challenge, message, known: to.account.is_some(), subject: to.subject(realm)?, at: now })
    }

    /// The challenge that it belongs to.
    pub(super) const fn challenge(&self) -> ChallengeId {
        self.challenge.id()
    }

    /// Starts the challenge, unless a code was asked for a moment ago, or too often today.
    pub(super) fn start(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<Sending> {
        if let Some(wait) = pause(tx, self.subject, self.at)? {
            return Ok(Sending::TooSoon(wait));
        }
        if !limits::count_event(tx, Counter::Recovery, self.subject, self.at, realm.policy().otp_challenges, DAY)? {
            return Ok(Sending::UsedUp);
        }
        otp::start(tx, &self.challenge)?;
        self.leave(tx, realm)
    }

    /// Another code of the running challenge, if it may be.
    pub(super) fn resend(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<Sending> {
        if let Some(wait) = pause(tx, self.subject, self.at)? {
            return Ok(Sending::TooSoon(wait));
        }
        match otp::resend(tx, realm, &self.challenge)? {
            otp::Resend::Sent => self.leave(tx, realm),
            otp::Resend::TooSoon { wait } => Ok(Sending::TooSoon(wait)),
            otp::Resend::TooMany => Ok(Sending::UsedUp),
            otp::Resend::Spent => Ok(Sending::Spent),
        }
    }

    fn leave(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<Sending> {
        limits::count_event(tx, Counter::RecoveryPause, self.subject, self.at, 1, realm.policy().otp_resend())?;
        if self.known {
            outbox::enqueue(tx, &self.message)?;
        }
        Ok(Sending::Sent)
    }
}

/// How long until another code may be asked for, if that is not now.
pub(super) fn pause(rx: &mut Rx<'_>, subject: Digest, now: Timestamp) -> Result<Option<Duration>> {
    Ok(limits::full_until(rx, Counter::RecoveryPause, subject, now, 1)?.map(|ends| ends.since(now)))
}

fn counted(realm: &Realm, text: &str) -> Result<Digest> {
    Ok(realm.vault.digest(vault::Purpose::Lookup, "recovery", text)?.1)
}

fn known_count(account: AccountId, browser: BrowserId) -> String {
    format!("device:{account}:{browser}")
}

fn strangers_count(account: AccountId) -> String {
    format!("account:{account}")
}

/// The counts of an account's resets begin anew, strangers' and those of this browser: its password is changed.
pub(super) fn clear(tx: &mut Tx<'_>, realm: &Realm, account: AccountId, browser: BrowserId) -> Result<()> {
    for text in [strangers_count(account), known_count(account, browser)] {
        let subject = counted(realm, &text)?;
        limits::succeed(tx, Counter::Recovery, subject)?;
        limits::succeed(tx, Counter::RecoveryPause, subject)?;
    }
    Ok(())
}

/// Whom a reset is for, as it began.
pub(super) fn addressee<'a>(recovery: &Recovery, seen: &'a Seen, name: &'a TypedName) -> Addressee<'a> {
    let account = seen.means.as_ref().map(|means| &means.account);
    let known_in = seen.known_device.then_some(recovery.browser);
    Addressee { account: account.filter(|account| recovery.account == Some(account.id)), name, known_in }
}
