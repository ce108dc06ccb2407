//! What a session is, and when it lives.

use crate::settings::Policy;
use poterne_protocol::claims::level::{Amr, Level};
use poterne_protocol::id::{AccountId, BrowserId, SessionId};
use poterne_protocol::time::Timestamp;

/// The level that these methods reach together.
#[must_use]
pub fn level_of(amr: &[Amr]) -> Level {
    let second = amr.iter().any(|method| matches!(method, Amr::Otp | Amr::Sms));
    if amr.contains(&Amr::Pwd) && second { Level::Multi } else { Level::Single }
}

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names the session. Only its own person's pages name it: clients know it by a `sid` of their own.
    pub id: SessionId,
    /// The browser that owns it.
    pub browser: BrowserId,
    /// Whose it is.
    pub account: AccountId,
    /// When the person last proved who they are (`auth_time`).
    pub auth_time: Timestamp,
    /// The level reached then.
    pub level: Level,
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
    /// The browser in words, for the account's owner.
    pub device: Option<String>,
    /// Where it is, as coarse as the address allowed, for the account's owner.
    pub place: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_password_with_a_second_factor_reaches_the_multi_level() {
        assert_eq!(level_of(&[Amr::Pwd, Amr::Sms]), Level::Multi);
        assert_eq!(level_of(&[Amr::Pwd, Amr::Otp]), Level::Multi);
        assert_eq!(level_of(&[Amr::Pwd]), Level::Single);
        assert_eq!(level_of(&[Amr::Sms]), Level::Single);
        assert_eq!(level_of(&[]), Level::Single);
    }
}
