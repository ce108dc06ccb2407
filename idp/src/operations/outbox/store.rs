//! The rows of messages.

use super::prepared::{Channel, Prepared};
use super::rules::{self, Again, Claim, MessageState, Next};
use crate::error::{Failure, Result};
use crate::store::schema::message;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::id::MessageId;
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// Messages that a list shows at most.
const LISTED: i64 = 200;
/// How long what a dead letter carries is kept, so that it can be sent again, where it never expires.
const DEAD_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A message as the operator sees it: neither its content nor whom exactly it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageSummary {
    /// Names the message.
    pub id: MessageId,
    /// Which message it is, such as `email_code`.
    pub kind: String,
    /// `mail`, `sms`, `portal` or `registered`.
    pub channel: String,
    /// The masked address or number; the host of a portal.
    pub target: String,
    /// Where it stands.
    pub state: MessageState,
    /// How often it was handed over.
    pub attempts: u32,
    /// When it was written, in microseconds since 1970 UTC.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
    /// When it is tried next, where it waits.
    pub next_at: Option<Timestamp>,
    /// From when on it is not worth sending any more; without it, never.
    pub expires_at: Option<Timestamp>,
    /// What the last failed attempt said, without personal data.
    pub error: Option<String>,
}

/// A message whose time has come, as it was read.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) id: MessageId,
    pub(super) kind: String,
    pub(super) target: String,
    pub(super) payload: Option<Sealed>,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) attempts: u32,
    pub(super) created_at: Timestamp,
    state: String,
    next_at: Timestamp,
}

