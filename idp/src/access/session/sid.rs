//! Sessions as clients know them: by a `sid` of their own (OpenID Connect Front-Channel Logout section 3).

use crate::error::Result;
use crate::store::Rx;
use crate::store::schema::{session, session_client};
use diesel::prelude::*;
use poterne_protocol::id::{BrowserId, ClientRowId, SessionId};

/// The client's `sid` for a session, if it ever signed in there.
pub fn sid_of(rx: &mut Rx<'_>, session: SessionId, client: ClientRowId) -> Result<Option<String>> {
    let row = session_client::table.find((rx.realm(), session, client)).select(session_client::sid);
    Ok(row.get_result(rx.conn).optional()?)
}

/// The browser's own session behind a client's `sid`, unless it has ended.
pub fn by_sid(rx: &mut Rx<'_>, browser: BrowserId, client: ClientRowId, sid: &str) -> Result<Option<SessionId>> {
    let rows = session_client::table.filter(session_client::realm.eq(rx.realm())).filter(session_client::sid.eq(sid));
    let row = rows.filter(session_client::client.eq(client)).select(session_client::session);
    let Some(id): Option<SessionId> = row.get_result(rx.conn).optional()? else {
        return Ok(None);
    };
    let row = session::table.find((rx.realm(), id)).filter(session::browser.eq(browser)).filter(session::ended_at.is_null());
    Ok(row.select(session::id).get_result(rx.conn).optional()?)
}
