//! Into an enrollment and out of it: the choice of populations, step 1, «Annuler».

use super::attempt::{Attempt, Outcome};
use super::draft::Draft;
use super::identify::{self, Fields, Identification};
use super::pages::{CancelledPage, IdentifyPage, PopulationChoice, PopulationPage, StopReason, StoppedPage};
use super::portal::Portal;
use super::rules::{Next, Step, next_step};
use super::views;
use super::vouching::vouch;
use crate::access::session;
use crate::app::App;
use crate::error::Result;
use crate::settings::Population;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::form::{Fault, FieldError};
use crate::web::layers;
use crate::web::render::Link;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::Datelike;
use poterne_protocol::id::FlowId;
use poterne_protocol::time::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// What the URLs of this room carry; a flow that is none counts as no flow.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    flow: Option<String>,
    population: Option<String>,
}

impl Asked {
    fn flow(&self) -> Option<FlowId> {
        self.flow.as_deref().and_then(|flow| flow.parse().ok())
    }
}

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(paths::ENROLL, get(choose))
        .route(paths::ENROLL_CANCELLED, get(cancelled))
        .route(paths::ENROLL_AS, get(first_step).post(submit))
}

/// The portal of a flow of this browser.
pub(super) async fn portal_of(ctx: &Ctx, flow: Option<FlowId>) -> Result<Option<Portal>> {
    if flow.is_none() {
        return Ok(None);
    }
    let (presented, now) = (ctx.browser.clone(), ctx.now);
    let load = move |rx: &mut crate::store::Rx<'_>| {
        let browser = session::known(rx, presented.as_ref(), now)?;
        Portal::load(rx, browser, flow)
    };
    ctx.app.db.read(ctx.realm.id, load).await
}

/// The page that a draft's furthest step has.
pub(super) fn page_of(draft: &Draft, population: &Population, expires_at: Timestamp, now: Timestamp) -> Step {
    match next_step(draft, &population.factors, expires_at, now) {
        Next::Page(step) => step,
        // Nothing is left to ask: step 4 has a button alone.
        Next::Finish => Step::Factor,
        Next::Expired => Step::Identified,
    }
}