/// Puts a message into the outbox, in the transaction of the change it tells of. Wake the worker after the commit
/// (`app.outbox_wake.notify_one()`); it looks by itself every two seconds.
pub fn enqueue(tx: &mut Tx<'_>, prepared: &Prepared) -> Result<()> {
    let row = (
        message::realm.eq(tx.realm()),
        message::id.eq(prepared.id),
        message::kind.eq(prepared.kind),
        message::channel.eq(prepared.channel.as_str()),
        message::target.eq(&prepared.target),
        message::payload.eq(Some(&prepared.payload)),
        message::state.eq(MessageState::Queued.as_str()),
        message::attempts.eq(0),
        message::next_at.eq(prepared.at),
        message::expires_at.eq(prepared.expires_at),
        message::created_at.eq(prepared.at),
        message::updated_at.eq(prepared.at),
    );
    diesel::insert_into(message::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The messages of a channel whose time has come: those that wait, and those whose worker's claim has lapsed; none for these targets.
pub(super) fn due(rx: &mut Rx<'_>, channel: Channel, now: Timestamp, limit: usize, but: &[String]) -> Result<Vec<Due>> {
    use message as m;
    type Row = (MessageId, String, String, Option<Sealed>, Option<Timestamp>, i32, Timestamp, String, Timestamp);
    let open = m::state.eq(MessageState::Queued.as_str()).or(m::state.eq(MessageState::Sending.as_str()));
    let rows = m::table.filter(m::realm.eq(rx.realm())).filter(open).filter(m::next_at.le(now));
    let mut rows = rows.filter(m::channel.eq(channel.as_str())).order((m::next_at, m::id)).into_boxed();
    if !but.is_empty() {
        rows = rows.filter(m::target.ne_all(but));
    }
    let columns = (m::id, m::kind, m::target, m::payload, m::expires_at, m::attempts, m::created_at, m::state, m::next_at);
    let rows: Vec<Row> = rows.limit(i64::try_from(limit).unwrap_or(i64::MAX)).select(columns).load(rx.conn)?;
    let due = rows.into_iter().map(|(id, kind, target, payload, expires_at, attempts, created_at, state, next_at)| {
        let attempts = count(attempts)?;
        Ok(Due { id, kind, target, payload, expires_at, attempts, created_at, state, next_at })
    });
    due.collect()
}

/// Claims a message or ends it: `false` when another worker was faster.
pub(super) fn take(tx: &mut Tx<'_>, due: &Due, claim: Claim, now: Timestamp) -> Result<bool> {
    use message as m;
    let row = m::table.filter(m::realm.eq(tx.realm())).filter(m::id.eq(due.id)).filter(m::state.eq(&due.state));
    let row = diesel::update(row.filter(m::next_at.eq(due.next_at)).filter(m::attempts.eq(number(due.attempts))));
    let updated = m::updated_at.eq(now);
    let changed = match claim {
        Claim::Send { attempt, until } => {
            let claimed = (m::attempts.eq(number(attempt)), m::next_at.eq(until));
            row.set((m::state.eq(MessageState::Sending.as_str()), claimed, updated)).execute(tx.conn)?
        }
        Claim::Expire => row.set((m::state.eq(MessageState::Expired.as_str()), erased(), updated)).execute(tx.conn)?,
        Claim::Bury => {
            let error = m::error.eq("the last attempt never came back");
            row.set((m::state.eq(MessageState::Dead.as_str()), error, updated)).execute(tx.conn)?
        }
    };
    Ok(changed == 1)
}

/// Notes what came of an attempt: `false` when its claim had lapsed and another worker took the message.
pub(super) fn settle(tx: &mut Tx<'_>, id: MessageId, attempt: u32, next: &Next, now: Timestamp) -> Result<bool> {
    use message as m;
    let row = m::table.filter(m::realm.eq(tx.realm())).filter(m::id.eq(id));
    let row = row.filter(m::state.eq(MessageState::Sending.as_str())).filter(m::attempts.eq(number(attempt)));
    let row = diesel::update(row);
    let entered = |state: MessageState| (m::state.eq(state.as_str()), m::updated_at.eq(now));
    let changed = match next {
        Next::Delivered => row.set((entered(MessageState::Delivered), erased(), m::error.eq(None::<String>))).execute(tx.conn)?,
        Next::Retry { at, error } => {
            row.set((entered(MessageState::Queued), m::next_at.eq(*at), m::error.eq(error))).execute(tx.conn)?
        }
        Next::Expired { error } => row.set((entered(MessageState::Expired), erased(), m::error.eq(error))).execute(tx.conn)?,
        Next::Dead { error } => row.set((entered(MessageState::Dead), m::error.eq(error))).execute(tx.conn)?,
    };
    Ok(changed == 1)
}

/// Ends every message that has not left: how many they were.
pub fn expire_open(tx: &mut Tx<'_>, error: &str, now: Timestamp) -> Result<usize> {
    use message as m;
    let open = [MessageState::Queued.as_str(), MessageState::Sending.as_str()];
    let rows = m::table.filter(m::realm.eq(tx.realm())).filter(m::state.eq_any(open));
    let expired = (m::state.eq(MessageState::Expired.as_str()), erased(), m::error.eq(error), m::updated_at.eq(now));
    Ok(diesel::update(rows).set(expired).execute(tx.conn)?)
}

fn erased() -> diesel::dsl::Eq<message::payload, Option<Sealed>> {
    message::payload.eq(None)
}

/// What of a list is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessageFilter {
    /// Only messages in this state.
    pub state: Option<MessageState>,
    /// Only messages that leave by this road.
    pub channel: Option<Channel>,
    /// So many at most, the newest; 200 unless said otherwise.
    pub limit: Option<u16>,
}

/// As many columns as a tuple of the traits takes, in two.
type Summary =
    ((MessageId, String, String, String, String, i32), (Timestamp, Timestamp, Timestamp, Option<Timestamp>, Option<String>));

fn summary(row: Summary) -> Result<MessageSummary> {
    let ((id, kind, channel, target, state, attempts), (created_at, updated_at, next_at, expires_at, error)) = row;
    let (state, attempts) = (MessageState::parse(&state)?, count(attempts)?);
    let next_at = Some(next_at).filter(|_| state == MessageState::Queued);
    Ok(MessageSummary { id, kind, channel, target, state, attempts, created_at, updated_at, next_at, expires_at, error })
}

/// The newest messages of the realm that are asked for.
pub fn list(rx: &mut Rx<'_>, filter: MessageFilter) -> Result<Vec<MessageSummary>> {
    use message as m;
    let columns = (
        (m::id, m::kind, m::channel, m::target, m::state, m::attempts),
        (m::created_at, m::updated_at, m::next_at, m::expires_at, m::error),
    );
    let states = filter.state.map_or_else(|| MessageState::ALL.to_vec(), |state| vec![state]);
    let channels = filter.channel.map_or_else(|| Channel::ALL.to_vec(), |channel| vec![channel]);
    let rows = m::table.filter(m::realm.eq(rx.realm())).filter(m::state.eq_any(states.iter().map(|state| state.as_str())));
    let rows = rows.filter(m::channel.eq_any(channels.iter().map(|channel| channel.as_str())));
    let rows = rows.order(m::id.desc()).limit(filter.limit.map_or(LISTED, i64::from)).select(columns);
    let rows: Vec<Summary> = rows.load(rx.conn)?;
    rows.into_iter().map(summary).collect()
}

/// Puts a dead letter back, with as many tries as a new one; a message that waits is due at once. With its kind and masked target, for
/// the audit trail.
pub fn send_again(tx: &mut Tx<'_>, id: MessageId, now: Timestamp) -> Result<(Again, Option<(String, String)>)> {
    use message as m;
    let row = m::table.find((tx.realm(), id));
    let columns = (m::state, m::payload.is_null(), m::expires_at, m::kind, m::target);
    let found: Option<(String, bool, Option<Timestamp>, String, String)> = row.select(columns).first(tx.conn).optional()?;
    let Some((state, erased, expires_at, kind, target)) = found else { return Ok((Again::Unknown, None)) };
    let again = rules::again(MessageState::parse(&state)?, erased, expires_at, now);
    if again == Again::Queued {
        let row = m::table.filter(m::realm.eq(tx.realm())).filter(m::id.eq(id)).filter(m::state.eq(&state));
        let change = (m::state.eq(MessageState::Queued.as_str()), m::next_at.eq(now), m::attempts.eq(0), m::updated_at.eq(now));
        cached::update(row, change).execute(tx.conn)?;
    }
    Ok((again, Some((kind, target))))
}

/// The dead letters behind this one, the oldest first, at most so many.
pub fn dead_after(rx: &mut Rx<'_>, after: MessageId, limit: i64) -> Result<Vec<MessageId>> {
    use message as m;
    let rows = m::table.filter(m::realm.eq(rx.realm())).filter(m::state.eq(MessageState::Dead.as_str()));
    Ok(rows.filter(m::id.gt(after)).order(m::id).limit(limit).select(m::id).load(rx.conn)?)
}

/// Erases what dead letters carry that had their time: what expired before this moment, and what never expires but was given up a week
/// before. At most so many; how many they were.
pub fn erase_dead(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    use message as m;
    let rows = m::table.filter(m::realm.eq(tx.realm())).filter(m::state.eq(MessageState::Dead.as_str()));
    let long_dead = m::expires_at.is_null().and(m::updated_at.le(before.minus(DEAD_KEPT)));
    let over = m::expires_at.is_not_null().and(m::expires_at.assume_not_null().le(before)).or(long_dead);
    let rows = rows.filter(m::payload.is_not_null()).filter(over);
    let ids: Vec<MessageId> = rows.select(m::id).limit(limit).load(tx.conn)?;
    let rows = m::table.filter(m::realm.eq(tx.realm())).filter(m::id.eq_any(ids));
    Ok(cached::update(rows, erased()).execute(tx.conn)?)
}

/// Where these messages stand.
pub fn states(rx: &mut Rx<'_>, ids: &[MessageId]) -> Result<Vec<(MessageId, MessageState)>> {
    use message as m;
    let rows = m::table.filter(m::realm.eq(rx.realm())).filter(m::id.eq_any(ids)).select((m::id, m::state));
    let rows: Vec<(MessageId, String)> = rows.load(rx.conn)?;
    rows.into_iter().map(|(id, state)| Ok((id, MessageState::parse(&state)?))).collect()
}

/// How an outbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Messages that wait or are on their way.
    pub open: i64,
    /// Seconds since the oldest of them was written.
    pub oldest_seconds: i64,
    /// Messages that were given up and are still kept.
    pub dead: i64,
}

