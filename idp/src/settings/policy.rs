//! The one table of lifetimes and limits. A realm's document may set any of them.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Lifetimes in seconds, limits in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// How long an authorization request may wait for its person.
    pub flow_seconds: u64,
    /// How long an enrollment can be resumed.
    pub enrollment_seconds: u64,
    /// How long a code by mail or SMS lives.
    pub otp_seconds: u64,
    /// Tries per code by mail or SMS, whatever is sent again.
    pub otp_tries: u32,
    /// How long before a code may be sent again.
    pub otp_resend_seconds: u64,
    /// Codes of one challenge that live at once.
    pub otp_live: usize,
    /// Codes sent for one challenge.
    pub otp_sends: u32,
    /// Challenges that one account, or one address without account, may start in a day before one of them is answered right.
    pub otp_challenges: u32,
    /// Wrong tries of an activation code, a password or a factor before a delay sets in.
    pub free_tries: u32,
    /// The first delay; each further one is twice as long.
    pub first_delay_seconds: u64,
    /// The longest delay.
    pub longest_delay_seconds: u64,
    /// Failures in a row that lock until staff or a letter.
    pub lock_after: u32,
    /// Wrong activation codes per address and hour.
    pub code_tries_per_address: u32,
    /// Session: idle since the last use at the provider.
    pub session_idle_seconds: u64,
    /// Session: at most.
    pub session_seconds: u64,
    /// How long after proving who one is, without doing it again, an account may be changed.
    pub fresh_seconds: u64,
    /// How long a reset of a password may take.
    pub recovery_seconds: u64,
    /// How long the account of whoever left the fund still works.
    pub leaver_access_seconds: u64,
    /// How long the «this was not me» link of a notice works.
    pub not_me_seconds: u64,
    /// Wrong sign-ins per address and hour, whatever names were typed.
    pub signin_tries_per_address: u32,
    /// Requests that wait for their person or their browser, per address in ten minutes; 0 means no limit.
    pub requests_per_address: u32,
    /// How long a browser is known.
    pub browser_seconds: u64,
    /// Authorization code (RFC 6749 section 4.1.2: at most ten minutes).
    pub authorization_code_seconds: u64,
    /// Access token.
    pub access_token_seconds: u64,
    /// ID token.
    pub id_token_seconds: u64,
    /// Refresh token, since the grant began.
    pub refresh_token_seconds: u64,
    /// How long after a client's published keys were fetched for an unknown key they may be fetched for another one.
    pub client_keys_refetch_seconds: u64,
    /// How long a key is published before it signs, and its relying parties' caches may be behind.
    pub key_lead_seconds: u64,
    /// Days that a key signs before the next one takes over by itself.
    pub signing_key_days: u64,
}

impl Default for Policy {
    fn default() -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        Self {
            flow_seconds: HOUR,
            enrollment_seconds: DAY,
            otp_seconds: 10 * MINUTE,
            otp_tries: 5,
            otp_resend_seconds: MINUTE,
            otp_live: 3,
            otp_sends: 5,
            otp_challenges: 5,
            free_tries: 5,
            first_delay_seconds: MINUTE,
            longest_delay_seconds: HOUR,
            lock_after: 100,
            code_tries_per_address: 10,
            session_idle_seconds: HOUR,
            session_seconds: 12 * HOUR,
            fresh_seconds: 10 * MINUTE,
            recovery_seconds: HOUR,
            leaver_access_seconds: 92 * DAY,
            not_me_seconds: 30 * DAY,
            signin_tries_per_address: 100,
            requests_per_address: 600,
            browser_seconds: 400 * DAY,
            authorization_code_seconds: MINUTE,
            access_token_seconds: 5 * MINUTE,
            id_token_seconds: 5 * MINUTE,
            refresh_token_seconds: 30 * DAY,
            client_keys_refetch_seconds: MINUTE,
            key_lead_seconds: HOUR,
            signing_key_days: 90,
        }
    }
}

impl Policy {
    /// How long a key signs before the next one takes over by itself.
    #[must_use]
    pub const fn signing_key(&self) -> Duration {
        Duration::from_secs(self.signing_key_days.saturating_mul(24 * 60 * 60))
    }

    /// How long the longest-lived of the tokens that a key signs lives: a client may shorten them, never lengthen, and a logout token lives
    /// two minutes.
    #[must_use]
    pub fn longest_token(&self) -> Duration {
        const LOGOUT_TOKEN: Duration = Duration::from_secs(2 * 60);
        self.access_token().max(self.id_token()).max(LOGOUT_TOKEN)
    }
}

macro_rules! spans {
    ($($(#[$doc:meta])* $name:ident: $field:ident;)*) => {
        impl Policy {$(
            $(#[$doc])*
            #[must_use]
            pub const fn $name(&self) -> Duration {
                Duration::from_secs(self.$field)
            }
        )*}
    };
}

spans! {
    /// See `flow_seconds`.
    flow: flow_seconds;
    /// See `enrollment_seconds`.
    enrollment: enrollment_seconds;
    /// See `otp_seconds`.
    otp: otp_seconds;
    /// See `otp_resend_seconds`.
    otp_resend: otp_resend_seconds;
    /// See `first_delay_seconds`.
    first_delay: first_delay_seconds;
    /// See `longest_delay_seconds`.
    longest_delay: longest_delay_seconds;
    /// See `session_idle_seconds`.
    session_idle: session_idle_seconds;
    /// See `session_seconds`.
    session: session_seconds;
    /// See `fresh_seconds`.
    fresh: fresh_seconds;
    /// See `recovery_seconds`.
    recovery: recovery_seconds;
    /// See `leaver_access_seconds`.
    leaver_access: leaver_access_seconds;
    /// See `not_me_seconds`.
    not_me: not_me_seconds;
    /// See `browser_seconds`.
    browser: browser_seconds;
    /// See `authorization_code_seconds`.
    authorization_code: authorization_code_seconds;
    /// See `access_token_seconds`.
    access_token: access_token_seconds;
    /// See `id_token_seconds`.
    id_token: id_token_seconds;
    /// See `refresh_token_seconds`.
    refresh_token: refresh_token_seconds;
    /// See `client_keys_refetch_seconds`.
    client_keys_refetch: client_keys_refetch_seconds;
    /// See `key_lead_seconds`.
    key_lead: key_lead_seconds;
}
