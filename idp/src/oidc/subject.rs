//! `sub`: a random value, stored per sector and account, so that portals of different sectors cannot compare people (OpenID Connect
//! Core section 8.1).

use crate::error::{Failure, Result};
use crate::store::schema::subject_identifier;
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::client::{Client, SubjectType};
use poterne_protocol::id::AccountId;
use poterne_protocol::time::Timestamp;

/// The sector that all clients with public subjects share; no named sector and no host is empty.
const PUBLIC: &str = "";

/// A client that became a service has none: it is given no `sub` any more.
fn sector(client: &Client) -> Option<String> {
    match client.subject_type {
        SubjectType::Public => Some(PUBLIC.to_owned()),
        SubjectType::Pairwise => client.sector(),
    }
}

/// The person as this client knows them, if it or another of its sector has met them.
pub fn known(rx: &mut Rx<'_>, client: &Client, account: AccountId) -> Result<Option<String>> {
    let Some(sector) = sector(client) else { return Ok(None) };
    let row = subject_identifier::table.find((rx.realm(), sector, account)).select(subject_identifier::sub);
    Ok(row.get_result(rx.conn).optional()?)
}

/// The person as this client knows them from now on: `fresh` when its sector meets them first.
pub fn settle(tx: &mut Tx<'_>, client: &Client, account: AccountId, fresh: &str, now: Timestamp) -> Result<String> {
    if let Some(sub) = known(tx, client, account)? {
        return Ok(sub);
    }
    let sector = sector(client).ok_or_else(|| Failure::impossible("a client with pairwise subjects and no sector"))?;
    let row = (
        subject_identifier::realm.eq(tx.realm()),
        subject_identifier::sector.eq(sector),
        subject_identifier::account.eq(account),
        subject_identifier::sub.eq(fresh),
        subject_identifier::created_at.eq(now),
    );
    diesel::insert_into(subject_identifier::table).values(row).execute(tx.conn)?;
    Ok(fresh.to_owned())
}
