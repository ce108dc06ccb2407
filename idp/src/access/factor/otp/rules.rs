//! When a code may be tried or sent again.

use crate::error::{Failure, Result};
use crate::settings::Policy;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::id::KeyId;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What came of typed digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The code is right, and is used up by that.
    Right,
    /// It is not; so many tries are left for all codes of this challenge.
    Wrong {
        /// Tries that are left.
        left: u32,
    },
    /// No code of this challenge is good any more; another one may be sent.
    Expired,
    /// The challenge has no tries left, was used, or is not of this purpose and owner: only a new challenge helps.
    Spent,
}

/// Whether another code of the challenge may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// It may, or was: now the message must leave.
    Sent,
    /// Not yet.
    TooSoon {
        /// How long still to wait.
        wait: Duration,
    },
    /// As many were sent as one challenge allows.
    TooMany,
    /// See [`Checked::Spent`].
    Spent,
}

/// One code that was sent, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SentCode {
    pub(super) key: KeyId,
    digest: String,
    pub(super) expires_at: Timestamp,
}

impl SentCode {
    pub(super) fn new(key: KeyId, digest: Digest, expires_at: Timestamp) -> Self {
        Self { key, digest: URL_SAFE_NO_PAD.encode(digest.as_bytes()), expires_at }
    }

    pub(super) fn digest(&self) -> Result<Digest> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.digest).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Digest::from_bytes).ok_or_else(|| Failure::impossible("the digest of a code"))
    }
}

/// A challenge as far as the rules look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) codes: Vec<SentCode>,
    pub(super) tries: u32,
    pub(super) sends: u32,
    pub(super) last_sent_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) consumed: bool,
}

impl State {
    fn is_spent(&self, policy: &Policy) -> bool {
        self.consumed || self.tries >= policy.otp_tries
    }

    /// Why digits are not even compared; `None` when they are.
    pub(super) fn refusal(&self, now: Timestamp, policy: &Policy) -> Option<Checked> {
        if self.is_spent(policy) {
            return Some(Checked::Spent);
        }
        (now >= self.expires_at).then_some(Checked::Expired)
    }

    /// Whether another code may be sent. Sending again gives no further tries.
    pub(super) fn resend(&self, now: Timestamp, policy: &Policy) -> Resend {
        if self.is_spent(policy) {
            return Resend::Spent;
        }
        if self.sends >= policy.otp_sends {
            return Resend::TooMany;
        }
        let next = self.last_sent_at.plus(policy.otp_resend());
        if now < next { Resend::TooSoon { wait: next.since(now) } } else { Resend::Sent }
    }

    /// The codes to keep when another one is sent: it and the newest that still live. Each lives its own time.
    pub(super) fn codes_with(&self, new: SentCode, now: Timestamp, policy: &Policy) -> Vec<SentCode> {
        let live = self.codes.iter().filter(|code| now < code.expires_at).cloned();
        std::iter::once(new).chain(live).take(policy.otp_live).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    fn code(n: u8) -> SentCode {
        SentCode::new(KeyId::from_bytes([0; 16]), Digest::from_bytes([n; 32]), at(600 + i64::from(n)))
    }

    /// A challenge sent at second 0.
    fn state() -> State {
        State { codes: vec![code(0)], tries: 0, sends: 1, last_sent_at: at(0), expires_at: at(600), consumed: false }
    }

    #[test]
    fn a_code_is_tried_for_ten_minutes_five_times_and_until_it_was_right() {
        let policy = Policy::default();
        for (state, now, refusal) in [
            (state(), 0, None),
            (state(), 599, None),
            (state(), 600, Some(Checked::Expired)),
            (State { tries: 4, ..state() }, 10, None),
            (State { tries: 5, ..state() }, 10, Some(Checked::Spent)),
            (State { tries: 5, ..state() }, 700, Some(Checked::Spent)),
            (State { consumed: true, ..state() }, 10, Some(Checked::Spent)),
        ] {
            assert_eq!(state.refusal(at(now), &policy), refusal, "{state:?} at {now}");
        }
    }

    #[test]
    fn a_code_is_sent_again_after_a_minute_and_five_times_at_most() {
        let policy = Policy::default();
        let soon = |seconds| Resend::TooSoon { wait: Duration::from_secs(seconds) };
        for (state, now, resend) in [
            (state(), 0, soon(60)),
            (state(), 59, soon(1)),
            (state(), 60, Resend::Sent),
            (state(), 5_000, Resend::Sent),
            (State { sends: 4, ..state() }, 60, Resend::Sent),
            (State { sends: 5, ..state() }, 60, Resend::TooMany),
            (State { tries: 5, ..state() }, 60, Resend::Spent),
            (State { consumed: true, ..state() }, 60, Resend::Spent),
        ] {
            assert_eq!(state.resend(at(now), &policy), resend, "{state:?} at {now}");
        }
    }

    #[test]
    fn three_codes_live_at_once_the_newest_each_in_its_own_time() {
        let policy = Policy::default();
        let three = State { codes: vec![code(3), code(2), code(1)], ..state() };
        assert_eq!(three.codes_with(code(4), at(600), &policy), [code(4), code(3), code(2)]);
        assert_eq!(three.codes_with(code(4), at(602), &policy), [code(4), code(3)]);
        assert_eq!(three.codes_with(code(4), at(700), &policy), [code(4)]);
        assert_eq!(code(9).digest().unwrap(), Digest::from_bytes([9; 32]));
    }
}
