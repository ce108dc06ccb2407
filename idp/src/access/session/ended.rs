//! Sessions that have come to their end, and whether their clients were told (OpenID Connect Back-Channel Logout 1.0). Whoever ends a
//! session says nothing of it: its row does, to a worker above.

use super::store;
use crate::error::Result;
use crate::settings::Policy;
use crate::store::schema::{session, session_client};
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::{AccountId, BrowserId, ClientRowId, MessageId, SessionId};
use poterne_protocol::time::Timestamp;

/// A session that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub id: SessionId,
    /// Whose it was.
    pub account: AccountId,
}

/// A client that a session knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The client.
    pub client: ClientRowId,
    /// Its own name for the session.
    pub sid: String,
    /// The person's name as it was given to the client last in this session.
    pub sub: String,
    /// The message that tells it of the end, where there is one.
    pub message: Option<MessageId>,
}

/// Sessions that are idle for too long or too old, and whose rows do not say so yet: at most so many.
pub fn run_out(rx: &mut Rx<'_>, now: Timestamp, policy: &Policy, limit: i64) -> Result<Vec<Ended>> {
    use session as s;
    let over = s::expires_at.le(now).or(s::last_used_at.le(now.minus(policy.session_idle())));
    // Younger ones cannot be over: the bound keeps the look to the old end of those that live.
    let youngest = now.minus(policy.session_idle().min(policy.session()));
    let rows = s::table.filter(s::realm.eq(rx.realm())).filter(s::ended_at.is_null()).filter(s::id.le(bound(youngest)));
    let rows: Vec<(SessionId, AccountId)> = rows.filter(over).select((s::id, s::account)).limit(limit).load(rx.conn)?;
    Ok(rows.into_iter().map(|(id, account)| Ended { id, account }).collect())
}

/// No id made at this time or before is greater.
fn bound(at: Timestamp) -> SessionId {
    SessionId::new(at, [0xff; 10])
}

/// Ends a session that has run out: `false` when it was used meanwhile, or had ended before.
pub fn end_run_out(tx: &mut Tx<'_>, id: SessionId, now: Timestamp, policy: &Policy) -> Result<bool> {
    if store::live(tx, id, now, policy)?.is_some() {
        return Ok(false);
    }
    store::end(tx, id, now)
}

/// Sessions that have ended and whose clients were not told, the first ended first: at most so many, after so many that are passed over.
pub fn untold(rx: &mut Rx<'_>, (limit, passed_over): (i64, i64)) -> Result<Vec<Ended>> {
    use session as s;
    let rows = s::table.filter(s::realm.eq(rx.realm())).filter(s::ended_at.is_not_null()).filter(s::told_at.is_null());
    let rows = rows.order((s::ended_at, s::id)).select((s::id, s::account)).limit(limit).offset(passed_over);
    let rows: Vec<(SessionId, AccountId)> = rows.load(rx.conn)?;
    Ok(rows.into_iter().map(|(id, account)| Ended { id, account }).collect())
}

/// Notes that a session's clients are being told: `true` for the one who may do it.
pub fn mark_told(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<bool> {
    use session as s;
    let row = s::table.filter(s::realm.eq(tx.realm())).filter(s::id.eq(id)).filter(s::ended_at.is_not_null());
    Ok(diesel::update(row.filter(s::told_at.is_null())).set(s::told_at.eq(Some(now))).execute(tx.conn)? == 1)
}

/// Notes which message tells a client.
pub fn told_by(tx: &mut Tx<'_>, id: SessionId, client: ClientRowId, message: MessageId) -> Result<()> {
    let row = session_client::table.find((tx.realm(), id, client));
    diesel::update(row).set(session_client::message.eq(Some(message))).execute(tx.conn)?;
    Ok(())
}

/// The clients of a session.
pub fn parties(rx: &mut Rx<'_>, id: SessionId) -> Result<Vec<Party>> {
    use session_client as c;
    let rows = c::table.filter(c::realm.eq(rx.realm())).filter(c::session.eq(id)).order((c::created_at, c::client));
    let rows: Vec<(ClientRowId, String, String, Option<MessageId>)> =
        rows.select((c::client, c::sid, c::sub, c::message)).load(rx.conn)?;
    Ok(rows.into_iter().map(|(client, sid, sub, message)| Party { client, sid, sub, message }).collect())
}

/// The sessions that ended in this browser last, together, if that was after this time.
pub fn ended_in(rx: &mut Rx<'_>, browser: BrowserId, after: Timestamp) -> Result<Vec<SessionId>> {
    use session as s;
    let rows = s::table.filter(s::realm.eq(rx.realm())).filter(s::browser.eq(browser)).filter(s::ended_at.gt(Some(after)));
    let rows: Vec<(SessionId, Option<Timestamp>)> = rows.order(s::id).select((s::id, s::ended_at)).load(rx.conn)?;
    let last = rows.iter().map(|(_, at)| *at).max();
    Ok(rows.into_iter().filter(|(_, at)| Some(*at) == last).map(|(id, _)| id).collect())
}
