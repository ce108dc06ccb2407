//! When another try may be evaluated: five at once, then one after a delay that doubles, and none after a hundred failures in a row.

use crate::settings::Policy;
use poterne_protocol::time::Timestamp;
use std::net::IpAddr;
use std::time::Duration;

/// What is counted. Each kind counts apart, so that a stranger's wrong passwords never spend the owner's factor tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Passwords, per account or per typed login name that no account has.
    Password,
    /// Second factors, per account and kind.
    Factor,
    /// Activation codes, per what was typed.
    ActivationCode,
    /// Activation codes, per address, in an hour.
    ActivationAddress,
    /// Codes sent by mail or SMS, per account or address.
    Sending,
    /// Text messages, per account: one in a while, whatever asks for it.
    SmsPause,
    /// Resets of a forgotten password, per account or per typed login name that no account has, in a day.
    Recovery,
    /// Mails of such resets: one in a while.
    RecoveryPause,
    /// Resets of forgotten passwords, per address, in an hour.
    RecoveryAddress,
    /// Wrong names and passwords, per address, in an hour.
    SignInAddress,
    /// Notices of one kind to one account, in a day.
    Notice,
    /// Clients that register or change themselves, per address, in an hour.
    Registration,
    /// Requests that wait for their person or their browser, per address, in ten minutes.
    RequestAddress,
    /// Clients that register with one initial access token, in an hour.
    RegistrationToken,
}

impl Counter {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Factor => "factor",
            Self::ActivationCode => "activation_code",
            Self::ActivationAddress => "activation_address",
            Self::Sending => "sending",
            Self::SmsPause => "sms_pause",
            Self::Recovery => "recovery",
            Self::RecoveryPause => "recovery_pause",
            Self::RecoveryAddress => "recovery_address",
            Self::SignInAddress => "signin_address",
            Self::Notice => "notice",
            Self::Registration => "registration",
            Self::RequestAddress => "request_address",
            Self::RegistrationToken => "registration_token",
        }
    }
}

/// Whether a try may be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Evaluate it; it counts as a failure until it succeeds.
    Granted,
    /// Not before then. Asking meanwhile neither counts nor lengthens the delay.
    Wait {
        /// When the next try may be evaluated.
        until: Timestamp,
    },
    /// Too many failures in a row: only staff or a letter can help.
    Locked,
}

/// Failures in a row, and the delay they brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) failures: u32,
    pub(super) blocked_until: Timestamp,
}

impl Count {
    pub(super) const NONE: Self = Self { failures: 0, blocked_until: Timestamp::from_micros(0) };
}

/// Takes a try: whether it may be evaluated, and the count to keep if so.
pub(super) fn take(count: Count, now: Timestamp, policy: &Policy) -> (Taken, Option<Count>) {
    if count.failures >= policy.lock_after {
        return (Taken::Locked, None);
    }
    if count.blocked_until > now {
        return (Taken::Wait { until: count.blocked_until }, None);
    }
    let failures = count.failures + 1;
    let blocked_until = now.plus(delay_after(failures, policy));
    (Taken::Granted, Some(Count { failures, blocked_until }))
}

/// Whether this many failures in a row first bring a delay, or the lock: when the owner is told.
pub(super) const fn is_alarming(failures: u32, policy: &Policy) -> bool {
    failures == policy.free_tries || failures == policy.lock_after
}

/// What counts as one address: an IPv4 address, or the /64 network that a household or device gets in IPv6.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The delay that this many failures in a row bring.
fn delay_after(failures: u32, policy: &Policy) -> Duration {
    let Some(beyond) = failures.checked_sub(policy.free_tries) else {
        return Duration::ZERO;
    };
    let doubled = policy.first_delay().saturating_mul(1 << beyond.min(16));
    doubled.min(policy.longest_delay())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    #[test]
    fn five_tries_then_a_minute_that_doubles_to_an_hour() {
        let policy = Policy::default();
        let (mut count, mut now, mut delays) = (Count::NONE, at(1_000), Vec::new());
        for _ in 0..14 {
            let (taken, kept) = take(count, now, &policy);
            assert_eq!(taken, Taken::Granted);
            count = kept.unwrap();
            let delay = count.blocked_until.since(now);
            delays.push(delay.as_secs());
            now = now.plus(delay);
        }
        assert_eq!(delays, [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
    }

    #[test]
    fn a_try_during_a_delay_is_not_evaluated_and_lengthens_nothing() {
        let blocked = Count { failures: 5, blocked_until: at(60) };
        assert_eq!(take(blocked, at(59), &Policy::default()), (Taken::Wait { until: at(60) }, None));
        assert_eq!(take(blocked, at(60), &Policy::default()).0, Taken::Granted);
    }

    #[test]
    fn the_owner_is_told_of_the_first_delay_and_of_the_lock() {
        let policy = Policy::default();
        let told: Vec<u32> = (1..=100).filter(|failures| is_alarming(*failures, &policy)).collect();
        assert_eq!(told, [5, 100]);
    }

    #[test]
    fn a_household_counts_as_one_address() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
        assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
    }

    #[test]
    fn a_hundred_failures_in_a_row_lock() {
        let count = Count { failures: 100, blocked_until: at(0) };
        assert_eq!(take(count, at(1_000_000), &Policy::default()), (Taken::Locked, None));
    }
}
