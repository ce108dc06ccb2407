//! The pages of the terms of use: the version in force, and any version that was ever published.

use super::pages::{Standing, TermsPage};
use crate::app::App;
use crate::directory::terms::{self, PublishedText, TermsBlock};
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
    Router::new().route(paths::TERMS, get(current)).route(paths::TERMS_VERSION, get(version))
}

/// The number of the version in force.
fn in_force(ctx: &Ctx, population: &str) -> Option<u32> {
    let population = ctx.realm.document.population(population)?;
    population.terms.as_ref()?.current(ctx.realm.day(ctx.now)).map(|version| version.number)
}

async fn current(ctx: Ctx, Path(population): Path<String>) -> Result<Response> {
    match in_force(&ctx, &population) {
        Some(number) => show(&ctx, population, number).await,
        None => Ok(layers::not_found()),
    }
}

async fn version(ctx: Ctx, Path((population, number)): Path<(String, String)>) -> Result<Response> {
    match number.parse() {
        Ok(number) => show(&ctx, population, number).await,
        Err(_) => Ok(layers::not_found()),
    }
}

async fn show(ctx: &Ctx, population: String, number: u32) -> Result<Response> {
    let (wanted, lang) = (population.clone(), ctx.lang);
    let found = ctx.app.db.read(ctx.realm.id, move |rx| terms::published(rx, &wanted, number, lang)).await?;
    let Some(PublishedText { number, language, effective_from, text }) = found else {
        return Ok(layers::not_found());
    };
    let current = in_force(ctx, &population);
    let standing = Standing::of(number, effective_from, current, ctx.realm.day(ctx.now));
    let page = TermsPage {
        title: words::t(ctx.lang, "terms-legend", &[]).map_err(|error| Failure::Internal(error.to_string().into()))?,
        version: number,
        effective_from,
        standing,
        current_url: current.filter(|_| standing != Standing::InForce).map(|_| ctx.realm.urls.terms(&population)),
        text_lang: language,
        blocks: TermsBlock::parse(&text),
    };
    ctx.still_page(StatusCode::OK, &page)
}
