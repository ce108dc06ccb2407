//! The page of the terms of use.

use super::pages::{TermsBlock, TermsPage};
use crate::app::App;
use crate::error::{Failure, Result};
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::{layers, words};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::TERMS, get(show))
}

async fn show(ctx: Ctx, Path(population): Path<String>) -> Result<Response> {
    let population = ctx.realm.document.population(&population);
    let terms = population.and_then(|population| population.terms.as_ref());
    let Some(terms) = terms.and_then(|terms| terms.current(ctx.realm.day(ctx.now))) else {
        return Ok(layers::not_found());
    };
    let title = words::t(ctx.lang, "terms-legend", &[]).map_err(|error| Failure::Internal(error.to_string().into()))?;
    let (version, effective_from) = (terms.number, terms.effective_from);
    let page = TermsPage { title, version, effective_from, blocks: TermsBlock::parse(terms.text.get(ctx.lang)) };
    ctx.still_page(StatusCode::OK, &page)
}
