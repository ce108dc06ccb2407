//! Signing what the transaction allowed: each token in the algorithm that the client registered.

use super::store::Issued;
use crate::error::{Failure, Result};
use crate::oidc::grant::Bond;
use crate::realm::Realm;
use poterne_protocol::claims::access_token::{AccessTokenClaims, Granted};
use poterne_protocol::claims::id_token::IdTokenClaims;
use poterne_protocol::claims::level::amr;
use poterne_protocol::claims::person::{claims, more_claims};
use poterne_protocol::claims::request::Opened;
use poterne_protocol::client::Client;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jws::{TokenType, mint};
use poterne_protocol::jose::jwt::Audience;
use poterne_protocol::scope::{OPENID, Scope};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use poterne_protocol::token::TokenResponse;
use serde::Serialize;
use serde_json::{Map, Value};

/// What goes into the tokens from outside the transaction.
pub(super) struct Fresh {
    /// Names the access token.
    pub(super) jti: String,
    /// What the host adds to the ID token.
    pub(super) extra: Map<String, Value>,
}

/// Makes the answer.
pub(super) fn tokens(realm: &Realm, client: &Client, issued: Issued, fresh: Fresh, now: Timestamp) -> Result<TokenResponse> {
    let expires_in = realm.policy().access_token();
    let claims = access_claims(realm, client, &issued, fresh.jti, now);
    let access_token = sign(realm, client.access_token_signed_response_alg, TokenType::AccessToken, &claims)?;
    let id_token = if issued.scope.contains(OPENID) {
        let claims = id_claims(realm, client, &issued, fresh.extra, now);
        Some(sign(realm, client.id_token_signed_response_alg, TokenType::IdToken, &claims)?)
    } else {
        None
    };
    Ok(TokenResponse { access_token, expires_in, refresh_token: issued.refresh_token, id_token, scope: issued.scope })
}

fn sign(realm: &Realm, algorithm: Algorithm, typ: TokenType, claims: &impl Serialize) -> Result<Secret> {
    let signer = realm.signer(algorithm).ok_or_else(|| Failure::internal("the realm has no signing key in use"))?;
    let token = mint(signer, typ, claims).map_err(|error| Failure::Internal(error.to_string().into()))?;
    Ok(Secret::new(token))
}

fn access_claims(realm: &Realm, client: &Client, issued: &Issued, jti: String, now: Timestamp) -> AccessTokenClaims {
    let grant = &issued.grant;
    AccessTokenClaims {
        iss: realm.urls.issuer().to_owned(),
        sub: grant.subject.clone(),
        aud: Audience::One(realm.urls.issuer().to_owned()),
        exp: now.plus(realm.policy().access_token()).secs(),
        iat: now.secs(),
        jti,
        client_id: client.client_id.clone(),
        scope: issued.scope.clone(),
        granted: Some(Granted {
            auth_time: grant.auth_time.secs(),
            acr: grant.level,
            amr: amr(&grant.amr),
            sid: matches!(grant.bond, Bond::Session(_)).then(|| grant.sid.clone()),
            grant_id: grant.id,
        }),
    }
}

/// The answer to a client that acts for itself: an access token alone (RFC 6749 section 4.4.3).
pub(super) fn own_token(realm: &Realm, client: &Client, scope: Scope, jti: String, now: Timestamp) -> Result<TokenResponse> {
    let expires_in = realm.policy().access_token();
    let claims = AccessTokenClaims {
        iss: realm.urls.issuer().to_owned(),
        sub: client.client_id.clone(),
        aud: Audience::One(realm.urls.issuer().to_owned()),
        exp: now.plus(expires_in).secs(),
        iat: now.secs(),
        jti,
        client_id: client.client_id.clone(),
        scope: scope.clone(),
        granted: None,
    };
    let access_token = sign(realm, client.access_token_signed_response_alg, TokenType::AccessToken, &claims)?;
    Ok(TokenResponse { access_token, expires_in, refresh_token: None, id_token: None, scope })
}

/// The ID token tells who and how, and of what the access token could fetch (OpenID Connect Core section 5.4) only what was asked for by
/// name (section 5.5). After a refresh
/// `iss`, `sub`, `aud` and `auth_time` are those of the first one (section 12.2).
fn id_claims(realm: &Realm, client: &Client, issued: &Issued, extra: Map<String, Value>, now: Timestamp) -> IdTokenClaims {
    let grant = &issued.grant;
    let opened = Opened { scope: &Scope::default(), names: &grant.wanted.id_token };
    IdTokenClaims {
        iss: realm.urls.issuer().to_owned(),
        aud: client.client_id.clone(),
        exp: now.plus(realm.policy().id_token()).secs(),
        iat: now.secs(),
        auth_time: grant.auth_time.secs(),
        nonce: issued.nonce.clone(),
        acr: grant.level,
        amr: amr(&grant.amr),
        sid: grant.sid.clone(),
        azp: None,
        at_hash: None,
        person: claims(&grant.subject, &issued.known.person, opened),
        more: more_claims(&issued.known.person, opened, extra),
    }
}