/// How the realm's outbox stands.
pub fn depth(rx: &mut Rx<'_>, now: Timestamp) -> Result<Depth> {
    use diesel::dsl::{count_star, min};
    use message as m;
    let realm = rx.realm();
    let of_realm = || m::table.filter(m::realm.eq(realm));
    let is_open = m::state.eq(MessageState::Queued.as_str()).or(m::state.eq(MessageState::Sending.as_str()));
    let open = of_realm().filter(is_open).select((count_star(), min(m::created_at)));
    let dead = of_realm().filter(m::state.eq(MessageState::Dead.as_str())).select(count_star());
    let (open, oldest): (i64, Option<Timestamp>) = open.first(rx.conn)?;
    let oldest_seconds = oldest.map_or(0, |oldest| i64::try_from(now.since(oldest).as_secs()).unwrap_or(i64::MAX));
    Ok(Depth { open, oldest_seconds, dead: dead.first(rx.conn)? })
}

/// Deletes messages that came to their end before this time, at most so many; how many they were.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    use message as m;
    let open = m::state.eq(MessageState::Queued.as_str()).or(m::state.eq(MessageState::Sending.as_str()));
    let rows = m::table.filter(m::realm.eq(tx.realm())).filter(m::id.lt(MessageId::new(before, [0; 10])));
    let rows = rows.filter(diesel::dsl::not(open)).filter(m::updated_at.lt(before));
    let ids: Vec<MessageId> = rows.select(m::id).limit(limit).load(tx.conn)?;
    let rows = m::table.filter(m::realm.eq(tx.realm())).filter(m::id.eq_any(ids));
    Ok(diesel::delete(rows).execute(tx.conn)?)
}

fn number(attempts: u32) -> i32 {
    i32::try_from(attempts).unwrap_or(i32::MAX)
}

fn count(attempts: i32) -> Result<u32> {
    u32::try_from(attempts).map_err(|_| Failure::impossible("a negative number of attempts"))
}
