//! Ending in one transaction.

use crate::access::{consent, flow, session};
use crate::directory::account;
use crate::error::Result;
use crate::store::Tx;
use poterne_protocol::id::{AccountId, BrowserId};
use poterne_protocol::time::Timestamp;

/// Ends all that an account has begun or been given: sessions with what hangs on them, what outlives them (`offline_access`), what
/// applications were allowed, half sign-ins, resets, letters' codes that would bring it back. No browser but `kept` is known to it any more. How many sessions lived.
///
/// # Errors
/// Of the database.
pub fn end_everything(tx: &mut Tx<'_>, account: AccountId, kept: Option<BrowserId>, now: Timestamp) -> Result<usize> {
    account::cut(tx, account, now)?;
    consent::forget_account(tx, account)?;
    flow::forget_proofs(tx, account)?;
    session::forget_devices(tx, account, kept)?;
    session::end_all(tx, account, None, now)
}
