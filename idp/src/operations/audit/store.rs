//! The rows of the chain: sealing what is new, walking what is sealed.

use super::chain::{Link, StoredEvent};
use crate::error::{Failure, Result};
use crate::store::schema::audit_event as a;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::id::EventId;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// Events that are walked at a time.
const PAGE: i64 = 1000;
/// How old an unsealed event may be: the worker seals within a second.
const STALE: Duration = Duration::from_secs(60);

pub(super) type EventRow = (EventId, Timestamp, String, String, Option<String>, String);

/// What a walk along a realm's chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Sealed events that hold together.
    pub events: i64,
    /// Events that are not sealed yet.
    pub unsealed: i64,
    /// The number at which the chain breaks: the event there was changed, removed or moved.
    pub broken: Option<i64>,
    /// Events that ought to have been sealed long ago.
    pub stale_unsealed: i64,
}

impl Verified {
    /// Whether the trail is whole and the worker alive.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.broken.is_none() && self.stale_unsealed == 0
    }
}

fn event(row: EventRow) -> StoredEvent {
    let (id, at, kind, actor, subject, data) = row;
    StoredEvent { id, at, kind, actor, subject, data }
}

/// Whether any event waits to be sealed.
pub(super) fn any_unsealed(rx: &mut Rx<'_>) -> Result<bool> {
    let rows = a::table.filter(a::realm.eq(rx.realm())).filter(a::sequence.is_null());
    Ok(diesel::select(diesel::dsl::exists(rows)).get_result(rx.conn)?)
}

/// Seals the oldest unsealed events, at most so many; how many they were.
pub(super) fn seal(tx: &mut Tx<'_>, limit: i64) -> Result<usize> {
    let realm = tx.realm();
    // By the id, which begins with the time: the index of what is unsealed has them in that order, however many wait.
    let rows = a::table.filter(a::realm.eq(realm)).filter(a::sequence.is_null()).order(a::id).limit(limit);
    let rows: Vec<EventRow> = rows.select((a::id, a::at, a::kind, a::actor, a::subject, a::data)).load(tx.conn)?;
    let mut last = link_up_to(tx, i64::MAX)?;
    let sealed = rows.len();
    for event in rows.into_iter().map(event) {
        let link = last.next(realm, &event);
        let row = a::table.filter(a::realm.eq(realm)).filter(a::id.eq(event.id)).filter(a::sequence.is_null());
        let seal = (a::sequence.eq(link.sequence), a::digest.eq(link.digest));
        if cached::update(row, seal).execute(tx.conn)? != 1 {
            return Err(Failure::internal("an event was sealed by another worker"));
        }
        last = link;
    }
    Ok(sealed)
}

/// The last link up to this number: what the next event follows.
pub(super) fn link_up_to(rx: &mut Rx<'_>, sequence: i64) -> Result<Link> {
    let rows = a::table.filter(a::realm.eq(rx.realm())).filter(a::sequence.le(sequence)).order(a::sequence.desc());
    let row: Option<(Option<i64>, Option<Digest>)> = rows.select((a::sequence, a::digest)).first(rx.conn).optional()?;
    match row {
        None => Ok(Link::START),
        Some((Some(sequence), Some(digest))) => Ok(Link { sequence, digest }),
        Some(_) => Err(Failure::impossible("a numbered event without digest")),
    }
}

/// An event as an auditor reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedEvent {
    /// When it happened.
    pub at: Timestamp,
    /// What happened, such as `login.succeeded`.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// Whom or what it happened to.
    pub subject: Option<String>,
    /// More facts, as JSON; ids and masked values only.
    pub data: String,
}

/// The newest events, at most so many, newest first.
pub fn newest(rx: &mut Rx<'_>, limit: i64) -> Result<Vec<ListedEvent>> {
    let rows = a::table.filter(a::realm.eq(rx.realm())).order((a::at.desc(), a::id.desc())).limit(limit);
    let rows: Vec<EventRow> = rows.select((a::id, a::at, a::kind, a::actor, a::subject, a::data)).load(rx.conn)?;
    Ok(rows.into_iter().map(|(_, at, kind, actor, subject, data)| ListedEvent { at, kind, actor, subject, data }).collect())
}

/// Walks the realm's chain from its beginning.
pub fn verify(rx: &mut Rx<'_>, now: Timestamp) -> Result<Verified> {
    let realm = rx.realm();
    let unsealed = a::table.filter(a::realm.eq(realm)).filter(a::sequence.is_null());
    let stale_unsealed = unsealed.filter(a::at.lt(now.minus(STALE))).count().get_result(rx.conn)?;
    let unsealed = unsealed.count().get_result(rx.conn)?;
    let (link, broken) = walk(rx)?;
    Ok(Verified { events: link.sequence, unsealed, broken, stale_unsealed })
}

/// The last link that holds, and the number at which the chain breaks.
fn walk(rx: &mut Rx<'_>) -> Result<(Link, Option<i64>)> {
    // As bare bytes: what is no digest any more is a break to be named, not a row that cannot be read.
    type Row = (EventRow, Option<i64>, Option<Vec<u8>>);
    let (realm, mut last, mut walked) = (rx.realm(), Link::START, i64::MIN);
    loop {
        let rows = a::table.filter(a::realm.eq(realm)).filter(a::sequence.gt(walked)).order(a::sequence).limit(PAGE);
        let columns = ((a::id, a::at, a::kind, a::actor, a::subject, a::data), a::sequence, a::digest);
        let rows: Vec<Row> = rows.select(columns).load(rx.conn)?;
        if rows.is_empty() {
            return Ok((last, None));
        }
        for (row, sequence, digest) in rows {
            let link = last.next(realm, &event(row));
            if sequence != Some(link.sequence) || digest.is_none_or(|digest| digest != link.digest.as_bytes()) {
                return Ok((last, Some(link.sequence)));
            }
            (last, walked) = (link, link.sequence);
        }
    }
}
