//! The keys that sign a realm's tokens.

use crate::app::App;
use crate::error::Result;
use crate::realm::SigningKeys;
use crate::store::{Rx, Tx};
use crate::vault::Vault;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// A signing key to be inserted, sealed.
#[derive(Debug, Clone)]
pub struct NewSigningKey;

/// The keys in use and those published.
pub fn load(_rx: &mut Rx<'_>, _vault: &Vault, _now: Timestamp) -> Result<SigningKeys> {
    Ok(SigningKeys::default())
}

/// The first keys of a realm: for each algorithm one in use and the next, published `lead` before it signs.
pub async fn generate_first(_app: &App, _vault: &Vault, _lead: Duration, _now: Timestamp) -> Result<Vec<NewSigningKey>> {
    Ok(Vec::new())
}

/// Inserts keys.
pub fn insert(_tx: &mut Tx<'_>, _keys: &[NewSigningKey]) -> Result<()> {
    Ok(())
}
