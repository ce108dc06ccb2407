//! Where a message goes, how it is shown to those who need not know, and what becomes of it: pure.

use crate::error::{Failure, Result};
use crate::host::SendError;
use poterne_protocol::time::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// How often a message is handed over at most.
const ATTEMPTS: u32 = 8;
/// How long a worker's claim holds: longer than any hand-over, so that only a crashed worker's claim lapses.
const CLAIM: Duration = Duration::from_secs(60);
/// Seconds before the next attempt, after the first, the second, …; the last stands for all that follow.
const BACK_OFF: [u64; 5] = [5, 30, 2 * 60, 10 * 60, 60 * 60];
/// Characters of an error that are kept.
const ERROR_LEN: usize = 200;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It waits for its time.
    Queued,
    /// A worker has it; when its claim lapses, another takes it.
    Sending,
    /// It was handed over; its payload is erased.
    Delivered,
    /// It came too late to be worth sending; its payload is erased.
    Expired,
    /// It was given up. Its payload is kept until it expires, a week at most, so that an operator can have it sent again.
    Dead,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sending, Self::Delivered, Self::Expired, Self::Dead];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Expired => "expired",
            Self::Dead => "dead",
        }
    }

    /// Reads the name in the database.
    ///
    /// # Errors
    /// [`Failure::ImpossibleRow`] for any other text.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| Failure::impossible("a message in an unknown state"))
    }
}

/// What a worker does with a message whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Hand it over. The attempt's number tells this claim from any later one.
    Send {
        attempt: u32,
        /// When the claim lapses.
        until: Timestamp,
    },
    /// It is too late.
    Expire,
    /// It was tried often enough, the last time by a worker that never came back.
    Bury,
}

/// Decides about a message whose time has come, after so many attempts.
pub(super) fn claim(attempts: u32, expires_at: Option<Timestamp>, now: Timestamp) -> Claim {
    if expires_at.is_some_and(|at| at <= now) {
        Claim::Expire
    } else if attempts >= ATTEMPTS {
        Claim::Bury
    } else {
        Claim::Send { attempt: attempts + 1, until: now.plus(CLAIM) }
    }
}

/// What becomes of a message after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Done.
    Delivered,
    /// Again, not before then.
    Retry { at: Timestamp, error: String },
    /// The next attempt would come too late.
    Expired { error: String },
    /// Given up.
    Dead { error: String },
}

/// Decides after an attempt.
pub(super) fn after(
    attempt: u32,
    outcome: std::result::Result<(), SendError>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Next {
    match outcome {
        Ok(()) => Next::Delivered,
        Err(SendError::Never(error)) => Next::Dead { error: scrubbed(&error) },
        Err(SendError::Later(error)) if attempt >= ATTEMPTS => Next::Dead { error: scrubbed(&error) },
        Err(SendError::Later(error)) => {
            let (at, error) = (now.plus(back_off(attempt)), scrubbed(&error));
            if expires_at.is_some_and(|end| end <= at) { Next::Expired { error } } else { Next::Retry { at, error } }
        }
    }
}

/// What an operator's «again» did with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It waits for the worker, which takes it at once.
    Queued,
    /// What it carries has expired: it is not sent any more.
    Expired,
    /// Its content was erased since it was given up.
    Erased,
    /// It is neither given up nor waiting: this is where it stands.
    Stands(MessageState),
    /// There is no such message.
    Unknown,
}

/// Decides about an operator's «again».
pub(super) fn again(state: MessageState, erased: bool, expires_at: Option<Timestamp>, now: Timestamp) -> Again {
    let expired = expires_at.is_some_and(|at| at <= now);
    match state {
        MessageState::Expired => Again::Expired,
        MessageState::Dead | MessageState::Queued if expired => Again::Expired,
        MessageState::Dead if erased => Again::Erased,
        MessageState::Dead | MessageState::Queued => Again::Queued,
        state => Again::Stands(state),
    }
}

fn back_off(attempt: u32) -> Duration {
    let nth = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    Duration::from_secs(BACK_OFF.get(nth).or(BACK_OFF.last()).copied().unwrap_or_default())
}

/// A gateway's words without what they may repeat of the message: addresses, numbers and codes. Status codes stay readable.
fn scrubbed(error: &str) -> String {
    let words = error.split_whitespace().map(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if word.contains('@') || digits >= 5 { "•••" } else { word }
    });
    let (mut kept, mut number) = (Vec::<&str>::new(), 0);
    for word in words {
        // A number in groups: +41 79 123 45 67.
        let group = word.chars().all(|c| c.is_ascii_digit() || "+-/()".contains(c));
        number = if group { number + 1 } else { 0 };
        match number {
            0..=2 => kept.push(word),
            3 => {
                kept.truncate(kept.len().saturating_sub(2));
                kept.push("•••");
            }
            _ => {}
        }
    }
    kept.join(" ").chars().take(ERROR_LEN).collect()
}

/// Where a message goes.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// An e-mail address.
    Mail(String),
    /// A phone number in E.164 form, such as `+41790000001`.
    Sms(String),
}

impl Target {
    /// The address or number without what would tell it to a stranger: `m•••@lac.example`, `+41 79 ••• •• 01`.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Mail(address) => masked_address(address),
            Self::Sms(number) => masked_number(number),
        }
    }
}

