//! What the provider says of itself and the keys it signs with: public, the same for everybody, kept for a while.

use crate::app::App;
use crate::error::{Failure, Result};
use crate::oidc::cors;
use crate::urls::paths;
use crate::web::context::Ctx;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::claims::level::Level;
use poterne_protocol::discovery::{Endpoints, Metadata, Ways, metadata};
use poterne_protocol::secret::Digest;
use std::time::Duration;

/// How long the metadata may be kept.
const METADATA_KEPT: Duration = Duration::from_secs(60 * 60);
/// How long the key set may be kept at most; never longer than a key is published before it signs.
const KEYS_KEPT: Duration = Duration::from_secs(15 * 60);

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::DISCOVERY, get(configuration)).route(paths::JWKS, get(jwks))
}

async fn configuration(ctx: Ctx, headers: HeaderMap) -> Result<Response> {
    let document = document(&ctx)?;
    Ok(cors::open(public(&headers, METADATA_KEPT, serde_json::to_vec(&document)?)))
}

async fn jwks(ctx: Ctx, headers: HeaderMap) -> Result<Response> {
    let kept = KEYS_KEPT.min(ctx.realm.policy().key_lead() / 2);
    Ok(cors::open(public(&headers, kept, serde_json::to_vec(&ctx.realm.signing.published)?)))
}

fn document(ctx: &Ctx) -> Result<Metadata> {
    let (realm, urls) = (&ctx.realm, &ctx.realm.urls);
    let [authorization, token, userinfo, jwks, end_session] =
        [paths::AUTHORIZE, paths::TOKEN, paths::USERINFO, paths::JWKS, paths::LOGOUT].map(|path| urls.at(path));
    let endpoints = Endpoints {
        issuer: urls.issuer(),
        authorization: &authorization,
        token: &token,
        userinfo: &userinfo,
        jwks: &jwks,
        end_session: &end_session,
    };
    let languages: Vec<String> = realm.document.languages.iter().map(|lang| lang.tag().to_owned()).collect();
    let second_factor = realm.document.populations.iter().any(|population| !population.factors.is_empty());
    let levels: &[Level] = if second_factor { &[Level::Single, Level::Multi] } else { &[Level::Single] };
    let extra_claims = ctx.app.claims.as_ref().map_or(&[] as &[String], |claims| claims.names());
    metadata(&endpoints, &Ways { ui_locales: &languages, levels, extra_claims })
        .map_err(|error| Failure::Settings(format!("an endpoint is no URL: {error}")))
}

/// A document that anybody may keep, with a tag by which they ask whether it changed (RFC 9110 section 13.1.2).
fn public(request: &HeaderMap, kept: Duration, body: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Digest::of(&body).as_bytes()));
    let asked = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let unchanged = asked.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|known| known == tag || known == "*");
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, format!("public, max-age={}", kept.as_secs()))];
    if unchanged {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