async fn choose(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response> {
    let (flow, urls) = (asked.flow(), &ctx.realm.urls);
    let portal = portal_of(&ctx, flow).await?;
    let mut populations: Vec<&Population> = ctx.realm.document.populations.iter().collect();
    // Those for whom the person's portal is come first; nobody is kept from enrolling by the door they came through.
    populations.sort_by_key(|population| portal.as_ref().is_some_and(|portal| !portal.client.serves(&population.key)));
    let choice = |population: &Population| PopulationChoice {
        key: population.key.clone(),
        name: population.name.get(ctx.lang).to_owned(),
        hint: Some(population.description.get(ctx.lang).to_owned()).filter(|hint| !hint.is_empty()),
        url: urls.enroll_population(&population.key, flow),
    };
    let cancel_url = portal.as_ref().map_or_else(|| views::home_url(&ctx.realm), |portal| urls.login(portal.flow.id));
    let page = PopulationPage { populations: populations.into_iter().map(choice).collect(), cancel_url };
    ctx.page(&page, portal.as_ref().map(|portal| &portal.client))
}

async fn first_step(ctx: Ctx, Path(population): Path<String>, Query(asked): Query<Asked>) -> Result<Response> {
    let Some(population) = ctx.realm.document.population(&population) else {
        return Ok(layers::not_found());
    };
    let portal = portal_of(&ctx, asked.flow()).await?;
    let page = views::identify(&ctx, population, asked.flow(), &Fields::new(), vec![]);
    ctx.page(&page, portal.as_ref().map(|portal| &portal.client))
}

async fn submit(
    ctx: Ctx,
    Path(population): Path<String>,
    Query(asked): Query<Asked>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let Some(population) = ctx.realm.document.population(&population) else {
        return Ok(layers::not_found());
    };
    if fields.get("action").is_some_and(|action| action == "cancel") {
        return Ok(ctx.see_other(&cancelled_url(&ctx, &population.key, asked.flow())));
    }
    let today = ctx.realm.day(ctx.now);
    let typed = match identify::read(population, &fields, today, ctx.lang, ctx.now) {
        Ok(typed) => typed,
        Err(errors) => return again(&ctx, (population, None), asked.flow(), &fields, errors).await,
    };
    let attempt = Arc::new(Attempt::new(&ctx, population, &typed, asked.flow())?);
    if let Some(vouched) = vouch(&ctx, population, &typed, &attempt).await? {
        attempt.hear(vouched);
    }
    let tried = attempt.clone();
    let outcome = ctx.app.db.write(ctx.realm.id, move |tx| tried.run(tx)).await?;
    let error = match outcome {
        Outcome::Go { id, step, new_browser } => {
            let mut response = ctx.see_other(&ctx.realm.urls.enrollment(id, step.path()));
            if new_browser {
                ctx.set_browser(&mut response, attempt.fresh_browser());
            }
            return Ok(response);
        }
        Outcome::No(known @ (Identification::Used | Identification::AccountExists)) => {
            let reason = if known == Identification::Used { StopReason::CodeUsed } else { StopReason::AccountExists };
            return stopped(&ctx, reason, portal_of(&ctx, asked.flow()).await?.as_ref(), None);
        }
        Outcome::No(Identification::Expired) => FieldError::at(identify::CODE_FIELD, Fault::CodeExpired),
        Outcome::No(Identification::Replaced(newer)) => {
            let day = ctx.realm.day(newer);
            let year = u32::try_from(day.year()).unwrap_or_default();
            FieldError::at(identify::CODE_FIELD, Fault::CodeReplaced { day: day.day(), month: day.month(), year })
        }
        Outcome::Elsewhere(there) => {
            let error = FieldError::at(identify::CODE_FIELD, Fault::CodeElsewhere);
            let there = ctx.realm.document.population(&there);
            return again(&ctx, (population, there), asked.flow(), &fields, vec![error]).await;
        }
        Outcome::No(Identification::NotRecognised(_) | Identification::OtherPage | Identification::Recognised) => {
            FieldError::of_form(Fault::NotRecognised)
        }
    };
    again(&ctx, (population, None), asked.flow(), &fields, vec![error]).await
}

/// Step 1 again; with the population whose page takes the code, where that is another one.
async fn again(
    ctx: &Ctx,
    (population, there): (&Population, Option<&Population>),
    flow: Option<FlowId>,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> Result<Response> {
    let portal = portal_of(ctx, flow).await?;
    let elsewhere = there.map(|there| Link::new(there.name.get(ctx.lang), ctx.realm.urls.enroll_population(&there.key, flow)));
    let page = IdentifyPage { elsewhere, ..views::identify(ctx, population, flow, fields, errors) };
    ctx.page_again(&page, portal.as_ref().map(|portal| &portal.client))
}

/// Where «Annuler» leads, from any step.
pub(super) fn cancelled_url(ctx: &Ctx, population: &str, flow: Option<FlowId>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("population", population);
    if let Some(flow) = flow {
        query.append_pair("flow", &flow.to_string());
    }
    format!("{}?{}", ctx.realm.urls.at(paths::ENROLL_CANCELLED), query.finish())
}

async fn cancelled(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response> {
    let portal = portal_of(&ctx, asked.flow()).await?;
    let urls = &ctx.realm.urls;
    let known = asked.population.as_deref().and_then(|key| ctx.realm.document.population(key));
    let restart_url =
        known.map_or_else(|| urls.enroll(asked.flow()), |population| urls.enroll_population(&population.key, asked.flow()));
    let page = CancelledPage { restart_url, back: portal.as_ref().and_then(Portal::back) };
    ctx.page(&page, portal.as_ref().map(|portal| &portal.client))
}

/// The page that says why an enrollment cannot go on. `way_on` is where the person goes, unless the reason itself says it.
pub(super) fn stopped(ctx: &Ctx, reason: StopReason, portal: Option<&Portal>, way_on: Option<String>) -> Result<Response> {
    let (urls, flow) = (&ctx.realm.urls, portal.map(|portal| portal.flow.id));
    let way_on = match (way_on, reason) {
        (Some(url), _) => url,
        (None, StopReason::CodeUsed | StopReason::AccountExists) => portal
            .and_then(|portal| portal.onward(urls, ctx.now))
            .map_or_else(|| views::home_url(&ctx.realm), |onward| onward.url),
        (None, _) => urls.enroll(flow),
    };
    let status = match reason {
        StopReason::Unknown => StatusCode::NOT_FOUND,
        StopReason::Expired => StatusCode::GONE,
        StopReason::Superseded
        | StopReason::CodeGone
        | StopReason::CodeUsed
        | StopReason::AccountExists
        | StopReason::EmailTaken
        | StopReason::TermsChanged => StatusCode::CONFLICT,
    };
    ctx.still_page(status, &StoppedPage { reason, way_on, back: portal.and_then(Portal::back) })
}
