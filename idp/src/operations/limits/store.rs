//! The rows of counters.

use super::rules::{self, Count, Counter, Taken, take};
use crate::error::Result;
use crate::settings::Policy;
use crate::store::schema::counter;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

fn load(rx: &mut Rx<'_>, kind: Counter, subject: Digest) -> Result<Option<(i32, Timestamp, Timestamp)>> {
    let row = counter::table.find((rx.realm(), kind.as_str(), subject));
    Ok(row.select((counter::failures, counter::blocked_until, counter::updated_at)).get_result(rx.conn).optional()?)
}

fn save(tx: &mut Tx<'_>, kind: Counter, subject: Digest, count: Count, known: bool, now: Timestamp) -> Result<()> {
    let realm = tx.realm();
    let failures = i32::try_from(count.failures).unwrap_or(i32::MAX);
    let values = (counter::failures.eq(failures), counter::blocked_until.eq(count.blocked_until), counter::updated_at.eq(now));
    if known {
        cached::update(counter::table.find((realm, kind.as_str(), subject)), values).execute(tx.conn)?;
    } else {
        let key = (counter::realm.eq(realm), counter::kind.eq(kind.as_str()), counter::subject.eq(subject));
        diesel::insert_into(counter::table).values((key.0, key.1, key.2, values.0, values.1, values.2)).execute(tx.conn)?;
    }
    Ok(())
}

/// Takes a try before it is evaluated. Whoever gets [`Taken::Granted`] evaluates it and calls [`succeed`] if it was right.
pub fn take_try(tx: &mut Tx<'_>, kind: Counter, subject: Digest, now: Timestamp, policy: &Policy) -> Result<Taken> {
    take_tries(tx, kind, &[subject], now, policy)
}

/// Takes a try that counts for several subjects at once: for all of them or, when one must wait, for none.
pub fn take_tries(tx: &mut Tx<'_>, kind: Counter, subjects: &[Digest], now: Timestamp, policy: &Policy) -> Result<Taken> {
    let mut counted = Vec::new();
    for subject in subjects {
        let row = load(tx, kind, *subject)?;
        match take(count_of(row), now, policy) {
            (Taken::Granted, Some(kept)) => counted.push((*subject, kept, row.is_some())),
            (refused, _) => return Ok(refused),
        }
    }
    for (subject, kept, known) in counted {
        save(tx, kind, subject, kept, known, now)?;
    }
    Ok(Taken::Granted)
}

fn count_of(row: Option<(i32, Timestamp, Timestamp)>) -> Count {
    row.map_or(Count::NONE, |(failures, blocked_until, _)| Count {
        failures: u32::try_from(failures).unwrap_or(0),
        blocked_until,
    })
}

/// Whether a try would be refused for any of these subjects, without taking it.
pub fn must_wait(rx: &mut Rx<'_>, kind: Counter, subjects: &[Digest], now: Timestamp, policy: &Policy) -> Result<bool> {
    for subject in subjects {
        if standing(rx, kind, *subject, now, policy)? != Taken::Granted {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What another try would be told now; takes none.
pub fn standing(rx: &mut Rx<'_>, kind: Counter, subject: Digest, now: Timestamp, policy: &Policy) -> Result<Taken> {
    Ok(take(count_of(load(rx, kind, subject)?), now, policy).0)
}

/// Whether the limit per span of [`count_event`] is reached, without counting anything: for limits on failures alone.
pub fn is_reached(rx: &mut Rx<'_>, kind: Counter, subject: Digest, now: Timestamp, limit: u32) -> Result<bool> {
    Ok(full_until(rx, kind, subject, now, limit)?.is_some())
}

/// When the limit per span of [`count_event`] is lifted, if it is reached now; counts nothing.
pub fn full_until(rx: &mut Rx<'_>, kind: Counter, subject: Digest, now: Timestamp, limit: u32) -> Result<Option<Timestamp>> {
    let running = load(rx, kind, subject)?.filter(|(_, ends, _)| *ends > now);
    let full = running.filter(|(events, ..)| u32::try_from(*events).unwrap_or(0) >= limit);
    Ok(full.map(|(_, ends, _)| ends))
}

/// Whether the try that was just granted, should it fail, is the one that first brings a delay, or the lock: its owner is then told.
/// Asked in the transaction that took it.
pub fn is_alarming(rx: &mut Rx<'_>, kind: Counter, subject: Digest, policy: &Policy) -> Result<bool> {
    let failures = load(rx, kind, subject)?.map_or(0, |(failures, ..)| u32::try_from(failures).unwrap_or(0));
    Ok(rules::is_alarming(failures, policy))
}

/// A right try clears the count.
pub fn succeed(tx: &mut Tx<'_>, kind: Counter, subject: Digest) -> Result<()> {
    diesel::delete(counter::table.find((tx.realm(), kind.as_str(), subject))).execute(tx.conn)?;
    Ok(())
}

/// Gives back a granted try that was never evaluated, because there was too much to do: as if it had not been taken.
pub fn give_back(tx: &mut Tx<'_>, kind: Counter, subject: Digest, now: Timestamp) -> Result<()> {
    let row = counter::table.filter(counter::realm.eq(tx.realm())).filter(counter::kind.eq(kind.as_str()));
    let row = row.filter(counter::subject.eq(subject)).filter(counter::failures.gt(0));
    // It was granted, so no delay was running when it was taken.
    let change = (counter::failures.eq(counter::failures - 1), counter::blocked_until.eq(now), counter::updated_at.eq(now));
    cached::update(row, change).execute(tx.conn)?;
    Ok(())
}

/// Counts an event against a limit per span (so many an hour): `false` when the limit was reached and the event must not happen.
/// The span begins with its first event.
pub fn count_event(tx: &mut Tx<'_>, kind: Counter, subject: Digest, now: Timestamp, limit: u32, span: Duration) -> Result<bool> {
    let row = load(tx, kind, subject)?;
    // Here `blocked_until` is the end of the span.
    let running = row.filter(|(_, ends, _)| *ends > now);
    let count = running.map_or(Count { failures: 0, blocked_until: now.plus(span) }, |(events, ends, _)| Count {
        failures: u32::try_from(events).unwrap_or(0),
        blocked_until: ends,
    });
    if count.failures >= limit {
        return Ok(false);
    }
    save(tx, kind, subject, Count { failures: count.failures + 1, ..count }, row.is_some(), now)?;
    Ok(true)
}

/// Deletes counters that nobody touched since this time, at most so many; how many they were. What is locked stays locked.
pub fn delete_idle(tx: &mut Tx<'_>, before: Timestamp, policy: &Policy, limit: i64) -> Result<usize> {
    use counter as c;
    let lock_after = i32::try_from(policy.lock_after).unwrap_or(i32::MAX);
    let idle = c::updated_at.lt(before).and(c::blocked_until.lt(before)).and(c::failures.lt(lock_after));
    let rows = c::table.filter(c::realm.eq(tx.realm())).filter(idle).select((c::kind, c::subject)).limit(limit);
    let keys: Vec<(String, Digest)> = rows.load(tx.conn)?;
    for (kind, subject) in &keys {
        diesel::delete(c::table.find((tx.realm(), kind, *subject))).execute(tx.conn)?;
    }
    Ok(keys.len())
}
