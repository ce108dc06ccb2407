//! What an access token is worth now: the one place that says so, for every endpoint that takes one.

use super::store;
use crate::directory::account::Account;
use crate::directory::client::{self, Registered};
use crate::error::{Failure, Result};
use crate::oidc::grant::{self, Grant};
use crate::oidc::mint;
use crate::realm::Realm;
use crate::store::Rx;
use poterne_protocol::claims::access_token::AccessTokenClaims;
use poterne_protocol::id::{AccessTokenId, GrantId};
use poterne_protocol::resource;
use poterne_protocol::secret::{Digest, Handle, Secret};
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// A token by its form.
#[derive(Debug, Clone)]
pub enum Recognised {
    /// One of ours by its signature, and its digest.
    Signed(Arc<AccessTokenClaims>, Digest),
    /// What may be the name and the secret of a row.
    Opaque(Handle<AccessTokenId>),
}

/// An access token that is valid now.
#[derive(Debug, Clone)]
pub struct Live {
    /// What it says, or would say if it were a signed one.
    pub claims: Arc<AccessTokenClaims>,
    /// The client it was issued to.
    pub client: Arc<Registered>,
    /// The grant behind it and its person; nobody where a client acts for itself.
    pub behind: Option<(Grant, Account)>,
}

/// What a text may be. A signature is verified once for each snapshot of the realm, because that costs more than all the rest; what may
/// change meanwhile is for [`live`] to ask at every use.
#[must_use]
pub fn recognise(realm: &Realm, token: &Secret) -> Option<Recognised> {
    // Three parts are a signed token, two a handle.
    if token.expose().bytes().filter(|byte| *byte == b'.').count() != 2 {
        return Handle::parse(token.expose()).map(Recognised::Opaque);
    }
    let digest = token.digest();
    if let Some(claims) = realm.kept.token(&digest) {
        return Some(Recognised::Signed(claims, digest));
    }
    let claims = Arc::new(AccessTokenClaims::verified(token.expose(), &realm.signing.published).ok()?);
    realm.kept.keep_token(&digest, &claims);
    Some(Recognised::Signed(claims, digest))
}

/// What the token is worth now; `None` when it is worth nothing: unknown, ended, revoked, or its client, grant, session or account is.
/// Whom it is for is for the reader to ask.
pub fn live(rx: &mut Rx<'_>, realm: &Realm, token: &Recognised, now: Timestamp) -> Result<Option<Live>> {
    match token {
        Recognised::Signed(claims, digest) => signed(rx, realm, claims, *digest, now),
        Recognised::Opaque(handle) => opaque(rx, realm, handle, now),
    }
}

/// The client that the token was issued to, whether or not it is worth anything now.
pub fn holder(rx: &mut Rx<'_>, realm: &Realm, token: &Recognised) -> Result<Option<Arc<Registered>>> {
    match token {
        Recognised::Signed(claims, _) => client::known_by_client_id(rx, realm, &claims.client_id),
        Recognised::Opaque(handle) => match store::load(rx, handle.id)? {
            Some(stored) if stored.secret == handle.secret.digest() => client::known_by_row(rx, realm, stored.client),
            _ => Ok(None),
        },
    }
}

fn signed(
    rx: &mut Rx<'_>,
    realm: &Realm,
    claims: &Arc<AccessTokenClaims>,
    digest: Digest,
    now: Timestamp,
) -> Result<Option<Live>> {
    if claims.lives(realm.urls.issuer(), now).is_err() {
        return Ok(None);
    }
    if let Some(granted) = &claims.granted {
        let behind = behind(rx, realm, granted.grant_id, now)?;
        let of_it =
            |grant: &Grant, client: &Registered| grant.subject == claims.sub && client.client.client_id == claims.client_id;
        let behind = behind.filter(|(grant, _, client)| of_it(grant, client));
        return Ok(behind.map(|(grant, account, client)| Live {
            claims: claims.clone(),
            client,
            behind: Some((grant, account)),
        }));
    }
    let Some(client) = client::known_by_client_id(rx, realm, &claims.client_id)? else { return Ok(None) };
    let revoked = store::is_revoked(rx, digest)?;
    Ok((!revoked).then(|| Live { claims: claims.clone(), client, behind: None }))
}

fn opaque(rx: &mut Rx<'_>, realm: &Realm, handle: &Handle<AccessTokenId>, now: Timestamp) -> Result<Option<Live>> {
    let Some(stored) = store::load(rx, handle.id)? else { return Ok(None) };
    if stored.secret != handle.secret.digest() || stored.revoked_at.is_some() || now >= stored.expires_at {
        return Ok(None);
    }
    let (behind, client) = match stored.grant {
        Some(id) => match behind(rx, realm, id, now)? {
            Some((grant, account, client)) => (Some((grant, account)), client),
            None => return Ok(None),
        },
        None => match client::known_by_row(rx, realm, stored.client)? {
            Some(client) => (None, client),
            None => return Ok(None),
        },
    };
    if client.row != stored.client {
        return Err(Failure::impossible("an access token of another client than its grant"));
    }
    let grant = behind.as_ref().map(|(grant, _)| grant);
    let claims = AccessTokenClaims {
        iss: realm.urls.issuer().to_owned(),
        sub: grant.map_or(&client.client.client_id, |grant| &grant.subject).clone(),
        aud: resource::audience(&stored.audience),
        exp: stored.expires_at.secs(),
        iat: stored.issued_at.secs(),
        jti: handle.id.to_string(),
        client_id: client.client.client_id.clone(),
        scope: stored.scope,
        granted: grant.map(mint::granted),
    };
    Ok(Some(Live { claims: Arc::new(claims), client, behind }))
}

/// A grant that lives, its person and its client.
fn behind(rx: &mut Rx<'_>, realm: &Realm, id: GrantId, now: Timestamp) -> Result<Option<(Grant, Account, Arc<Registered>)>> {
    let Some(grant) = grant::load(rx, id)? else { return Ok(None) };
    let Some(client) = client::known_by_row(rx, realm, grant.client)? else { return Ok(None) };
    let holder = grant::holder(rx, &grant, &client.client, now, realm.policy())?;
    Ok(holder.map(|account| (grant, account, client)))
}