fn masked_address(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, host)) => format!("{}•••@{host}", name.chars().next().map(String::from).unwrap_or_default()),
        None => "•••".to_owned(),
    }
}

fn masked_number(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().iter().collect::<String>();
    let end = part(digits.len().saturating_sub(2), digits.len());
    match digits.len() {
        // The country's own grouping: +41 79 123 45 67.
        11 if part(0, 2) == "41" => format!("+41 {} ••• •• {end}", part(2, 4)),
        8.. => format!("+{} ••• {end}", part(0, 2)),
        _ => "•••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    #[test]
    fn eight_attempts_with_growing_pauses_and_then_no_more() {
        let failed = |attempt| after(attempt, Err(SendError::Later("busy".into())), None, at(1_000));
        let pauses: Vec<Option<u64>> = (1..=9)
            .map(|attempt| match failed(attempt) {
                Next::Retry { at: next, .. } => Some(next.since(at(1_000)).as_secs()),
                _ => None,
            })
            .collect();
        let pause = |seconds| Some(seconds);
        let expected = [pause(5), pause(30), pause(120), pause(600), pause(3600), pause(3600), pause(3600), None, None];
        assert_eq!(pauses, expected);
        assert_eq!(failed(8), Next::Dead { error: "busy".into() });
        assert_eq!(after(1, Err(SendError::Never("no".into())), None, at(0)), Next::Dead { error: "no".into() });
        assert_eq!(after(8, Ok(()), Some(at(0)), at(9)), Next::Delivered);
    }

    #[test]
    fn no_retry_is_planned_for_when_the_message_has_expired() {
        let failed = |expires_at| after(1, Err(SendError::Later("busy".into())), Some(expires_at), at(100));
        assert_eq!(failed(at(106)), Next::Retry { at: at(105), error: "busy".into() });
        assert_eq!(failed(at(105)), Next::Expired { error: "busy".into() });
    }

    #[test]
    fn a_claim_is_for_a_minute_and_never_for_an_expired_message() {
        assert_eq!(claim(0, None, at(100)), Claim::Send { attempt: 1, until: at(160) });
        assert_eq!(claim(7, Some(at(101)), at(100)), Claim::Send { attempt: 8, until: at(160) });
        assert_eq!(claim(8, Some(at(101)), at(100)), Claim::Bury);
        assert_eq!(claim(0, Some(at(100)), at(100)), Claim::Expire);
    }

    #[test]
    fn only_what_is_given_up_or_waits_is_sent_again_and_nothing_that_expired() {
        use MessageState::{Dead, Delivered, Expired, Queued, Sending};
        for (state, erased, expires_at, done) in [
            (Dead, false, None, Again::Queued),
            (Dead, false, Some(101), Again::Queued),
            (Dead, false, Some(100), Again::Expired),
            (Dead, true, Some(100), Again::Expired),
            (Dead, true, None, Again::Erased),
            (Queued, false, None, Again::Queued),
            (Queued, false, Some(100), Again::Expired),
            (Sending, false, None, Again::Stands(Sending)),
            (Delivered, true, None, Again::Stands(Delivered)),
            (Expired, true, Some(100), Again::Expired),
        ] {
            assert_eq!(again(state, erased, expires_at.map(at), at(100)), done, "{state:?} {erased} {expires_at:?}");
        }
    }

    #[test]
    fn what_a_gateway_repeats_of_the_message_is_not_kept() {
        let cases = [
            ("550 5.1.1 <marie@lac.example>: unknown\r\n", "550 5.1.1 ••• unknown"),
            ("421 4.7.0 try again later", "421 4.7.0 try again later"),
            ("to=+41791234501 blocked", "••• blocked"),
            ("+41 79 123 45 01 is barred", "••• is barred"),
            ("body «447683 is your code» refused", "body ••• is your code» refused"),
            ("HTTP 503 after 20 s", "HTTP 503 after 20 s"),
        ];
        for (said, kept) in cases {
            assert_eq!(scrubbed(said), kept);
        }
        assert_eq!(scrubbed(&"é".repeat(500)).chars().count(), ERROR_LEN);
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in MessageState::ALL {
            assert_eq!(MessageState::parse(state.as_str()).unwrap(), state);
        }
        assert!(MessageState::parse("sent").is_err());
    }

    #[test]
    fn addresses_and_numbers_are_masked() {
        let cases = [
            (Target::Mail("marie.favre@lac.example".into()), "m•••@lac.example"),
            (Target::Mail("é@lac.example".into()), "é•••@lac.example"),
            (Target::Mail("\"a@b\"@lac.example".into()), "\"•••@lac.example"),
            (Target::Mail("@lac.example".into()), "•••@lac.example"),
            (Target::Mail("nothing".into()), "•••"),
            (Target::Sms("+41791234501".into()), "+41 79 ••• •• 01"),
            (Target::Sms("+33612345678".into()), "+33 ••• 78"),
            (Target::Sms("+4179123".into()), "•••"),
            (Target::Sms(String::new()), "•••"),
        ];
        for (target, masked) in cases {
            assert_eq!(target.masked(), masked);
        }
    }
}
