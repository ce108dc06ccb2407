//! The rows of refresh tokens.

use crate::error::{Failure, Result};
use crate::store::schema::refresh_token;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::id::{GrantId, RefreshTokenId};
use poterne_protocol::scope::Scope;
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;

/// A refresh token as it was kept.
#[derive(Debug, Clone)]
pub struct StoredRefresh {
    /// The digest of its secret.
    pub secret: Digest,
    /// What it was issued from.
    pub grant: GrantId,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When a successor took its place, if one did.
    pub rotated_at: Option<Timestamp>,
}

/// Inserts a refresh token; only its digest is kept.
pub fn insert_refresh(
    tx: &mut Tx<'_>,
    token: &Handle<RefreshTokenId>,
    grant: GrantId,
    scope: &Scope,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    let row = (
        refresh_token::realm.eq(tx.realm()),
        refresh_token::id.eq(token.id),
        refresh_token::secret_digest.eq(token.secret.digest()),
        refresh_token::oauth_grant.eq(grant),
        refresh_token::scope.eq(scope.to_string()),
        refresh_token::issued_at.eq(at),
        refresh_token::expires_at.eq(expires_at),
    );
    diesel::insert_into(refresh_token::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The refresh token of this id; its secret is compared by the rule.
pub fn load_refresh(rx: &mut Rx<'_>, id: RefreshTokenId) -> Result<Option<StoredRefresh>> {
    use refresh_token as r;
    type Row = (Digest, GrantId, String, Timestamp, Timestamp, Option<Timestamp>);
    let columns = (r::secret_digest, r::oauth_grant, r::scope, r::issued_at, r::expires_at, r::rotated_at);
    let row: Option<Row> = r::table.find((rx.realm(), id)).select(columns).get_result(rx.conn).optional()?;
    row.map(|(secret, grant, scope, issued_at, expires_at, rotated_at)| {
        let scope = Scope::parse(&scope).map_err(|_| Failure::impossible("a refresh token's scope"))?;
        Ok(StoredRefresh { secret, grant, scope, issued_at, expires_at, rotated_at })
    })
    .transpose()
}

/// Marks a refresh token rotated, once: `false` when it was before.
pub fn mark_rotated(tx: &mut Tx<'_>, id: RefreshTokenId, successor: RefreshTokenId, now: Timestamp) -> Result<bool> {
    let row = refresh_token::table.filter(refresh_token::realm.eq(tx.realm())).filter(refresh_token::id.eq(id));
    let row = row.filter(refresh_token::rotated_at.is_null());
    let change = (refresh_token::rotated_at.eq(Some(now)), refresh_token::successor.eq(Some(successor)));
    Ok(cached::update(row, change).execute(tx.conn)? == 1)
}
