//! What the provider says of itself and the keys it signs with: public, the same for everybody, kept for a while.

use crate::app::App;
use crate::error::{Failure, Result};
use crate::oidc::cors;
use crate::realm::{PublicDocument, Realm};
use crate::urls::paths;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::claims::level::Level;
use poterne_protocol::discovery::{Endpoints, Metadata, Ways, metadata};
use poterne_protocol::secret::Digest;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// How long the metadata may be kept.
const METADATA_KEPT: Duration = Duration::from_secs(60 * 60);
/// How long the key set may be kept at most; never longer than a key is published before it signs.
const KEYS_KEPT: Duration = Duration::from_secs(15 * 60);

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::DISCOVERY, get(configuration)).route(paths::JWKS, get(jwks))
}

async fn configuration(State(app): State<App>, Extension(realm): Extension<Arc<Realm>>, headers: HeaderMap) -> Result<Response> {
    let written = if let Some(written) = realm.kept.metadata.get() {
        written
    } else {
        let document = write(&document(&app, &realm)?, METADATA_KEPT)?;
        realm.kept.metadata.get_or_init(|| document)
    };
    Ok(public(&headers, written))
}

async fn jwks(Extension(realm): Extension<Arc<Realm>>, headers: HeaderMap) -> Result<Response> {
    let written = if let Some(written) = realm.kept.key_set.get() {
        written
    } else {
        let document = write(&realm.signing.published, KEYS_KEPT.min(realm.policy().key_lead() / 2))?;
        realm.kept.key_set.get_or_init(|| document)
    };
    Ok(public(&headers, written))
}

/// The answer where this is the path of a document that was written before: its route has nothing to decide, so all that stands before
/// routes can be left out.
pub fn written(realm: &Realm, path: &str, headers: &HeaderMap) -> Option<Response> {
    let written = match path {
        paths::DISCOVERY => realm.kept.metadata.get(),
        paths::JWKS => realm.kept.key_set.get(),
        _ => None,
    };
    written.map(|written| public(headers, written))
}

/// Writes a document with its headers, once for a snapshot of the realm.
fn write(document: &impl Serialize, kept: Duration) -> Result<PublicDocument> {
    let body = Bytes::from(serde_json::to_vec(document)?);
    let header = |text: String| HeaderValue::try_from(text).map_err(|_| Failure::internal("a header of digits and letters"));
    let tag = header(format!("\"{}\"", URL_SAFE_NO_PAD.encode(Digest::of(&body).as_bytes())))?;
    Ok(PublicDocument { body, tag, cache_control: header(format!("public, max-age={}", kept.as_secs()))? })
}

fn document(app: &App, realm: &Realm) -> Result<Metadata> {
    let urls = &realm.urls;
    let [authorization, token, userinfo, jwks, end_session] =
        [paths::AUTHORIZE, paths::TOKEN, paths::USERINFO, paths::JWKS, paths::LOGOUT].map(|path| urls.at(path));
    let [introspection, revocation, registration, check_session] =
        [paths::INTROSPECT, paths::REVOKE, paths::REGISTER, paths::CHECK_SESSION].map(|path| urls.at(path));
    let settings = &realm.document;
    let endpoints = Endpoints {
        issuer: urls.issuer(),
        authorization: &authorization,
        token: &token,
        userinfo: &userinfo,
        jwks: &jwks,
        end_session: &end_session,
        introspection: &introspection,
        revocation: &revocation,
        registration: settings.registration.as_ref().map(|_| registration.as_str()),
        check_session: settings.session_management.then_some(check_session.as_str()),
    };
    let languages: Vec<String> = realm.document.languages.iter().map(|lang| lang.tag().to_owned()).collect();
    let levels: Vec<Level> = Level::ALL.into_iter().filter(|level| *level <= realm.highest_level()).collect();
    let extra_claims = app.claims.as_ref().map_or(&[] as &[String], |claims| claims.names());
    let ways = Ways { ui_locales: &languages, levels: &levels, extra_claims, algorithms: &settings.signing_algorithms };
    metadata(&endpoints, &ways).map_err(|error| Failure::Settings(format!("an endpoint is no URL: {error}")))
}

/// A document that anybody may keep, with a tag by which they ask whether it changed (RFC 9110 section 13.1.2).
fn public(request: &HeaderMap, document: &PublicDocument) -> Response {
    let asked = request.get(header::IF_NONE_MATCH).map(HeaderValue::as_bytes).unwrap_or_default();
    let headers = [(header::ETAG, document.tag.clone()), (header::CACHE_CONTROL, document.cache_control.clone())];
    let answer = if is_known(asked, document.tag.as_bytes()) {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, [(header::CONTENT_TYPE, "application/json")], document.body.clone()).into_response()
    };
    cors::open(answer)
}

/// Whether whoever asks has the document of this tag (RFC 9110 sections 8.8.3.2 and 13.1.2).
pub(crate) fn is_known(asked: &[u8], tag: &[u8]) -> bool {
    let mut listed = asked.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    listed.any(|one| one == b"*" || one.strip_prefix(b"W/").unwrap_or(one) == tag)
}
