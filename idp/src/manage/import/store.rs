//! Whom the effects of an import reach.

use crate::error::Result;
use crate::store::Rx;
use crate::store::schema::{account, activation_code, staged_entry};
use diesel::prelude::*;
use poterne_protocol::id::{EntryId, ImportId};
use std::collections::HashSet;

/// The entries whose status changes and who have an account or a code that lives.
pub(super) fn reached(rx: &mut Rx<'_>, import: ImportId) -> Result<HashSet<EntryId>> {
    use {account as a, activation_code as c, staged_entry as s};
    let realm = rx.realm();
    let turned = || s::table.filter(s::realm.eq(realm)).filter(s::import.eq(import)).filter(s::former_status.is_not_null());
    let holders = a::table.on(a::realm.eq(s::realm).and(a::entry.eq(s::entry.nullable())).and(a::deactivated_at.is_null()));
    let codes = c::table.on(c::realm.eq(s::realm).and(c::entry.eq(s::entry)).and(c::state.eq("active")));
    let holders: Vec<EntryId> = turned().inner_join(holders).select(s::entry).load(rx.conn)?;
    let codes: Vec<EntryId> = turned().inner_join(codes).select(s::entry).load(rx.conn)?;
    Ok(holders.into_iter().chain(codes).collect())
}
