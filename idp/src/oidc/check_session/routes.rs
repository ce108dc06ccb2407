//! The one page that may be framed: a script and nothing to see.

use super::rules::{framers, origins};
use crate::app::App;
use crate::directory::client;
use crate::error::{Failure, Result};
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::cookies::{self, CookieKind};
use crate::web::{assets, csp, layers};
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use poterne_protocol::session_state::origin;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::CHECK_SESSION, get(page))
}

async fn page(ctx: Ctx, headers: HeaderMap) -> Result<Response> {
    if !ctx.realm.document.session_management {
        return Ok(layers::not_found());
    }
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let asking = referer.and_then(origin);
    let policy = csp::framed_by(&framers(of_clients(&ctx).await?.as_ref(), asking.as_deref()));
    let cookie = cookies::name(CookieKind::State, &ctx.realm.urls, &ctx.realm.document.slug);
    let script = assets::check_session(&format!("{}{}", ctx.realm.urls.path(), paths::ASSETS));
    // Neither holds a character that HTML gives a meaning.
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Session</title>\n\
         <script id=\"watch\" src=\"{script}\" data-cookie=\"{cookie}\" defer></script>\n</head>\n</html>\n"
    );
    let mut response = Html(html).into_response();
    let policy = HeaderValue::from_str(&policy).map_err(|_| Failure::internal("the policy is no header"))?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// The origins of the realm's clients, read once for each of its snapshots: whoever asks, and however often.
async fn of_clients(ctx: &Ctx) -> Result<Arc<BTreeSet<String>>> {
    if let Some(kept) = ctx.realm.kept.framers.get() {
        return Ok(kept.clone());
    }
    let uris = ctx.app.db.read(ctx.realm.id, client::all_redirect_uris).await?;
    Ok(ctx.realm.kept.framers.get_or_init(|| Arc::new(origins(&uris))).clone())
}
