//! What belongs to no room: style and script, and whatever lives nowhere.

use crate::app::App;
use crate::error::Result;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::{assets, layers};
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Style and script.
pub fn asset_routes() -> Router<App> {
    Router::new().route(paths::ASSET, get(asset))
}

/// The fallback.
pub async fn not_found() -> Response {
    layers::not_found()
}

async fn asset(context: Ctx, Path(name): Path<String>) -> Result<Response> {
    let colour = assets::Colour::parse(&context.realm.document.branding.colour);
    let brand = colour.filter(|colour| assets::brand_file_name(*colour) == name);
    let Some(asset) = brand.map(assets::brand_stylesheet).or_else(|| assets::find(&name).cloned()) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    // The name changes with the content, so what has this name never changes.
    let lasting = HeaderValue::from_static("public, max-age=31536000, immutable");
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type)), (header::CACHE_CONTROL, lasting)];
    Ok((headers, asset.bytes.into_owned()).into_response())
}
