//! Sessions as their own person sees them.

use super::{Session, store};
use crate::error::Result;
use crate::settings::Policy;
use crate::store::Rx;
use crate::store::schema::{session, session_client};
use diesel::dsl::max;
use diesel::prelude::*;
use poterne_protocol::id::{AccountId, ClientRowId, SessionId};
use poterne_protocol::time::Timestamp;

/// A session that lives, with what is known of where.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The session.
    pub session: Session,
    /// When it began.
    pub created_at: Timestamp,
    /// The device in words, where it is known.
    pub device: Option<String>,
    /// The place in words, where it is known.
    pub place: Option<String>,
}

/// What a row tells beside the session itself.
type Known = (SessionId, Timestamp, Option<String>, Option<String>);

/// The account's sessions that live, in all browsers, the last used first.
pub fn of_account(rx: &mut Rx<'_>, account: AccountId, now: Timestamp, policy: &Policy) -> Result<Vec<Listed>> {
    let rows = session::table.filter(session::realm.eq(rx.realm())).filter(session::account.eq(account));
    let rows = rows.filter(session::ended_at.is_null()).order((session::last_used_at.desc(), session::id.desc()));
    let columns = (session::id, session::created_at, session::device, session::place);
    let known: Vec<Known> = rows.select(columns).load(rx.conn)?;
    let mut listed = Vec::with_capacity(known.len());
    for (id, created_at, device, place) in known {
        if let Some(session) = store::live(rx, id, now, policy)? {
            listed.push(Listed { session, created_at, device, place });
        }
    }
    Ok(listed)
}

/// The clients that the account signed in to, with the last time each, the latest first; as long as its sessions are kept.
pub fn clients_of(rx: &mut Rx<'_>, account: AccountId) -> Result<Vec<(ClientRowId, Timestamp)>> {
    use session_client as c;
    let sessions = session::table.filter(session::realm.eq(rx.realm())).filter(session::account.eq(account)).select(session::id);
    let rows = c::table.filter(c::realm.eq(rx.realm())).filter(c::session.eq_any(sessions)).group_by(c::client);
    let rows: Vec<(ClientRowId, Option<Timestamp>)> = rows.select((c::client, max(c::created_at))).load(rx.conn)?;
    let mut found: Vec<_> = rows.into_iter().filter_map(|(client, at)| Some((client, at?))).collect();
    found.sort_by_key(|(_, at)| std::cmp::Reverse(*at));
    Ok(found)
}
