//! The wrong tries of a sign-in, forgotten where an account has new credentials.

use super::code::sendings_of;
use crate::error::Result;
use crate::operations::limits::{self, Counter};
use crate::realm::Realm;
use crate::settings::FactorKind;
use crate::store::Tx;
use crate::vault::Purpose;
use poterne_protocol::id::AccountId;

/// Forgets the wrong passwords and factors of an account, and what was sent for it today: its credentials are new.
pub fn forget_tries(tx: &mut Tx<'_>, realm: &Realm, account: AccountId) -> Result<()> {
    let (_, passwords) = realm.vault.digest(Purpose::Lookup, "login", &format!("account:{account}"))?;
    limits::succeed(tx, Counter::Password, passwords)?;
    for kind in FactorKind::ALL {
        let (_, factors) = realm.vault.digest(Purpose::Lookup, "factor", &format!("{account}/{}", kind.as_str()))?;
        limits::succeed(tx, Counter::Factor, factors)?;
    }
    limits::succeed(tx, Counter::Sending, sendings_of(realm, account)?)
}
