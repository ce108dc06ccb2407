//! The end of a client that registered itself, by its own wish, the operator's, or because nobody used it.

use crate::directory::{client, realm};
use crate::error::Result;
use crate::oidc::{access_token, grant};
use crate::store::Tx;
use poterne_protocol::id::ClientRowId;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;

/// Takes a client away that registered itself, with all it was given: how many grants ended, or `None` when it is gone already.
pub fn remove(tx: &mut Tx<'_>, row: ClientRowId, now: Timestamp) -> Result<Option<usize>> {
    if !client::remove_own(tx, row, now)? {
        return Ok(None);
    }
    let ended = grant::revoke_of_client(tx, row, now)?;
    access_token::revoke_of_client(tx, row, now)?;
    Ok(Some(ended))
}

/// Takes those away that nobody used for as long as the realm's document says, at most so many; how many they were.
pub fn remove_unused(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<usize> {
    let days = realm::document(tx)?.1.registration.unwrap_or_default().unused_days;
    if days == 0 {
        return Ok(0);
    }
    let since = now.minus(Duration::from_secs(u64::from(days) * DAY));
    let mut removed = 0;
    for row in client::unused_own(tx, since, limit)? {
        removed += usize::from(remove(tx, row, now)?.is_some());
    }
    if removed > 0 {
        let id = tx.realm();
        realm::raise_generation(tx, id)?;
    }
    Ok(removed)
}

/// Deletes what is left of those that were removed before this time, at most so many; how many they were.
pub fn forget_removed(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    client::forget_removed(tx, before, limit)
}
