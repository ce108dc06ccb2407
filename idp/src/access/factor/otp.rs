//! Challenges: six-digit codes sent by mail or text message. A code lives ten minutes, works once, and only for the purpose, owner
//! and target it was sent for; all codes of one challenge share their tries (`Policy`; OWASP ASVS 5.0 6.5, 6.6).

mod rules;
mod store;

pub use rules::{Checked, Resend};
pub use store::{check, may_resend, resend, start};

use crate::app::App;
use crate::error::Result;
use crate::realm::Realm;
use crate::vault::{self, Place};
use poterne_protocol::id::{AccountId, ChallengeId, KeyId};
use poterne_protocol::secret::{Digest, Sealed, Secret};
use poterne_protocol::time::Timestamp;

/// What a code is sent for. It proves nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// That an e-mail address is the person's own (V-22, S-09).
    ConfirmEmail,
    /// That a phone number is the person's own (V-28, S-13).
    ConfirmPhone,
    /// The second factor of a sign-in.
    SignIn,
    /// That a reset of a password comes from who reads the account's mail (V-06).
    ResetPassword,
    /// The second factor of a reset.
    ResetFactor,
}

impl Purpose {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmEmail => "confirm_email",
            Self::ConfirmPhone => "confirm_phone",
            Self::SignIn => "sign_in",
            Self::ResetPassword => "reset_password",
            Self::ResetFactor => "reset_factor",
        }
    }
}

/// How a code travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// By e-mail.
    Mail,
    /// By text message.
    Sms,
}

impl Channel {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }
}

/// What a challenge is bound to: asked with anything else, no code is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// What it is for.
    pub purpose: Purpose,
    /// The flow, enrollment or reset it belongs to, by the bytes of its id.
    pub owner: [u8; 16],
    /// The account, where there is one already.
    pub account: Option<AccountId>,
    /// How the code travels.
    pub channel: Channel,
    /// Where to: a canonical e-mail address, or a number in E.164 form.
    pub target: String,
}

/// A code ready to be started or sent again. The clear digits are for the message alone: after that nobody can read them.
#[derive(Clone)]
pub struct Prepared {
    id: ChallengeId,
    bound: Bound,
    target: Sealed,
    digits: Secret,
    key: KeyId,
    digest: Digest,
    at: Timestamp,
    expires_at: Timestamp,
}

impl Prepared {
    /// The first code of a new challenge.
    pub fn new(app: &App, realm: &Realm, now: Timestamp, bound: Bound) -> Result<Self> {
        Self::again(app, realm, now, ChallengeId::new(now, app.entropy.bytes()), bound)
    }

    /// Another code of a challenge, for the same purpose, owner and target.
    pub fn again(app: &App, realm: &Realm, now: Timestamp, id: ChallengeId, bound: Bound) -> Result<Self> {
        let digits = Secret::new(format!("{:06}", app.entropy.below(1_000_000)));
        let place = Place { table: "challenge", column: "target", row: id.as_bytes() };
        let target = realm.vault.seal(&app.entropy, place, bound.target.as_bytes())?;
        let (kind, text) = digested(id, &bound, digits.expose());
        let (key, digest) = realm.vault.digest(vault::Purpose::Code, &kind, &text)?;
        let expires_at = now.plus(realm.policy().otp());
        Ok(Self { id, bound, target, digits, key, digest, at: now, expires_at })
    }

    /// Names the challenge; no secret.
    #[must_use]
    pub const fn id(&self) -> ChallengeId {
        self.id
    }

    /// The six digits, for the message.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.digits.expose()
    }

    /// When this code is no longer good: the message need not be delivered after that.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// What the keyed digest of a code is made of: kind and text.
fn digested(id: ChallengeId, bound: &Bound, digits: &str) -> (String, String) {
    (format!("{}/{id}", bound.purpose.as_str()), format!("{}\n{digits}", bound.target))
}
