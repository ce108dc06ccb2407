//! The rows of sessions.

use super::{NewSession, Session, level_of};
use crate::error::{Failure, Result};
use crate::settings::Policy;
use crate::store::schema::{session, session_client};
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::claims::level::Amr;
use poterne_protocol::id::{AccountId, BrowserId, ClientRowId, SessionId};
use poterne_protocol::time::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = session)]
pub(super) struct Row {
    id: SessionId,
    browser: BrowserId,
    account: AccountId,
    auth_time: Timestamp,
    acr: String,
    amr: String,
    last_used_at: Timestamp,
    expires_at: Timestamp,
}

impl TryFrom<Row> for Session {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            browser: row.browser,
            account: row.account,
            auth_time: row.auth_time,
            level: column(&row.acr)?,
            amr: row.amr.split(' ').map(column).collect::<Result<_>>()?,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        })
    }
}

/// A registered value as it stands on the wire, which is also how it is kept.
fn column<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_value(text.into()).map_err(|_| Failure::impossible("a session's level or methods"))
}

fn text_of(method: Amr) -> Result<String> {
    match serde_json::to_value(method)? {
        serde_json::Value::String(text) => Ok(text),
        _ => Err(Failure::internal("a method without a name")),
    }
}

/// The browser's current session, if it lives.
pub fn current(rx: &mut Rx<'_>, browser: BrowserId, now: Timestamp, policy: &Policy) -> Result<Option<Session>> {
    let rows = session::table.filter(session::realm.eq(rx.realm())).filter(session::browser.eq(browser));
    let rows = rows.filter(session::is_current.eq(true)).filter(session::ended_at.is_null());
    let row = rows.order(session::id.desc()).select(Row::as_select()).get_result(rx.conn).optional()?;
    let found: Option<Session> = row.map(Session::try_from).transpose()?;
    Ok(found.filter(|session| session.is_live(now, policy)))
}

/// This session, if it lives. What was issued from a session asks here whether it still counts.
pub fn live(rx: &mut Rx<'_>, id: SessionId, now: Timestamp, policy: &Policy) -> Result<Option<Session>> {
    let row = session::table.find((rx.realm(), id)).filter(session::ended_at.is_null());
    let row = row.select(Row::as_select()).get_result(rx.conn).optional()?;
    let found: Option<Session> = row.map(Session::try_from).transpose()?;
    Ok(found.filter(|session| session.is_live(now, policy)))
}

/// The account's session in this browser, current or not, if it lives.
fn of_account(
    rx: &mut Rx<'_>,
    browser: BrowserId,
    account: AccountId,
    now: Timestamp,
    policy: &Policy,
) -> Result<Option<Session>> {
    let rows = session::table.filter(session::realm.eq(rx.realm())).filter(session::browser.eq(browser));
    let rows = rows.filter(session::account.eq(account)).filter(session::ended_at.is_null());
    let rows: Vec<Row> = rows.order(session::id.desc()).select(Row::as_select()).load(rx.conn)?;
    let found: Vec<Session> = rows.into_iter().map(Session::try_from).collect::<Result<_>>()?;
    Ok(found.into_iter().find(|session| session.is_live(now, policy)))
}

/// Makes what was just proven the browser's current session. The same person proving it again goes on in the session they have, also
/// after another person used the browser: a second one would outlive their signing off.
/// Another person's session stays, but is no longer current.
pub fn establish(tx: &mut Tx<'_>, browser: BrowserId, new: &NewSession, policy: &Policy) -> Result<Session> {
    let (realm, now) = (tx.realm(), new.auth_time);
    let amr: Vec<String> = new.amr.iter().copied().map(text_of).collect::<Result<_>>()?;
    let proven = (
        session::auth_time.eq(now),
        session::acr.eq(level_of(&new.amr).as_str()),
        session::amr.eq(amr.join(" ")),
        session::last_used_at.eq(now),
        session::expires_at.eq(new.expires_at),
        session::is_current.eq(true),
        session::device.eq(&new.device),
        session::place.eq(&new.place),
    );
    let going_on = of_account(tx, browser, new.account, now, policy)?;
    let others = session::table.filter(session::realm.eq(realm)).filter(session::browser.eq(browser));
    cached::update(others, session::is_current.eq(false)).execute(tx.conn)?;
    if let Some(session) = &going_on {
        cached::update(session::table.find((realm, session.id)), proven).execute(tx.conn)?;
    } else {
        let names = (
            session::realm.eq(realm),
            session::id.eq(new.id),
            session::browser.eq(browser),
            session::account.eq(new.account),
            session::created_at.eq(now),
        );
        diesel::insert_into(session::table).values((names, proven)).execute(tx.conn)?;
    }
    let id = going_on.map_or(new.id, |session| session.id);
    live(tx, id, now, policy)?.ok_or_else(|| Failure::internal("a new session does not live"))
}

