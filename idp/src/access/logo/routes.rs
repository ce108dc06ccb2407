//! Serving logos.

use super::fetch::mark;
use super::store;
use crate::app::App;
use crate::directory::client;
use crate::error::Result;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::layers;
use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::CLIENT_LOGO, get(logo))
}

/// A client's logo: what it is now, under the address that pages have for it for ever, under any other for a moment.
async fn logo(ctx: Ctx, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Result<Response> {
    let look = move |rx: &mut crate::store::Rx<'_>| {
        let Some(client) = client::by_client_id(rx, &client_id)? else { return Ok(None) };
        let kept = store::load(rx, client.row)?;
        Ok(kept.filter(|kept| client.client.logo_uri.as_deref() == Some(kept.uri.as_str())).and_then(|kept| kept.picture))
    };
    let Some((media_type, image)) = ctx.app.db.read(ctx.realm.id, look).await? else {
        return Ok(layers::not_found());
    };
    let named = query.unwrap_or_default() == format!("v={}", mark(&image));
    let lasting = if named { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    let Ok(media_type) = HeaderValue::from_str(&media_type) else { return Ok(layers::not_found()) };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, HeaderValue::from_static(lasting)),
        // Opened by itself it is a picture, and nothing that could run or load.
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    Ok((headers, image).into_response())
}
