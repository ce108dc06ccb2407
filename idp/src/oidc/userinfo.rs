//! Userinfo (OpenID Connect Core section 5.3): what the access token's scope opens, as long as its grant lives.

use crate::app::App;
use crate::directory::client::Registered;
use crate::error::{Failure, Result};
use crate::host::ClaimsPlace;
use crate::oidc::access_token::{self, Live, Recognised};
use crate::oidc::client_keys::KeysError;
use crate::oidc::known::{Reader, known_of, of_the_host};
use crate::oidc::{cors, encrypted, http, mint};
use crate::urls::paths;
use crate::web::context::Ctx;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use poterne_protocol::bearer;
use poterne_protocol::claims::access_token::AccessTokenClaims;
use poterne_protocol::claims::person::{UserInfo, user_info};
use poterne_protocol::claims::request::Opened;
use poterne_protocol::error::{BearerError, Description, ErrorBody};
use poterne_protocol::jose::jws::is_encrypted;
use poterne_protocol::scope::{self, OPENID};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use poterne_protocol::wire::Params;
use std::sync::Arc;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::USERINFO, get(userinfo).post(userinfo).options(cors::preflight))
}

async fn userinfo(ctx: Ctx, method: Method, headers: HeaderMap, body: Bytes) -> Result<Response> {
    let response = match answer(&ctx, &method, &headers, &body).await? {
        Ok((client, info)) => told(&ctx, &client, &info).await,
        Err(error) => refusal(&ctx, &error),
    };
    cors::registered(&headers, response?, holder(&ctx, &method, &headers, &body)).await
}

/// The claims in the form that the client registered: JSON, or a token of type `application/jwt` (OpenID Connect Core section 5.3.2).
async fn told(ctx: &Ctx, client: &Registered, info: &UserInfo) -> Result<Response> {
    let recipient = match encrypted::Recipient::of_userinfo(ctx, client).await {
        Ok(recipient) => recipient,
        Err(why) => return unreadable(&why),
    };
    let Some(token) = mint::user_info(ctx, &client.client, info, recipient.as_ref())? else { return http::json(200, info) };
    let headers = [(header::CONTENT_TYPE, "application/jwt"), (header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((headers, token.expose().to_owned()).into_response())
}

/// The answer to a client that wants it encrypted, where there is no key to encrypt it to. RFC 6750 has no code for it.
fn unreadable(why: &KeysError) -> Result<Response> {
    let (status, error) = if why.may_pass() { (503, "temporarily_unavailable") } else { (500, "server_error") };
    let error_description = Description::new(format!("userinfo_encrypted_response_alg: {why}"));
    let mut response = http::json(status, &ErrorBody { error, error_description: error_description.as_str().to_owned() })?;
    if why.may_pass() {
        http::ask_again(&mut response);
    }
    Ok(response)
}

/// RFC 6750 section 3.
fn refusal(ctx: &Ctx, error: &BearerError) -> Result<Response> {
    let mut response = match error.body() {
        Some(body) => http::json(error.status(), &body)?,
        // Without a token there is nothing to say but the challenge; a type keeps the answer as it is.
        None => (axum::http::StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, "application/json")]).into_response(),
    };
    if let Ok(challenge) = HeaderValue::try_from(error.www_authenticate(ctx.realm.urls.issuer())) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    Ok(response)
}

async fn answer(
    ctx: &Ctx,
    method: &Method,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<std::result::Result<(Arc<Registered>, UserInfo), BearerError>> {
    let token = match presented(method, headers, body) {
        Ok(token) => token,
        Err(error) => return Ok(Err(error)),
    };
    if is_encrypted(token.expose()) {
        return Ok(Err(BearerError::invalid_token("encrypted tokens are not accepted")));
    }
    let Some(token) = access_token::recognise(&ctx.realm, &token) else {
        return Ok(Err(BearerError::invalid_token("the token is not one of ours")));
    };
    // What a signed token says by itself needs no database.
    if let Recognised::Signed(claims, _) = &token
        && let Err(error) = is_for_userinfo(claims, ctx.realm.urls.issuer(), ctx.now)
    {
        return Ok(Err(error));
    }
    let (realm, now, for_host) = (ctx.realm.clone(), ctx.now, ctx.app.claims.is_some());
    let found = ctx.app.db.read(ctx.realm.id, move |rx| {
        let Some(Live { claims, client, behind }) = access_token::live(rx, &realm, &token, now)? else {
            return Ok(Err(BearerError::invalid_token("the token or its grant has ended")));
        };
        if let Err(error) = is_for_userinfo(&claims, realm.urls.issuer(), now) {
            return Ok(Err(error));
        }
        // What the operator took from the client since is told to it no more.
        let scope = scope::allowed(&claims.scope, &client.client.scope, true);
        if !scope.contains(OPENID) {
            return Ok(Err(BearerError::insufficient_scope(OPENID)));
        }
        let (grant, account) = behind.ok_or_else(|| Failure::impossible("a person's token without a person"))?;
        let names = grant.wanted.narrowed(&client.client.scope).userinfo;
        let known = known_of(rx, &realm, account, Opened { scope: &scope, names: &names }, for_host)?;
        Ok(Ok((claims, scope, client, known, names)))
    });
    let (claims, scope, client, known, names) = match found.await? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let (client_id, scope, sub) = (&claims.client_id, &scope, &claims.sub);
    let extra = of_the_host(&ctx.app, &ctx.realm, &known, Reader { client_id, scope, sub, place: ClaimsPlace::Userinfo }).await;
    let info = user_info(&claims.sub, &known.person, Opened { scope, names: &names }, extra);
    Ok(Ok((client, info)))
}

/// The client that the token was given to, also where it counts no more: its page must read that to ask for another.
async fn holder(ctx: &Ctx, method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<Option<Arc<Registered>>> {
    let Some(token) = presented(method, headers, body).ok().and_then(|token| access_token::recognise(&ctx.realm, &token)) else {
        return Ok(None);
    };
    let realm = ctx.realm.clone();
    ctx.app.db.read(ctx.realm.id, move |rx| access_token::holder(rx, &realm, &token)).await
}

/// Whether the token is one of a person, for the provider itself, with the scope that userinfo takes.
fn is_for_userinfo(claims: &AccessTokenClaims, issuer: &str, now: Timestamp) -> std::result::Result<(), BearerError> {
    claims.check(issuer, now)?;
    if claims.scope.contains(OPENID) { Ok(()) } else { Err(BearerError::insufficient_scope(OPENID)) }
}

/// The token of the header, or of a form body (RFC 6750 section 2.2 allows it for methods with a body only).
fn presented(method: &Method, headers: &HeaderMap, body: &[u8]) -> std::result::Result<Secret, BearerError> {
    let authorization = http::only(headers, &header::AUTHORIZATION);
    let authorization = authorization.map_err(|_| BearerError::invalid_request("Authorization stands twice"))?;
    let form = if *method == Method::POST && http::is_form(headers) {
        Some(Params::parse(body).map_err(|_| BearerError::invalid_request("the body cannot be read"))?)
    } else {
        None
    };
    bearer::read(authorization, form.as_ref())
}
