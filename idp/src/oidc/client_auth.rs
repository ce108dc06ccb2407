//! Who asks at the token endpoint, at introspection and at revocation: one reading of what a client shows, and one check of it.

use super::client_keys;
use super::single_use::{self, Kind};
use crate::directory::client::{self, Registered};
use crate::error::Result;
use crate::oidc::http;
use crate::operations::audit::{Actor, Event, record};
use crate::urls::paths;
use crate::web::context::Ctx;
use axum::http::{HeaderMap, header};
use poterne_protocol::assertion::{AssertionClaims, SpentAssertion, check_type};
use poterne_protocol::client::ClientAuthMethod;
use poterne_protocol::client_auth::{self, Presented, Proven, bad_assertion};
use poterne_protocol::error::{TokenError, TokenErrorCode};
use poterne_protocol::jose::foreign::ForeignToken;
use poterne_protocol::jose::{Algorithm, SigningChoice};
use poterne_protocol::wire::Params;
use std::sync::Arc;

/// What went well, or what the client is told.
pub type Told<T> = Result<std::result::Result<T, TokenError>>;

/// The parameters of a request, and the client that has proven to make it, by exactly the method it registered (OpenID Connect Core
/// section 9).
pub async fn authenticate(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Told<(Params, Arc<Registered>)> {
    let (params, presented) = match read(headers, body) {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let found = client::known(&ctx.app, &ctx.realm, &presented.client_id).await?;
    let Some(client) = found else { return Ok(Err(presented.unknown_client())) };
    match proven(ctx, &client, &presented).await? {
        Ok(()) => Ok(Ok((params, client))),
        Err(error) => {
            note(ctx, &client, &error).await?;
            Ok(Err(error))
        }
    }
}

/// The client that a request names, whatever it proves: whose pages may read why it was refused.
pub async fn named(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Result<Option<Arc<Registered>>> {
    match read(headers, body) {
        Ok((_, presented)) => client::known(&ctx.app, &ctx.realm, &presented.client_id).await,
        Err(_) => Ok(None),
    }
}

async fn proven(ctx: &Ctx, client: &Registered, presented: &Presented) -> Told<()> {
    let assertion = match presented.authenticate(&client.client, &client.secrets(ctx.now)) {
        Ok(Proven::Whole) => return Ok(Ok(())),
        Ok(Proven::Assertion(assertion)) => assertion,
        Err(error) => return Ok(Err(error)),
    };
    // Apart: every request would carry the room that fetching a client's keys takes.
    let spent = match Box::pin(verified(ctx, client, assertion)).await? {
        Ok(spent) => spent,
        Err(error) => return Ok(Err(error)),
    };
    let SpentAssertion { digest, expires_at } = spent;
    // Before the request is looked at: whatever becomes of it, the assertion was used.
    let once = move |tx: &mut crate::store::Tx<'_>| single_use::spend(tx, Kind::ClientAssertion, digest, expires_at);
    let first = ctx.app.db.write(ctx.realm.id, once).await?;
    Ok(if first { Ok(()) } else { Err(bad_assertion("client_assertion: jti was used before")) })
}

/// What using an assertion spends, once everything about it holds. Its claims are looked at first: what is refused by them costs no fetch of
/// keys.
async fn verified(ctx: &Ctx, client: &Registered, assertion: &str) -> Told<SpentAssertion> {
    let refused = |why: &dyn std::fmt::Display| Ok(Err(bad_assertion(format!("client_assertion: {why}"))));
    let token = match ForeignToken::read(assertion) {
        Ok(token) => token,
        Err(refusal) => return refused(&refusal),
    };
    let claims: AssertionClaims = match token.unverified() {
        Ok(claims) => claims,
        Err(refusal) => return refused(&refusal),
    };
    let urls = &ctx.realm.urls;
    let here = ctx.path_and_query.split('?').next().unwrap_or_default();
    let readers = [urls.issuer(), &urls.at(paths::TOKEN), &format!("{}{here}", urls.issuer())];
    let spent = match check_type(&token).and_then(|()| claims.check(&client.client.client_id, &readers, ctx.now)) {
        Ok(spent) => spent,
        Err(refusal) => return refused(&refusal),
    };
    match signed(ctx, client, &token).await? {
        Ok(()) => Ok(Ok(spent)),
        Err(words) => refused(&words),
    }
}

/// Whether the signature holds by the algorithm that is registered, else by any of the method's.
async fn signed(ctx: &Ctx, client: &Registered, token: &ForeignToken<'_>) -> Result<std::result::Result<(), String>> {
    let registered = client.client.token_endpoint_auth_signing_alg;
    if registered.is_some() && token.algorithm() != registered {
        return Ok(Err("the algorithm is not the registered token_endpoint_auth_signing_alg".to_owned()));
    }
    if client.client.token_endpoint_auth_method == ClientAuthMethod::ClientSecretJwt {
        let Some(secret) = client.signing_secret(&ctx.realm.vault, ctx.now)? else {
            return Ok(Err("the client has no secret that could verify it, or it has expired: give it a new one".to_owned()));
        };
        let claims = token.verified_by_secret::<AssertionClaims>(secret.expose().as_bytes());
        return Ok(claims.map(|_| ()).map_err(|refusal| refusal.to_string()));
    }
    if !matches!(token.algorithm(), Some(SigningChoice::Asymmetric(_))) {
        return Ok(Err("the algorithm is not allowed: private_key_jwt is signed with a private key".to_owned()));
    }
    let (app, realm, allowed) = (&ctx.app, &ctx.realm, &Algorithm::ALL);
    let claims = client_keys::verified::<AssertionClaims>(app, realm, client, token, allowed, ctx.now).await;
    Ok(claims.map(|_| ()).map_err(|error| error.to_string()))
}

/// Records that a client failed to prove who it is: the first time in a snapshot of the realm, which lives a minute at most, so that a flood
/// of failures is an event a minute and process for each client. A name that no client has leaves none.
async fn note(ctx: &Ctx, client: &Registered, error: &TokenError) -> Result<()> {
    if error.code != TokenErrorCode::InvalidClient || !ctx.realm.kept.is_first_failure(client.row) {
        return Ok(());
    }
    let event = Event::new(&ctx.app, ctx.now, "client.authentication_failed", Actor::Visitor).about(&client.client.client_id);
    let event =
        event.with("method", client.client.token_endpoint_auth_method.as_str()).with("reason", error.description.as_str());
    ctx.app.db.write(ctx.realm.id, move |tx| record(tx, &event)).await
}

/// What the client shows and asks, before it is looked up.
fn read(headers: &HeaderMap, body: &[u8]) -> std::result::Result<(Params, Presented), TokenError> {
    if !http::is_form(headers) {
        return Err(TokenError::invalid_request("the body is not application/x-www-form-urlencoded"));
    }
    let params = Params::parse(body).map_err(|error| TokenError::invalid_request(error.to_string()))?;
    let authorization = http::only(headers, &header::AUTHORIZATION);
    let authorization = authorization.map_err(|_| TokenError::invalid_request("Authorization stands twice"))?;
    let presented = client_auth::read(authorization, &params)?;
    Ok((params, presented))
}
