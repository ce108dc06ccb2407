//! Requests that wait for the browser to come back by GET: a cross-site POST carries no cookie, so it is kept unread, and only the GET
//! that follows looks at the session.

use crate::error::Result;
use crate::store::schema::parked_request;
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::ParkedRequestId;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// How long a request waits for the GET that a redirect makes at once.
pub const BRIEFLY: Duration = Duration::from_secs(5 * 60);

/// Who takes a request up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// The authorization endpoint: its parameters as they came.
    Authorize,
    /// The end-session endpoint: its parameters as they came.
    Logout,
    /// The page that asks before signing out: where to go then, as JSON.
    LogoutConfirm,
    /// The page that loads the portals' own pages after signing out: where to go then, as JSON.
    LoggedOut,
}

impl Endpoint {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Logout => "logout",
            Self::LogoutConfirm => "logout_confirm",
            Self::LoggedOut => "logged_out",
        }
    }
}

/// Keeps a request.
pub fn park(tx: &mut Tx<'_>, id: ParkedRequestId, endpoint: Endpoint, parameters: &str, expires_at: Timestamp) -> Result<()> {
    let row = (
        parked_request::realm.eq(tx.realm()),
        parked_request::id.eq(id),
        parked_request::endpoint.eq(endpoint.as_str()),
        parked_request::parameters.eq(parameters),
        parked_request::expires_at.eq(expires_at),
    );
    diesel::insert_into(parked_request::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The request of this id, if it still waits.
pub fn look(rx: &mut Rx<'_>, id: ParkedRequestId, endpoint: Endpoint, now: Timestamp) -> Result<Option<String>> {
    let row = parked_request::table.find((rx.realm(), id)).filter(parked_request::endpoint.eq(endpoint.as_str()));
    let row = row.filter(parked_request::expires_at.gt(now)).select(parked_request::parameters);
    Ok(row.get_result(rx.conn).optional()?)
}

/// Takes the request of this id, once.
pub fn take(tx: &mut Tx<'_>, id: ParkedRequestId, endpoint: Endpoint, now: Timestamp) -> Result<Option<String>> {
    let waiting = look(tx, id, endpoint, now)?;
    let gone = diesel::delete(parked_request::table.find((tx.realm(), id))).execute(tx.conn)?;
    Ok(waiting.filter(|_| gone == 1))
}
