//! `/token`: who asks, for what, the answer.

use super::store::{Answer, Asking, Issued};
use crate::app::App;
use crate::error::{Failure, Result};
use crate::figures::Grant;
use crate::host::ClaimsPlace;
use crate::oidc::client_auth::{self, Told};
use crate::oidc::known::{Reader, of_the_host};
use crate::oidc::mint::{self, AccessToken, IdToken};
use crate::oidc::{cors, http};
use crate::urls::paths;
use crate::web::context::Ctx;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::client::Client;
use poterne_protocol::error::TokenError;
use poterne_protocol::scope::{OPENID, Scope};
use poterne_protocol::token::{TokenRequest, TokenResponse, parse};

/// The routes of this room.
pub fn endpoint() -> Router<App> {
    Router::new().route(paths::TOKEN, post(token).options(cors::preflight).fallback(not_by_post))
}

async fn token(ctx: Ctx, headers: HeaderMap, body: Bytes) -> Result<Response> {
    let response = match answer(&ctx, &headers, &body).await? {
        Ok(response) => http::json(200, &response.body()),
        Err(error) => {
            ctx.app.figures.token_refused();
            refusal(&ctx, &error)
        }
    };
    cors::registered(&ctx, &headers, response?).await
}

/// RFC 6749 section 3.2: the client uses POST.
async fn not_by_post() -> Result<Response> {
    let mut response = http::json(405, &TokenError::invalid_request("the token endpoint is asked by POST").body())?;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    Ok(response)
}

fn refusal(ctx: &Ctx, error: &TokenError) -> Result<Response> {
    let mut response = http::json(error.status(), &error.body())?;
    if let Some(challenge) = error.www_authenticate(ctx.realm.urls.issuer()).and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    Ok(response)
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
    let jti = URL_SAFE_NO_PAD.encode(ctx.app.entropy.bytes::<16>());
    let grant = match &request {
        TokenRequest::AuthorizationCode(_) => Grant::AuthorizationCode,
        TokenRequest::RefreshToken(_) => Grant::RefreshToken,
        TokenRequest::ClientCredentials(_) => Grant::ClientCredentials,
    };
    if let TokenRequest::ClientCredentials(scope) = request {
        ctx.app.figures.tokens(grant);
        return own_token(ctx, &client.client, scope, jti).map(Ok);
    }
    let asking = Asking::new(&ctx.app, ctx.realm.clone(), client.clone(), ctx.now);
    match granted(ctx, asking, request).await? {
        Err(error) => Ok(Err(error)),
        Ok(issued) => {
            ctx.app.figures.tokens(grant);
            tokens(ctx, &client.client, issued, jti).await.map(Ok)
        }
    }
}

/// The tokens of a grant.
async fn tokens(ctx: &Ctx, client: &Client, issued: Issued, jti: String) -> Result<TokenResponse> {
    let Issued { grant, scope, nonce, refresh_token, known } = issued;
    let access = AccessToken { grant: Some(&grant), scope: &scope, jti };
    let access_token = mint::access_token(&ctx.realm, client, access, ctx.now)?;
    let id_token = if scope.contains(OPENID) {
        let reader = Reader { client_id: &client.client_id, scope: &scope, sub: &grant.subject, place: ClaimsPlace::IdToken };
        let extra = of_the_host(&ctx.app, &ctx.realm, &known, reader).await;
        let nonce = nonce.as_deref();
        let (grant, known, scope) = (&grant, &known, &Scope::default());
        let token = IdToken { grant, known, scope, nonce, access_token: None, code: None, extra };
        Some(mint::id_token(ctx, client, token).await?)
    } else {
        None
    };
    Ok(TokenResponse { access_token, expires_in: ctx.realm.policy().access_token(), refresh_token, id_token, scope })
}

/// The answer to a client that acts for itself: an access token alone (RFC 6749 section 4.4.3).
fn own_token(ctx: &Ctx, client: &Client, scope: Scope, jti: String) -> Result<TokenResponse> {
    let access_token = mint::access_token(&ctx.realm, client, AccessToken { grant: None, scope: &scope, jti }, ctx.now)?;
    let expires_in = ctx.realm.policy().access_token();
    Ok(TokenResponse { access_token, expires_in, refresh_token: None, id_token: None, scope })
}

async fn granted(ctx: &Ctx, asking: Asking, request: TokenRequest) -> Result<Answer> {
    let id = ctx.realm.id;
    match request {
        TokenRequest::AuthorizationCode(request) => ctx.app.db.write(id, move |tx| asking.redeem_code(tx, &request)).await,
        TokenRequest::RefreshToken(request) => ctx.app.db.write(id, move |tx| asking.refresh(tx, &request)).await,
        TokenRequest::ClientCredentials(_) => Err(Failure::internal("nothing is written for a client's own token")),
    }
}
