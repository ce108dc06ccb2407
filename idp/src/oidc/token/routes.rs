//! `/token`: who asks, for what, the answer.

use super::store::{Answer, Asking, Issued};
use crate::app::App;
use crate::directory::client::{self, Registered};
use crate::error::{Failure, Result};
use crate::figures::Grant;
use crate::host::ClaimsPlace;
use crate::oidc::client_auth::{self, Told};
use crate::oidc::client_keys::KeysError;
use crate::oidc::known::{Reader, of_the_host};
use crate::oidc::mint::{self, AccessToken, IdToken, TokenName};
use crate::oidc::{access_token, cors, encrypted, http, lifetimes};
use crate::urls::paths;
use crate::web::context::Ctx;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use poterne_protocol::client::Client;
use poterne_protocol::error::{TokenError, TokenErrorCode};
use poterne_protocol::resource;
use poterne_protocol::scope::{OPENID, Scope};
use poterne_protocol::token::{OwnRequest, TokenRequest, TokenResponse, parse};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The routes of this room.
pub fn endpoint() -> Router<App> {
    let posted = async |State(app): State<App>, request: Request| token(&app, request).await;
    Router::new().route(paths::TOKEN, post(posted).options(cors::preflight).fallback(http::not_by_post))
}

/// Answers what was posted to [`paths::TOKEN`].
pub async fn token(app: &App, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let ctx = match Ctx::of(&head, app) {
        Ok(ctx) => ctx,
        Err(failure) => return failure.into_response(),
    };
    let headers = std::mem::take(&mut head.headers);
    match Bytes::from_request(Request::from_parts(head, body), &()).await {
        Ok(body) => posted(&ctx, &headers, &body).await.into_response(),
        Err(rejection) => rejection.into_response(),
    }
}

