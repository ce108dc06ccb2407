//! The browsers an account is known in: a sign-in from elsewhere is told to its owner, and strangers' wrong passwords never lock out a
//! known one.

use crate::error::Result;
use crate::store::schema::known_device;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::id::{AccountId, BrowserId};
use poterne_protocol::time::Timestamp;

/// Whether the account signed in, or was made, in this browser before.
pub fn is_known_device(rx: &mut Rx<'_>, account: AccountId, browser: BrowserId) -> Result<bool> {
    let row = known_device::table.find((rx.realm(), account, browser)).select(known_device::created_at);
    Ok(row.get_result::<Timestamp>(rx.conn).optional()?.is_some())
}

/// Whether anybody signed in, or made an account, in this browser before.
pub fn is_anybodys_device(rx: &mut Rx<'_>, browser: BrowserId) -> Result<bool> {
    let rows = known_device::table.filter(known_device::realm.eq(rx.realm())).filter(known_device::browser.eq(browser));
    let row = rows.select(known_device::created_at).limit(1);
    Ok(row.get_result::<Timestamp>(rx.conn).optional()?.is_some())
}

/// The browsers an account is known in.
pub fn devices_of(rx: &mut Rx<'_>, account: AccountId) -> Result<Vec<BrowserId>> {
    let rows = known_device::table.filter(known_device::realm.eq(rx.realm())).filter(known_device::account.eq(account));
    Ok(rows.select(known_device::browser).load(rx.conn)?)
}

/// Forgets the browsers an account is known in, except this one: what happens in the others is told to its owner as in any.
pub fn forget_devices(tx: &mut Tx<'_>, account: AccountId, except: Option<BrowserId>) -> Result<()> {
    let rows = known_device::table.filter(known_device::realm.eq(tx.realm())).filter(known_device::account.eq(account));
    match except {
        Some(kept) => diesel::delete(rows.filter(known_device::browser.ne(kept))).execute(tx.conn)?,
        None => diesel::delete(rows).execute(tx.conn)?,
    };
    Ok(())
}

/// Notes that the account was proven in this browser: whether the browser is new to it.
pub fn note_device(tx: &mut Tx<'_>, account: AccountId, browser: BrowserId, now: Timestamp) -> Result<bool> {
    let realm = tx.realm();
    let row = known_device::table.find((realm, account, browser));
    if cached::update(row, known_device::last_seen_at.eq(now)).execute(tx.conn)? > 0 {
        return Ok(false);
    }
    let row = (
        known_device::realm.eq(realm),
        known_device::account.eq(account),
        known_device::browser.eq(browser),
        known_device::created_at.eq(now),
        known_device::last_seen_at.eq(now),
    );
    diesel::insert_into(known_device::table).values(row).execute(tx.conn)?;
    Ok(true)
}
