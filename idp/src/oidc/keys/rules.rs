//! The life of a signing key: next, current, former, retired; and what is to be done about a realm's keys at a moment.

use poterne_protocol::id::KeyId;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jwk::Jwk;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// How long after the last token of a former key expired the key is still published: a process may have signed with it for a second or
/// two after its time, and clocks differ.
pub const SLACK: Duration = Duration::from_secs(60);
/// How long a retired key still reads hints: an ID token that expired long ago still says at logout who it was.
pub const HINTS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// In an emergency a next key is judged as if it had been published for ever.
const EVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Published, and signing nothing yet.
    Next {
        /// From when on whoever obeys the cache headers knows it.
        ready_at: Timestamp,
    },
    /// It signs.
    Current {
        /// Since when.
        since: Timestamp,
    },
    /// It signs no more, and is published for the tokens that it signed.
    Former {
        /// Since when.
        since: Timestamp,
        /// When the last of them has expired.
        tokens_until: Timestamp,
    },
    /// It is not published any more.
    Retired {
        /// Since when.
        since: Timestamp,
    },
}

/// A key without its private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Names its row.
    pub id: KeyId,
    /// What is published.
    pub public: Jwk,
    /// Since when it is published.
    pub created_at: Timestamp,
    /// Where it is in its life.
    pub phase: Phase,
}

/// What is to be done about a realm's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Duty {
    /// There is no key at all: a new one signs at once, because nothing else could.
    Begin(Algorithm),
    /// The next key signs from now on, and the current one is former.
    TakeOver {
        /// Which of the realm's.
        algorithm: Algorithm,
        /// The next key.
        next: KeyId,
        /// Its name.
        kid: String,
        /// The current one, and its name; there is none where it was withdrawn or lost.
        current: Option<(KeyId, String)>,
    },
    /// A new next key is published.
    Publish(Algorithm),
    /// The realm has done with this algorithm: its current key signs no more.
    Cease(KeyId, String),
    /// The tokens of a former key have expired: it is published no more.
    Retire(KeyId, String),
    /// The key goes for good: as a retired one that has no use as a reader of hints any more, as a next one that is not wanted, or because
    /// it leaked.
    Forget(KeyId, String),
}

/// Why the next key cannot take over yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooEarly {
    /// When it can.
    pub ready_at: Timestamp,
}

/// Why a key cannot be retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRetired {
    /// It signs.
    Current,
    /// Tokens of it live until then.
    TokensLive(Timestamp),
    /// It is already.
    Already,
}

/// What the schedule wants now of a realm that signs with `wanted`: keys that signed for `period` give way to the next ones, as soon as
/// those were published long enough; a new algorithm begins, and one that is wanted no more ends.
pub fn scheduled(keys: &[Key], wanted: &[Algorithm], period: Duration, now: Timestamp) -> Vec<Duty> {
    let mut duties = Vec::new();
    for algorithm in wanted.iter().copied() {
        let since = current(keys, algorithm).map(|(_, since)| since);
        match take_over(keys, algorithm, if since.is_some() { now } else { EVER }) {
            None if since.is_none() => duties.extend([Duty::Begin(algorithm), Duty::Publish(algorithm)]),
            None => duties.push(Duty::Publish(algorithm)),
            Some(Ok(duty)) if since.is_none_or(|since| since.plus(period) <= now) => {
                duties.extend([duty, Duty::Publish(algorithm)]);
            }
            Some(_) => {}
        }
    }
    for key in keys {
        let (id, kid, wanted) = (key.id, || key.public.kid.clone(), wanted.contains(&key.public.alg));
        match key.phase {
            Phase::Next { .. } if !wanted => duties.push(Duty::Forget(id, kid())),
            Phase::Current { .. } if !wanted => duties.push(Duty::Cease(id, kid())),
            Phase::Former { tokens_until, .. } if tokens_until.plus(SLACK) <= now => duties.push(Duty::Retire(id, kid())),
            Phase::Retired { since } if since.plus(HINTS) <= now => duties.push(Duty::Forget(id, kid())),
            _ => {}
        }
    }
    duties
}

/// What a rotation by hand does. `at_once` takes a next key that not everybody knows yet.
pub fn by_hand(keys: &[Key], wanted: &[Algorithm], at_once: bool, now: Timestamp) -> Result<Vec<Duty>, TooEarly> {
    let mut duties = Vec::new();
    let mut earliest = None;
    for algorithm in wanted.iter().copied() {
        match take_over(keys, algorithm, if at_once { EVER } else { now }) {
            None => duties.push(Duty::Publish(algorithm)),
            Some(Ok(duty)) => duties.extend([duty, Duty::Publish(algorithm)]),
            Some(Err(early)) => earliest = earliest.max(Some(early.ready_at)),
        }
    }
    earliest.map_or(Ok(duties), |ready_at| Err(TooEarly { ready_at }))
}

/// What takes a key that leaked out of the realm, whatever it does there: one that signs gives way to the next one at once, whoever knows
/// that one, and a next one to another.
pub fn withdrawal(keys: &[Key], id: KeyId) -> Vec<Duty> {
    let Some(key) = keys.iter().find(|key| key.id == id) else { return Vec::new() };
    let algorithm = key.public.alg;
    let mut duties = vec![Duty::Forget(id, key.public.kid.clone())];
    match key.phase {
        Phase::Current { .. } => {
            let next = take_over(keys, algorithm, EVER).and_then(Result::ok);
            duties.push(match next {
                Some(Duty::TakeOver { next, kid, .. }) => Duty::TakeOver { algorithm, next, kid, current: None },
                _ => Duty::Begin(algorithm),
            });
            duties.push(Duty::Publish(algorithm));
        }
        Phase::Next { .. } => duties.push(Duty::Publish(algorithm)),
        Phase::Former { .. } | Phase::Retired { .. } => {}
    }
    duties
}

/// Whether a key may be retired: not the one that signs, and not while its tokens live.
pub const fn retirement(key: &Key, now: Timestamp) -> Result<(), NotRetired> {
    match key.phase {
        Phase::Current { .. } => Err(NotRetired::Current),
        Phase::Former { tokens_until, .. } if tokens_until.micros() > now.micros() => Err(NotRetired::TokensLive(tokens_until)),
        Phase::Retired { .. } => Err(NotRetired::Already),
        Phase::Next { .. } | Phase::Former { .. } => Ok(()),
    }
}

fn current(keys: &[Key], algorithm: Algorithm) -> Option<(&Key, Timestamp)> {
    keys.iter().filter(|key| key.public.alg == algorithm).find_map(|key| match key.phase {
        Phase::Current { since } => Some((key, since)),
        _ => None,
    })
}

/// The take-over of an algorithm's next key, if there is one and it may.
fn take_over(keys: &[Key], algorithm: Algorithm, now: Timestamp) -> Option<Result<Duty, TooEarly>> {
    let (next, ready_at) = keys.iter().filter(|key| key.public.alg == algorithm).find_map(|key| match key.phase {
        Phase::Next { ready_at } => Some((key, ready_at)),
        _ => None,
    })?;
    if now < ready_at {
        return Some(Err(TooEarly { ready_at }));
    }
    let current = current(keys, algorithm).map(|(key, _)| (key.id, key.public.kid.clone()));
    Some(Ok(Duty::TakeOver { algorithm, next: next.id, kid: next.public.kid.clone(), current }))
}
