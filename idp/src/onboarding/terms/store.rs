//! The rows of acceptances. They are added, never changed.

use crate::error::Result;
use crate::lang::Lang;
use crate::store::Tx;
use crate::store::schema::acceptance;
use diesel::prelude::*;
use poterne_protocol::id::{AcceptanceId, AccountId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// An acceptance to be kept.
#[derive(Debug, Clone)]
pub struct NewAcceptance {
    /// Names the acceptance.
    pub id: AcceptanceId,
    /// Who accepted.
    pub account: AccountId,
    /// The population whose terms they are.
    pub population: String,
    /// Their version.
    pub version: u32,
    /// The language shown.
    pub language: Lang,
    /// SHA-256 of the text shown.
    pub hash: Digest,
    /// Where: `registration`.
    pub channel: &'static str,
    /// When.
    pub at: Timestamp,
}

/// Keeps an acceptance.
pub fn accept(tx: &mut Tx<'_>, new: &NewAcceptance) -> Result<()> {
    let row = (
        acceptance::realm.eq(tx.realm()),
        acceptance::id.eq(new.id),
        acceptance::account.eq(new.account),
        acceptance::population.eq(&new.population),
        acceptance::version.eq(new.version.to_string()),
        acceptance::language.eq(new.language.tag()),
        acceptance::hash.eq(new.hash.as_bytes().to_vec()),
        acceptance::channel.eq(new.channel),
        acceptance::accepted_at.eq(new.at),
    );
    diesel::insert_into(acceptance::table).values(row).execute(tx.conn)?;
    Ok(())
}
