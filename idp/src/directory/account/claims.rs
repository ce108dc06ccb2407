//! Further standard claims of an account: sealed JSON in its row, read only when one of them is asked for.

use super::Account;
use crate::app::App;
use crate::error::{Failure, Result};
use crate::realm::Realm;
use crate::store::Tx;
use crate::store::schema::account;
use crate::vault::Place;
use diesel::prelude::*;
use poterne_protocol::claims::further::FurtherClaims;
use poterne_protocol::id::AccountId;
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What lies in the row, sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ToldClaims {
    /// The claims.
    pub claims: FurtherClaims,
    /// When they were set.
    pub updated_at: Timestamp,
}

const fn place(id: &AccountId) -> Place<'_> {
    Place { table: "account", column: "claims", row: id.as_bytes() }
}

/// Claims, ready to be kept with their account: sealed outside of any transaction. Check them before.
pub fn seal_claims(app: &App, realm: &Realm, id: AccountId, claims: FurtherClaims, now: Timestamp) -> Result<Sealed> {
    let clear = zeroize::Zeroizing::new(serde_json::to_vec(&ToldClaims { claims, updated_at: now })?);
    realm.vault.seal(&app.entropy, place(&id), &clear)
}

/// Keeps an account's claims in place of those it had; `None` forgets them.
pub fn set_claims(tx: &mut Tx<'_>, id: AccountId, sealed: Option<&Sealed>) -> Result<()> {
    diesel::update(account::table.find((tx.realm(), id))).set(account::claims.eq(sealed)).execute(tx.conn)?;
    Ok(())
}

/// The claims of an account, opened.
///
/// # Errors
/// [`Failure::Sealed`] when the bytes were changed or belong elsewhere.
pub fn claims_of(realm: &Realm, account: &Account) -> Result<Option<ToldClaims>> {
    let Some(sealed) = &account.claims else { return Ok(None) };
    let clear = realm.vault.unseal(place(&account.id), sealed)?;
    serde_json::from_slice(&clear).map(Some).map_err(|_| Failure::impossible("an account's claims"))
}
