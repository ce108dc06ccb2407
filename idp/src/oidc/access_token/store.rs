//! The rows of opaque access tokens, and which signed ones without a grant were revoked.

use crate::directory::client::Registered;
use crate::error::{Failure, Result};
use crate::oidc::lifetimes;
use crate::oidc::mint::{AccessToken, TokenName};
use crate::oidc::single_use::{self, Kind};
use crate::realm::Realm;
use crate::store::schema::access_token;
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::{AccessTokenId, ClientRowId, GrantId};
use poterne_protocol::scope::Scope;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// An opaque access token as it was kept.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The digest of its secret.
    pub secret: Digest,
    /// What it was issued from; `None` where a client acts for itself.
    pub grant: Option<GrantId>,
    /// The client it was issued to.
    pub client: ClientRowId,
    /// What it may be used for.
    pub scope: Scope,
    /// The resources it is for.
    pub audience: Vec<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was revoked by itself, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// Keeps what an opaque token stands for, in the transaction that allows it. A signed one says it by itself: nothing is written.
pub fn keep(tx: &mut Tx<'_>, realm: &Realm, client: &Registered, token: &AccessToken<'_>, now: Timestamp) -> Result<()> {
    let TokenName::Opaque(handle) = token.name else { return Ok(()) };
    let row = (
        access_token::realm.eq(tx.realm()),
        access_token::id.eq(handle.id),
        access_token::secret_digest.eq(handle.secret.digest()),
        access_token::oauth_grant.eq(token.grant.map(|grant| grant.id)),
        access_token::client.eq(client.row),
        access_token::scope.eq(token.scope.to_string()),
        access_token::audience.eq(token.audience.join(" ")),
        access_token::issued_at.eq(now),
        access_token::expires_at.eq(now.plus(lifetimes::access_token(realm, &client.client))),
    );
    diesel::insert_into(access_token::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The opaque token of this id; its secret is for the reader to compare.
pub(super) fn load(rx: &mut Rx<'_>, id: AccessTokenId) -> Result<Option<Stored>> {
    use access_token as t;
    type Row = (Digest, Option<GrantId>, ClientRowId, String, String, Timestamp, Timestamp, Option<Timestamp>);
    let columns =
        (t::secret_digest, t::oauth_grant, t::client, t::scope, t::audience, t::issued_at, t::expires_at, t::revoked_at);
    let row: Option<Row> = t::table.find((rx.realm(), id)).select(columns).get_result(rx.conn).optional()?;
    row.map(|(secret, grant, client, scope, audience, issued_at, expires_at, revoked_at)| {
        let scope = Scope::parse(&scope).map_err(|_| Failure::impossible("an access token's scope"))?;
        let audience = audience.split(' ').map(str::to_owned).collect();
        Ok(Stored { secret, grant, client, scope, audience, issued_at, expires_at, revoked_at })
    })
    .transpose()
}

/// Revokes one opaque token, once: `false` when it was before.
pub fn revoke(tx: &mut Tx<'_>, id: AccessTokenId, now: Timestamp) -> Result<bool> {
    let row = access_token::table.filter(access_token::realm.eq(tx.realm())).filter(access_token::id.eq(id));
    let row = row.filter(access_token::revoked_at.is_null());
    Ok(diesel::update(row).set(access_token::revoked_at.eq(Some(now))).execute(tx.conn)? == 1)
}

/// Ends every opaque token of a client.
pub fn revoke_of_client(tx: &mut Tx<'_>, client: ClientRowId, now: Timestamp) -> Result<()> {
    let rows = access_token::table.filter(access_token::realm.eq(tx.realm())).filter(access_token::client.eq(client));
    let rows = rows.filter(access_token::revoked_at.is_null());
    diesel::update(rows).set(access_token::revoked_at.eq(Some(now))).execute(tx.conn)?;
    Ok(())
}

/// Revokes one signed token that hangs on no grant, once: `false` when it was before. It is remembered until it ends by itself.
pub fn revoke_signed(tx: &mut Tx<'_>, digest: Digest, expires_at: Timestamp) -> Result<bool> {
    single_use::spend(tx, Kind::RevokedToken, digest, expires_at)
}

/// Whether that was done.
pub(super) fn is_revoked(rx: &mut Rx<'_>, digest: Digest) -> Result<bool> {
    single_use::is_spent(rx, Kind::RevokedToken, digest)
}
