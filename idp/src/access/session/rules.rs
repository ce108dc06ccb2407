//! What a session is, and when it lives.

use crate::settings::Policy;
use poterne_protocol::claims::acr;
use poterne_protocol::id::{AccountId, BrowserId, SessionId};
use poterne_protocol::time::Timestamp;

/// How a person proved who they are (RFC 8176 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amr {
    /// A password.
    Pwd,
    /// A code of an authenticator app.
    Otp,
    /// A code by SMS.
    Sms,
}

impl Amr {
    const ALL: [Self; 3] = [Self::Pwd, Self::Otp, Self::Sms];

    /// The registered value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Sms => "sms",
        }
    }

    /// Reads a registered value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// The level that these methods reach together.
#[must_use]
pub fn acr_of(amr: &[Amr]) -> &'static str {
    let second = amr.iter().any(|method| matches!(method, Amr::Otp | Amr::Sms));
    if amr.contains(&Amr::Pwd) && second { acr::MULTI } else { acr::SINGLE }
}

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names the session. It is never handed out: clients know it by a `sid` of their own.
    pub id: SessionId,
    /// The browser that owns it.
    pub browser: BrowserId,
    /// Whose it is.
    pub account: AccountId,
    /// When the person last proved who they are (`auth_time`).
    pub auth_time: Timestamp,
    /// The level reached then.
    pub acr: String,
    /// How, in the order it was proven.
    pub amr: Vec<Amr>,
    /// When it was last used at the provider.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether the session lives: neither idle for too long nor too old.
    #[must_use]
    pub fn is_live(&self, now: Timestamp, policy: &Policy) -> bool {
        now < self.expires_at && now.since(self.last_used_at) < policy.session_idle()
    }
}

/// What was just proven, to become a session.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Names the session, unless the account's current one goes on.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// When it was proven.
    pub auth_time: Timestamp,
    /// How, in the order it was proven.
    pub amr: Vec<Amr>,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_password_with_a_second_factor_reaches_the_multi_level() {
        assert_eq!(acr_of(&[Amr::Pwd, Amr::Sms]), acr::MULTI);
        assert_eq!(acr_of(&[Amr::Pwd, Amr::Otp]), acr::MULTI);
        assert_eq!(acr_of(&[Amr::Pwd]), acr::SINGLE);
        assert_eq!(acr_of(&[Amr::Sms]), acr::SINGLE);
        assert_eq!(acr_of(&[]), acr::SINGLE);
    }
}
