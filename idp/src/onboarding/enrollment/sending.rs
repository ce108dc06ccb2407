//! The codes that an enrollment sends: by mail to confirm the address, by text message to confirm the number.

use super::store::Row;
use crate::access::factor::otp::{self, Bound, Channel, Purpose};
use crate::error::Result;
use crate::operations::limits::{self, Counter};
use crate::operations::outbox::{self, EmailCode, EmailTaken, Message, SmsCode, Target};
use crate::realm::Realm;
use crate::store::Tx;
use crate::vault;
use crate::web::agent;
use crate::web::context::Ctx;
use poterne_protocol::id::{ChallengeId, EnrollmentId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// Where a code goes, as the enrollment asks for it.
#[derive(Debug, Clone)]
pub enum To<'a> {
    /// To an address nobody has yet.
    Email(&'a str),
    /// To an address that has an account: no code, but word to its owner (`decisions.md` 14). All else is the same.
    TakenEmail(&'a str),
    /// To a number in E.164 form.
    Phone(&'a str),
}

/// A code ready to be sent, with its message.
#[derive(Clone)]
pub struct Outgoing {
    code: otp::Prepared,
    message: outbox::Prepared,
    subjects: [Digest; 2],
    at: Timestamp,
}

/// What the code of an enrollment for this target is bound to.
#[must_use]
pub fn bound(id: EnrollmentId, to: &To<'_>) -> Bound {
    let (purpose, channel, target) = match to {
        To::Email(email) | To::TakenEmail(email) => (Purpose::ConfirmEmail, Channel::Mail, *email),
        To::Phone(number) => (Purpose::ConfirmPhone, Channel::Sms, *number),
    };
    Bound { purpose, owner: *id.as_bytes(), account: None, channel, target: target.to_owned() }
}

impl Outgoing {
    /// Prepares a code: the first of a new challenge, or a further one of `again`.
    pub fn new(ctx: &Ctx, row: &Row, to: &To<'_>, again: Option<ChallengeId>, portal: Option<&str>) -> Result<Self> {
        let (app, realm, now) = (&ctx.app, ctx.realm.as_ref(), ctx.now);
        let bound = bound(row.id, to);
        let code = match again {
            None => otp::Prepared::new(app, realm, now, bound)?,
            Some(id) => otp::Prepared::again(app, realm, now, id, bound)?,
        };
        let asked_from = ctx.user_agent.as_deref().and_then(agent::in_words);
        let (digits, portal, minutes) = (code.digits().to_owned(), portal.map(str::to_owned), minutes(realm));
        let (target, message, kind) = match to {
            To::Email(email) => {
                let code = EmailCode { code: digits, minutes, app: portal, asked_from };
                (Target::Mail((*email).to_owned()), Message::EmailCode(code), "mail")
            }
            To::TakenEmail(email) => {
                let taken = EmailTaken { app: portal, asked_from };
                (Target::Mail((*email).to_owned()), Message::EmailTaken(taken), "mail")
            }
            To::Phone(number) => (Target::Sms((*number).to_owned()), Message::SmsCode(SmsCode { code: digits }), "sms"),
        };
        let expires = Some(code.expires_at());
        let message = outbox::prepare(app, realm, now, ctx.lang, &target, &message, expires)?;
        let subject = |kind: &str, text: &str| realm.vault.digest(vault::Purpose::Lookup, kind, text).map(|(_, digest)| digest);
        let (Target::Mail(address) | Target::Sms(address)) = &target;
        let subjects = [subject("sending-target", address)?, subject(&format!("sending-{kind}"), &row.entry.to_string())?];
        Ok(Self { code, message, subjects, at: now })
    }

    /// The challenge.
    #[must_use]
    pub const fn challenge(&self) -> ChallengeId {
        self.code.id()
    }

    /// Begins the challenge and lets its message leave: `false` when as many were begun today for this target or person as may be.
    pub fn start(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<bool> {
        let limit = realm.policy().otp_challenges;
        for subject in self.subjects {
            if limits::is_reached(tx, Counter::Sending, subject, self.at, limit)? {
                return Ok(false);
            }
        }
        for subject in self.subjects {
            limits::count_event(tx, Counter::Sending, subject, self.at, limit, DAY)?;
        }
        otp::start(tx, &self.code)?;
        outbox::enqueue(tx, &self.message)?;
        Ok(true)
    }

    /// Sends a further code of its challenge, if it may be.
    pub fn again(&self, tx: &mut Tx<'_>, realm: &Realm) -> Result<otp::Resend> {
        let sent = otp::resend(tx, realm, &self.code)?;
        if sent == otp::Resend::Sent {
            outbox::enqueue(tx, &self.message)?;
        }
        Ok(sent)
    }
}

/// Minutes a code lives, for pages and messages.
#[must_use]
pub fn minutes(realm: &Realm) -> u32 {
    u32::try_from(realm.policy().otp_seconds.div_ceil(60)).unwrap_or(u32::MAX)
}