/// Notes that the session was used at the provider.
pub fn touch(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<()> {
    let change = session::last_used_at.eq(now);
    cached::update(session::table.find((tx.realm(), id)), change).execute(tx.conn)?;
    Ok(())
}

/// Ends a session: `false` when it had ended before. What was issued from it dies with it, because every use asks [`live`].
pub fn end(tx: &mut Tx<'_>, id: SessionId, now: Timestamp) -> Result<bool> {
    let row = session::table.filter(session::realm.eq(tx.realm())).filter(session::id.eq(id)).filter(session::ended_at.is_null());
    let ended = cached::update(row, (session::ended_at.eq(Some(now)), session::is_current.eq(false))).execute(tx.conn)?;
    Ok(ended == 1)
}

/// Ends every session of an account, in all browsers, except this one: how many lived on until now. What was issued from them dies
/// with them.
pub fn end_all(tx: &mut Tx<'_>, account: AccountId, except: Option<SessionId>, now: Timestamp) -> Result<usize> {
    let rows = session::table.filter(session::realm.eq(tx.realm())).filter(session::account.eq(account));
    let rows = rows.filter(session::ended_at.is_null());
    let change = (session::ended_at.eq(Some(now)), session::is_current.eq(false));
    let ended = match except {
        Some(kept) => cached::update(rows.filter(session::id.ne(kept)), change).execute(tx.conn)?,
        None => cached::update(rows, change).execute(tx.conn)?,
    };
    Ok(ended)
}

/// The client's own name for the session (`sid`): random, kept per session and client; `fresh` when the client sees it first. Beside it
/// is kept the `sub` that the client is given now: what it is told of the session's end names the person by that one, whatever becomes of
/// the client's registration.
pub fn sid_for(
    tx: &mut Tx<'_>,
    id: SessionId,
    client: ClientRowId,
    fresh: &str,
    (sub, now): (&str, Timestamp),
) -> Result<String> {
    use session_client as c;
    let row = c::table.find((tx.realm(), id, client));
    let known: Option<(String, String)> = row.select((c::sid, c::sub)).get_result(tx.conn).optional()?;
    if let Some((sid, known)) = known {
        if known != sub {
            diesel::update(row).set(c::sub.eq(sub)).execute(tx.conn)?;
        }
        return Ok(sid);
    }
    let names = (c::realm.eq(tx.realm()), c::session.eq(id), c::client.eq(client));
    let row = (names, c::sid.eq(fresh), c::sub.eq(sub), c::created_at.eq(now));
    diesel::insert_into(c::table).values(row).execute(tx.conn)?;
    Ok(fresh.to_owned())
}

/// How many sessions of the realm live. One that ran out does not, whether or not that was noted already.
pub fn count_live(rx: &mut Rx<'_>, now: Timestamp, policy: &Policy) -> Result<i64> {
    let rows = session::table.filter(session::realm.eq(rx.realm())).filter(session::ended_at.is_null());
    let rows = rows.filter(session::expires_at.gt(now)).filter(session::last_used_at.gt(now.minus(policy.session_idle())));
    Ok(rows.count().get_result(rx.conn)?)
}

/// Deletes sessions that ended or expired before this time, with their clients' names for them, at most so many; how many they were.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    use session as s;
    let realm = tx.realm();
    let over = s::expires_at.lt(before).or(s::ended_at.assume_not_null().lt(before));
    // No row is younger than its id: the bound keeps the scan to the old end of the table.
    let rows = s::table.filter(s::realm.eq(realm)).filter(s::id.lt(SessionId::new(before, [0; 10]))).filter(over);
    let ids: Vec<SessionId> = rows.select(s::id).limit(limit).load(tx.conn)?;
    let clients = session_client::table.filter(session_client::realm.eq(realm)).filter(session_client::session.eq_any(&ids));
    diesel::delete(clients).execute(tx.conn)?;
    Ok(diesel::delete(s::table.filter(s::realm.eq(realm)).filter(s::id.eq_any(&ids))).execute(tx.conn)?)
}
