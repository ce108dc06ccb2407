//! Clients that registered themselves: their rows, and what proves that somebody may change one.

use super::secret::KeptSecret;
use super::store::{self, ORIGIN_REGISTRATION, Registered};
use crate::error::{Failure, Result};
use crate::store::schema::{access_token, client, client_logo, consent, flow, oauth_grant, session_client};
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::client::Client;
use poterne_protocol::id::ClientRowId;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// A client that registers itself.
#[derive(Debug, Clone)]
pub struct NewOwn {
    /// Names the row.
    pub row: ClientRowId,
    /// The registration.
    pub client: Client,
    /// What is kept of its secret, where it has one.
    pub secret: Option<KeptSecret>,
    /// What is kept of its registration access token.
    pub token: Digest,
    /// Now.
    pub at: Timestamp,
}

/// A client as it may see and change itself.
#[derive(Debug, Clone)]
pub struct Own {
    /// The client.
    pub registered: Registered,
    /// What is kept of its registration access token.
    pub token: Digest,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Inserts a client that registers itself.
pub fn insert_own(tx: &mut Tx<'_>, new: &NewOwn) -> Result<()> {
    let row = (
        client::realm.eq(tx.realm()),
        client::id.eq(new.row),
        client::client_id.eq(&new.client.client_id),
        client::origin.eq(ORIGIN_REGISTRATION),
        client::document.eq(serde_json::to_string(&new.client)?),
        client::registration_digest.eq(Some(new.token)),
        client::created_at.eq(new.at),
        client::updated_at.eq(new.at),
    );
    diesel::insert_into(client::table).values(row).execute(tx.conn)?;
    store::set_secret(tx, new.row, new.secret.as_ref(), None, new.at)
}

/// The client with this `client_id`, if it registered itself.
pub fn own(rx: &mut Rx<'_>, client_id: &str) -> Result<Option<Own>> {
    let Some(registered) = store::by_client_id(rx, client_id)? else { return Ok(None) };
    let row = client::table.find((rx.realm(), registered.row)).filter(client::origin.eq(ORIGIN_REGISTRATION));
    let row = row.select((client::registration_digest, client::created_at));
    let found: Option<(Option<Digest>, Timestamp)> = row.get_result(rx.conn).optional()?;
    let Some((Some(token), created_at)) = found else { return Ok(None) };
    Ok(Some(Own { registered, token, created_at }))
}

/// How many there are.
pub fn count_own(rx: &mut Rx<'_>) -> Result<i64> {
    let rows = client::table.filter(client::realm.eq(rx.realm())).filter(client::origin.eq(ORIGIN_REGISTRATION));
    Ok(rows.filter(client::removed_at.is_null()).count().get_result(rx.conn)?)
}

/// Replaces the registration of a client that registered itself: `false` when it is gone.
pub fn replace_own(tx: &mut Tx<'_>, row: ClientRowId, new: &Client, at: Timestamp) -> Result<bool> {
    let found = client::table.filter(client::realm.eq(tx.realm())).filter(client::id.eq(row));
    let found = found.filter(client::origin.eq(ORIGIN_REGISTRATION)).filter(client::removed_at.is_null());
    let change = (client::document.eq(serde_json::to_string(new)?), client::updated_at.eq(at));
    Ok(diesel::update(found).set(change).execute(tx.conn)? == 1)
}

/// Takes a client away that registered itself: `false` when it is gone. What was issued to it refers to its row, so the row stays a while,
/// and nothing of the client works any more.
pub fn remove_own(tx: &mut Tx<'_>, row: ClientRowId, at: Timestamp) -> Result<bool> {
    let realm = tx.realm();
    let found = client::table.filter(client::realm.eq(realm)).filter(client::id.eq(row));
    let found = found.filter(client::origin.eq(ORIGIN_REGISTRATION)).filter(client::removed_at.is_null());
    let change = (client::removed_at.eq(Some(at)), client::registration_digest.eq(None::<Digest>));
    if diesel::update(found).set(change).execute(tx.conn)? != 1 {
        return Ok(false);
    }
    store::set_secret(tx, row, None, None, at)?;
    diesel::delete(session_client::table.filter(session_client::realm.eq(realm)).filter(session_client::client.eq(row)))
        .execute(tx.conn)?;
    diesel::delete(client_logo::table.filter(client_logo::realm.eq(realm)).filter(client_logo::client.eq(row)))
        .execute(tx.conn)?;
    Ok(true)
}

/// The clients that registered themselves, were neither used nor changed since this time, and have nothing of anybody's, at most so many.
/// What a service does hangs on no grant: its use is noted by [`note_use`].
pub fn unused_own(rx: &mut Rx<'_>, since: Timestamp, limit: i64) -> Result<Vec<ClientRowId>> {
    let realm = rx.realm();
    // Each table is read once, whatever their number: none of them has an index by client.
    let grants = oauth_grant::table.filter(oauth_grant::realm.eq(realm)).select(oauth_grant::client);
    let consents = consent::table.filter(consent::realm.eq(realm)).select(consent::client);
    let flows = flow::table.filter(flow::realm.eq(realm)).filter(flow::client.is_not_null());
    let rows = client::table.filter(client::realm.eq(realm)).filter(client::origin.eq(ORIGIN_REGISTRATION));
    let rows = rows.filter(client::removed_at.is_null()).filter(client::updated_at.lt(since));
    let rows = rows.filter(client::used_at.is_null().or(client::used_at.assume_not_null().lt(since)));
    let rows = rows.filter(client::id.ne_all(grants)).filter(client::id.ne_all(consents));
    let rows = rows.filter(client::id.ne_all(flows.select(flow::client.assume_not_null())));
    Ok(rows.select(client::id).limit(limit).load(rx.conn)?)
}

/// Notes that a client was used, where that was not noted since a while ago.
pub fn note_use(tx: &mut Tx<'_>, row: ClientRowId, since: Timestamp, now: Timestamp) -> Result<()> {
    let row = client::table.filter(client::realm.eq(tx.realm())).filter(client::id.eq(row));
    let row = row.filter(client::used_at.is_null().or(client::used_at.assume_not_null().lt(since)));
    diesel::update(row).set(client::used_at.eq(Some(now))).execute(tx.conn)?;
    Ok(())
}

/// Deletes the rows of self-registered clients that were removed before this time and that nothing refers to any more, at most so many.
pub fn forget_removed(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    let realm = tx.realm();
    let grants = oauth_grant::table.filter(oauth_grant::realm.eq(realm)).select(oauth_grant::client);
    let flows = flow::table.filter(flow::realm.eq(realm)).filter(flow::client.is_not_null());
    let sessions = session_client::table.filter(session_client::realm.eq(realm)).select(session_client::client);
    let consents = consent::table.filter(consent::realm.eq(realm)).select(consent::client);
    let logos = client_logo::table.filter(client_logo::realm.eq(realm)).select(client_logo::client);
    let tokens = access_token::table.filter(access_token::realm.eq(realm)).select(access_token::client);
    let rows = client::table.filter(client::realm.eq(realm)).filter(client::origin.eq(ORIGIN_REGISTRATION));
    let rows = rows.filter(client::removed_at.lt(before)).filter(client::id.ne_all(grants)).filter(client::id.ne_all(sessions));
    let rows = rows.filter(client::id.ne_all(flows.select(flow::client.assume_not_null())));
    let rows = rows.filter(client::id.ne_all(consents)).filter(client::id.ne_all(logos)).filter(client::id.ne_all(tokens));
    let ids: Vec<ClientRowId> = rows.select(client::id).limit(limit).load(tx.conn)?;
    Ok(diesel::delete(client::table.filter(client::realm.eq(realm)).filter(client::id.eq_any(ids))).execute(tx.conn)?)
}

/// Whether a row is a client's that registered itself.
pub fn is_own(rx: &mut Rx<'_>, row: ClientRowId) -> Result<bool> {
    let origin: Option<String> = client::table.find((rx.realm(), row)).select(client::origin).get_result(rx.conn).optional()?;
    Ok(origin.ok_or_else(|| Failure::internal("the client is gone"))? == ORIGIN_REGISTRATION)
}