async fn posted(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Result<Response> {
    let response = match answer(ctx, headers, body).await? {
        Ok(response) => http::json(200, &response.body()),
        Err(error) => {
            ctx.app.figures.token_refused();
            http::refusal(&ctx.realm, &error)
        }
    };
    cors::registered(headers, response?, client_auth::named(ctx, headers, body)).await
}

async fn answer(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Told<TokenResponse> {
    let (params, client) = match client_auth::authenticate(ctx, headers, body).await? {
        Ok(proven) => proven,
        Err(error) => return Ok(Err(error)),
    };
    let request = match parse(&params, &client.client) {
        Ok(request) => request,
        Err(error) => return Ok(Err(error)),
    };
    let grant = match &request {
        TokenRequest::AuthorizationCode(_) => Grant::AuthorizationCode,
        TokenRequest::RefreshToken(_) => Grant::RefreshToken,
        TokenRequest::ClientCredentials(_) => Grant::ClientCredentials,
    };
    let told = if let TokenRequest::ClientCredentials(own) = request {
        own_token(ctx, &client, own).await?
    } else {
        // Before anything is spent: without the client's key there would be nothing to give for it.
        let recipient = match encrypted::Recipient::of_id_tokens(ctx, &client).await {
            Ok(recipient) => recipient,
            Err(why) => return Ok(Err(unreadable(&why))),
        };
        let asking = Asking::new(&ctx.app, ctx.realm.clone(), client.clone(), request.grant_type(), ctx.now);
        granted(ctx, asking, request, recipient.as_ref()).await?
    };
    if told.is_ok() {
        ctx.app.figures.tokens(grant);
    }
    Ok(told)
}

/// Why a client gets no tokens that wants them encrypted.
fn unreadable(why: &KeysError) -> TokenError {
    let code = if why.may_pass() { TokenErrorCode::TemporarilyUnavailable } else { TokenErrorCode::InvalidRequest };
    TokenError::new(code, format!("id_token_encrypted_response_alg: {why}"))
}

/// The tokens of a grant.
async fn tokens(
    ctx: &Ctx,
    client: &Client,
    issued: Box<Issued>,
    recipient: Option<&encrypted::Recipient>,
) -> Result<TokenResponse> {
    let (grant, known, scope) = (&issued.grant, &issued.known, &issued.scope);
    let access = AccessToken { grant: Some(grant), scope, audience: &issued.audience, name: &issued.name };
    let access_token = mint::access_token(&ctx.realm, client, access, ctx.now)?;
    let id_token = if scope.contains(OPENID) {
        let reader = Reader { client_id: &client.client_id, scope, sub: &grant.subject, place: ClaimsPlace::IdToken };
        let extra = of_the_host(&ctx.app, &ctx.realm, known, reader).await;
        let (nonce, scope) = (issued.nonce.as_deref(), &Scope::default());
        let token = IdToken { grant, known, scope, nonce, access_token: None, code: None, extra };
        Some(mint::id_token(ctx, client, token, recipient)?)
    } else {
        None
    };
    let (expires_in, Issued { scope, refresh_token, .. }) = (lifetimes::access_token(&ctx.realm, client), *issued);
    Ok(TokenResponse { access_token, expires_in, refresh_token, id_token, scope })
}

/// The answer to a client that acts for itself: an access token alone (RFC 6749 section 4.4.3). Only an opaque one is written down.
async fn own_token(ctx: &Ctx, client: &Arc<Registered>, own: OwnRequest) -> Told<TokenResponse> {
    let audience = match resource::own(&own.resources, &client.client, ctx.realm.urls.issuer()) {
        Ok(audience) => audience,
        Err(why) => return Ok(Err(TokenError::invalid_target(why))),
    };
    note_use(ctx, client).await?;
    let (scope, name) = (own.scope, TokenName::draw(&ctx.app, &client.client, ctx.now));
    let token = AccessToken { grant: None, scope: &scope, audience: &audience, name: &name };
    let access_token = mint::access_token(&ctx.realm, &client.client, token, ctx.now)?;
    if let TokenName::Opaque(_) = name {
        let (realm, now, client, scope) = (ctx.realm.clone(), ctx.now, client.clone(), scope.clone());
        let kept = move |tx: &mut crate::store::Tx<'_>| {
            let token = AccessToken { grant: None, scope: &scope, audience: &audience, name: &name };
            access_token::keep(tx, &realm, &client, &token, now)
        };
        ctx.app.db.write(ctx.realm.id, kept).await?;
    }
    let expires_in = lifetimes::access_token(&ctx.realm, &client.client);
    Ok(Ok(TokenResponse { access_token, expires_in, refresh_token: None, id_token: None, scope }))
}

/// Notes, once an hour at most, that a service that registered itself is in use: nothing else of it would show.
async fn note_use(ctx: &Ctx, client: &Registered) -> Result<()> {
    let (now, since, row) = (ctx.now, ctx.now.minus(HOUR), client.row);
    if !client.is_own || client.used_at.is_some_and(|at| at >= since) {
        return Ok(());
    }
    ctx.app.db.write(ctx.realm.id, move |tx| client::note_use(tx, row, since, now)).await?;
    ctx.realm.clients.forget(row);
    Ok(())
}

/// The tokens of a grant, signed while the disk is still writing what allows them.
async fn granted(
    ctx: &Ctx,
    asking: Asking,
    request: TokenRequest,
    recipient: Option<&encrypted::Recipient>,
) -> Told<TokenResponse> {
    let (db, id, client) = (&ctx.app.db, ctx.realm.id, asking.client.clone());
    let made = async |answer: Answer| match answer {
        Ok(issued) => Ok(Ok(tokens(ctx, &client.client, issued, recipient).await?)),
        Err(error) => Ok(Err(error)),
    };
    match request {
        TokenRequest::AuthorizationCode(request) => db.write_and(id, move |tx| asking.redeem_code(tx, &request), made).await,
        TokenRequest::RefreshToken(request) => db.write_and(id, move |tx| asking.refresh(tx, &request), made).await,
        TokenRequest::ClientCredentials(_) => Err(Failure::internal("a client's own token hangs on no grant")),
    }
}
