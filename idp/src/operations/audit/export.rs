//! Sealed events as they are given out: with their digests, so that whoever has them can check the chain without the database.
//!
//! A digest is the SHA-256 over, in this order: the text `poterne.audit.1`; the realm's id (16 bytes); the sequence number (8 bytes, most
//! significant first); the digest before it (32 bytes; zeros before the first event); the event's id (16 bytes); its time in microseconds
//! since 1970 UTC (8 bytes); kind, actor, subject (empty where there is none) and data, each behind its length in bytes (8 bytes); and a
//! byte that is 1 where there is a subject.

use super::chain::{Link, StoredEvent};
use super::store::{EventRow, link_up_to};
use crate::error::{Failure, Result};
use crate::store::Rx;
use crate::store::schema::audit_event as a;
use diesel::prelude::*;
use poterne_protocol::id::{EventId, RealmId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// A sealed event with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedEvent {
    /// The realm's id.
    pub realm: String,
    /// Its number, from 1 on without a gap.
    pub sequence: i64,
    /// The event's id.
    pub id: String,
    /// When it happened, in microseconds since 1970 UTC.
    pub at: Timestamp,
    /// The same in words (RFC 3339); no part of the digest.
    pub time: String,
    /// What happened, such as `login.succeeded`.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// Whom or what it happened to.
    pub subject: Option<String>,
    /// More facts: a JSON text, byte for byte as it is sealed.
    pub data: String,
    /// The digest of the event before it, in hexadecimal digits.
    pub previous: String,
    /// Its own digest.
    pub digest: String,
}

impl ExportedEvent {
    /// Whether its digest is that of what it says.
    #[must_use]
    pub fn holds(&self) -> bool {
        let (Ok(realm), Ok(id), Some(previous)) =
            (self.realm.parse::<RealmId>(), self.id.parse::<EventId>(), unhex(&self.previous))
        else {
            return false;
        };
        let before = Link { sequence: self.sequence.saturating_sub(1), digest: Digest::from_bytes(previous) };
        let (kind, actor, subject, data) = (self.kind.clone(), self.actor.clone(), self.subject.clone(), self.data.clone());
        let link = before.next(realm, &StoredEvent { id, at: self.at, kind, actor, subject, data });
        link.sequence == self.sequence && hex(link.digest) == self.digest
    }
}

/// The sealed events behind this number, in their order, at most so many.
pub fn sealed_after(rx: &mut Rx<'_>, after: i64, limit: i64) -> Result<Vec<ExportedEvent>> {
    type Row = (EventRow, Option<i64>, Option<Digest>);
    let realm = rx.realm();
    let mut before = link_up_to(rx, after)?.digest;
    let rows = a::table.filter(a::realm.eq(realm)).filter(a::sequence.gt(after)).order(a::sequence).limit(limit);
    let columns = ((a::id, a::at, a::kind, a::actor, a::subject, a::data), a::sequence, a::digest);
    let rows: Vec<Row> = rows.select(columns).load(rx.conn)?;
    let exported = |((id, at, kind, actor, subject, data), sequence, digest): Row| match (sequence, digest) {
        (Some(sequence), Some(digest)) => Ok(ExportedEvent {
            realm: realm.to_string(),
            sequence,
            id: id.to_string(),
            at,
            time: at.to_rfc3339(),
            kind,
            actor,
            subject,
            data,
            previous: hex(std::mem::replace(&mut before, digest)),
            digest: hex(digest),
        }),
        _ => Err(Failure::impossible("a numbered event without digest")),
    };
    rows.into_iter().map(exported).collect()
}

/// How many events are not sealed yet.
pub fn unsealed(rx: &mut Rx<'_>) -> Result<i64> {
    Ok(a::table.filter(a::realm.eq(rx.realm())).filter(a::sequence.is_null()).count().get_result(rx.conn)?)
}

/// The first sealed event that happened at this time or later: its number.
pub fn first_since(rx: &mut Rx<'_>, at: Timestamp) -> Result<Option<i64>> {
    let rows = a::table.filter(a::realm.eq(rx.realm())).filter(a::sequence.is_not_null()).filter(a::at.ge(at));
    let first: Option<Option<i64>> = rows.order(a::sequence).select(a::sequence).first(rx.conn).optional()?;
    Ok(first.flatten())
}

fn hex(digest: Digest) -> String {
    digest.as_bytes().iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _: std::fmt::Result = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let bytes = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}
