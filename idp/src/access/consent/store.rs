//! The rows of what people agreed to: one for each account and client.

use crate::error::{Failure, Result};
use crate::store::schema::consent;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::consent::Agreed;
use poterne_protocol::id::{AccountId, ClientRowId};
use poterne_protocol::scope::Scope;
use poterne_protocol::time::Timestamp;

/// What a person agreed to, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// What.
    pub agreed: Agreed,
    /// When for the first time.
    pub given_at: Timestamp,
    /// When for the last time.
    pub updated_at: Timestamp,
}

pub(super) type Row = (String, Option<String>, Timestamp, Timestamp);

pub(super) fn read((scope, claims, given_at, updated_at): Row) -> Result<Remembered> {
    let scope = Scope::parse(&scope).map_err(|_| Failure::impossible("the scope of a consent"))?;
    let claims = claims.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    Ok(Remembered { agreed: Agreed { scope, claims }, given_at, updated_at })
}

/// What the person agreed that the client may have; `None` if they never did, or took it back.
pub fn remembered(rx: &mut Rx<'_>, account: AccountId, client: ClientRowId) -> Result<Option<Remembered>> {
    use consent as c;
    let row = c::table.find((rx.realm(), account, client)).select((c::scope, c::claims, c::given_at, c::updated_at));
    let row: Option<Row> = row.get_result(rx.conn).optional()?;
    row.map(read).transpose()
}

/// Keeps what the person agreed to, beside what they agreed to before.
pub(super) fn give(tx: &mut Tx<'_>, account: AccountId, client: ClientRowId, more: &Agreed, now: Timestamp) -> Result<()> {
    let earlier = remembered(tx, account, client)?;
    let all = earlier.as_ref().map_or_else(|| more.clone(), |earlier| earlier.agreed.and(more));
    let claims = if all.claims.is_empty() { None } else { Some(serde_json::to_string(&all.claims)?) };
    let change = (consent::scope.eq(all.scope.to_string()), consent::claims.eq(claims), consent::updated_at.eq(now));
    if earlier.is_some() {
        cached::update(consent::table.find((tx.realm(), account, client)), change).execute(tx.conn)?;
        return Ok(());
    }
    let names = (consent::realm.eq(tx.realm()), consent::account.eq(account), consent::client.eq(client));
    diesel::insert_into(consent::table).values((names, change, consent::given_at.eq(now))).execute(tx.conn)?;
    Ok(())
}

/// Forgets what the person agreed that a client may have; whether there was anything.
pub(super) fn forget(tx: &mut Tx<'_>, account: AccountId, client: ClientRowId) -> Result<bool> {
    Ok(diesel::delete(consent::table.find((tx.realm(), account, client))).execute(tx.conn)? == 1)
}

/// Forgets all that a person agreed to: whoever ends everything may not have been the only one to agree.
pub fn forget_account(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    let rows = consent::table.filter(consent::realm.eq(tx.realm())).filter(consent::account.eq(account));
    diesel::delete(rows).execute(tx.conn)?;
    Ok(())
}

/// Forgets all that people agreed that a client may have: should one of its name come back, it has nothing in common with this one.
pub fn forget_client(tx: &mut Tx<'_>, client: ClientRowId) -> Result<()> {
    let rows = consent::table.filter(consent::realm.eq(tx.realm())).filter(consent::client.eq(client));
    diesel::delete(rows).execute(tx.conn)?;
    Ok(())
}
