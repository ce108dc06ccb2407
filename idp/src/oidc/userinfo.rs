//! Userinfo (OpenID Connect Core section 5.3): what the access token's scope opens, as long as its grant lives.

use crate::app::App;
use crate::directory::client;
use crate::error::{Failure, Result};
use crate::host::ClaimsPlace;
use crate::oidc::known::{Reader, known_of, of_the_host};
use crate::oidc::{cors, grant, http, mint};
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
use poterne_protocol::error::BearerError;
use poterne_protocol::id::GrantId;
use poterne_protocol::scope::OPENID;
use poterne_protocol::secret::Secret;
use poterne_protocol::wire::Params;
use std::sync::Arc;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::USERINFO, get(userinfo).post(userinfo).options(cors::preflight))
}

async fn userinfo(ctx: Ctx, method: Method, headers: HeaderMap, body: Bytes) -> Result<Response> {
    let response = match answer(&ctx, &method, &headers, &body).await? {
        Ok((client_id, info)) => told(&ctx, &client_id, &info).await,
        Err(error) => refusal(&ctx, &error),
    };
    cors::registered(&ctx, &headers, response?).await
}

/// The claims in the form that the client registered: JSON, or a token of type `application/jwt` (OpenID Connect Core section 5.3.2).
async fn told(ctx: &Ctx, client_id: &str, info: &UserInfo) -> Result<Response> {
    let client = client::known(&ctx.app, &ctx.realm, client_id).await?;
    let client = &client.ok_or_else(|| Failure::internal("a client that is gone"))?.client;
    let Some(token) = mint::user_info(ctx, client, info).await? else { return http::json(200, info) };
    let headers = [(header::CONTENT_TYPE, "application/jwt"), (header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((headers, token.expose().to_owned()).into_response())
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
) -> Result<std::result::Result<(String, UserInfo), BearerError>> {
    let (claims, grant_id) = match presented(method, headers, body).and_then(|token| read(ctx, &token)) {
        Ok((claims, _)) if !claims.scope.contains(OPENID) => return Ok(Err(BearerError::insufficient_scope(OPENID))),
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let (realm, now, token) = (ctx.realm.clone(), ctx.now, claims.clone());
    let for_host = ctx.app.claims.is_some();
    let found = ctx.app.db.read(ctx.realm.id, move |rx| {
        let Some(grant) = grant::load(rx, grant_id)? else { return Ok(None) };
        let Some(client) = client::known_by_row(rx, &realm, grant.client)? else { return Ok(None) };
        if grant.subject != token.sub || client.client.client_id != token.client_id {
            return Ok(None);
        }
        let Some(account) = grant::holder(rx, &grant, &client.client, now, realm.policy())? else { return Ok(None) };
        let names = grant.wanted.narrowed(&client.client.scope).userinfo;
        let known = known_of(rx, &realm, account, Opened { scope: &token.scope, names: &names }, for_host)?;
        Ok(Some((known, names)))
    });
    let Some((known, names)) = found.await? else { return Ok(Err(BearerError::invalid_token("the grant has ended"))) };
    let (client_id, scope, sub) = (&claims.client_id, &claims.scope, &claims.sub);
    let extra = of_the_host(&ctx.app, &ctx.realm, &known, Reader { client_id, scope, sub, place: ClaimsPlace::Userinfo }).await;
    let info = user_info(&claims.sub, &known.person, Opened { scope, names: &names }, extra);
    Ok(Ok((client_id.clone(), info)))
}

/// The claims of a token of ours that is valid now, and its grant. A signature is verified once for each snapshot of the realm, because
/// that costs more than all the rest; what may change meanwhile is asked at every use.
fn read(ctx: &Ctx, token: &Secret) -> std::result::Result<(Arc<AccessTokenClaims>, GrantId), BearerError> {
    let (kept, digest) = (&ctx.realm.kept, token.digest());
    let claims = if let Some(claims) = kept.token(&digest) {
        claims
    } else {
        let claims = Arc::new(AccessTokenClaims::verified(token.expose(), &ctx.realm.signing.published)?);
        kept.keep_token(&digest, &claims);
        claims
    };
    let grant = claims.check(ctx.realm.urls.issuer(), ctx.now)?.grant_id;
    Ok((claims, grant))
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
