//! Several sessions of one browser, among which its person chooses.

use super::Session;
use super::store::Row;
use crate::error::Result;
use crate::settings::Policy;
use crate::store::schema::session;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::id::{BrowserId, SessionId};
use poterne_protocol::time::Timestamp;

/// The browser's sessions that live, the current one first, then the last used.
pub fn of_browser(rx: &mut Rx<'_>, browser: BrowserId, now: Timestamp, policy: &Policy) -> Result<Vec<Session>> {
    let rows = session::table.filter(session::realm.eq(rx.realm())).filter(session::browser.eq(browser));
    let rows = rows.filter(session::ended_at.is_null());
    let rows = rows.order((session::is_current.desc(), session::last_used_at.desc(), session::id.desc()));
    let rows: Vec<Row> = rows.select(Row::as_select()).load(rx.conn)?;
    let sessions: Vec<Session> = rows.into_iter().map(Session::try_from).collect::<Result<_>>()?;
    Ok(sessions.into_iter().filter(|session| session.is_live(now, policy)).collect())
}

/// Makes a session of this browser its current one; the others stay.
pub fn make_current(tx: &mut Tx<'_>, browser: BrowserId, id: SessionId) -> Result<()> {
    let all = session::table.filter(session::realm.eq(tx.realm())).filter(session::browser.eq(browser));
    let all = all.filter(session::ended_at.is_null());
    cached::update(all.filter(session::id.ne(id)), session::is_current.eq(false)).execute(tx.conn)?;
    cached::update(all.filter(session::id.eq(id)), session::is_current.eq(true)).execute(tx.conn)?;
    Ok(())
}
