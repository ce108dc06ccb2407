//! The pages of the own account: the overview, its buttons, the way to it through sign-in.

use super::rules::{Done, Door, wish};
use super::store::{Begun, Events, NewVisit, Outcome, Seen, Visit};
use super::views;
use super::{apps, password};
use crate::access::flow::Beginning;
use crate::app::App;
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::urls::{AccountPage, paths};
use crate::web::context::Ctx;
use crate::web::layers::{self, no_head};
use crate::web::render::Link;
use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use poterne_protocol::id::{BrowserId, FlowId, SessionId};

/// The routes of this room.
pub fn routes() -> Router<App> {
    // A HEAD would otherwise begin a sign-in that nobody reads.
    Router::new()
        .route(paths::ACCOUNT, get(overview).head(no_head))
        .route(paths::ACCOUNT_PASSWORD, get(password::page).post(password::submit).head(no_head))
        .route(paths::ACCOUNT_SESSIONS, post(end))
        .route(paths::ACCOUNT_APP, get(apps::page).post(apps::withdraw).head(no_head))
        .route(paths::ACCOUNT_LANGUAGE, post(speak))
}

/// The value of a parameter in a query or a posted form: the first, where it stands twice.
pub(super) fn value(encoded: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(encoded).find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
}

/// A request's visit. `query` is that of its address.
pub(super) fn visit(ctx: &Ctx, query: Option<&str>) -> Visit {
    let from = query.and_then(|query| value(query.as_bytes(), "client_id"));
    Visit { realm: ctx.realm.clone(), now: ctx.now, presented: ctx.browser.clone(), from }
}

/// What the visit finds.
pub(super) async fn seen(ctx: &Ctx, visit: &Visit, page: AccountPage) -> Result<Seen> {
    let visit = visit.clone();
    ctx.app.db.read(ctx.realm.id, move |rx| visit.see(rx, page)).await
}

impl Seen {
    /// The `client_id` of the portal to go back to.
    pub(super) fn client_id(&self) -> Option<&str> {
        self.portal.as_ref().map(|portal| portal.client.client_id.as_str())
    }

    /// Back to the portal.
    pub(super) fn back(&self) -> Option<Link> {
        let client = &self.portal.as_ref()?.client;
        Some(Link::new(&client.client_name, client.client_uri.as_ref()?))
    }
}

/// The session that a form was made for.
pub(super) fn session_of(body: &[u8]) -> Option<SessionId> {
    value(body, "of")?.parse().ok()
}

/// Sends whoever may not see a page to the sign-in, and from there back to it.
pub(super) async fn to_sign_in(ctx: &Ctx, visit: &Visit, page: AccountPage, door: Door) -> Result<Response> {
    let id = FlowId::new(ctx.now, ctx.app.entropy.bytes());
    let fresh = ctx.app.entropy.handle(|random| BrowserId::new(ctx.now, random));
    let (visiting, new) = (visit.clone(), NewVisit { id, fresh: fresh.clone(), beginning: Beginning::of(ctx)? });
    let is_new = match ctx.app.db.write(ctx.realm.id, move |tx| visiting.begin(tx, page, &new)).await? {
        Begun::Waits { is_new } => is_new,
        Begun::TooMany(until) => return Ok(layers::too_many(until.since(ctx.now))),
    };
    let urls = &ctx.realm.urls;
    let mut response = ctx.see_other(&match door {
        // The session that lives is not enough: it must not spare the sign-in.
        Door::ProveAgain => urls.login_here(id),
        Door::SignIn | Door::Open => urls.login(id),
    });
    if is_new {
        ctx.set_browser(&mut response, &fresh);
    }
    Ok(response)
}

async fn overview(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response> {
    let visit = visit(&ctx, query.as_deref());
    let seen = seen(&ctx, &visit, AccountPage::Overview).await?;
    let Some(person) = seen.person.clone().filter(|_| seen.door == Door::Open) else {
        return to_sign_in(&ctx, &visit, AccountPage::Overview, seen.door).await;
    };
    let done = query.as_deref().and_then(|query| value(query.as_bytes(), "done")).and_then(|done| Done::parse(&done));
    let overview = ctx.app.db.read(ctx.realm.id, move |rx| visit.overview(rx, person.clone())).await?;
    ctx.own_page(StatusCode::OK, &views::overview(&ctx, &overview, &seen, done)?)
}

async fn end(ctx: Ctx, RawQuery(query): RawQuery, body: Bytes) -> Result<Response> {
    let visit = visit(&ctx, query.as_deref());
    let Some(wish) = value(&body, "action").and_then(|action| wish(&action)) else {
        return to_overview(&ctx, &visit, None).await;
    };
    let (visiting, of, events) = (visit.clone(), session_of(&body), Events::draw(&ctx.app, ctx.now));
    let outcome = ctx.app.db.write(ctx.realm.id, move |tx| visiting.end(tx, of, wish, &events)).await?;
    match outcome {
        Outcome::SignedOut => {
            ctx.app.logout_wake.notify_one();
            let seen = seen(&ctx, &visit, AccountPage::Overview).await?;
            Ok(ctx.see_other(&ctx.realm.urls.logged_out(seen.client_id())))
        }
        Outcome::Done => {
            ctx.app.logout_wake.notify_one();
            to_overview(&ctx, &visit, Some(Done::Session)).await
        }
        Outcome::Nothing | Outcome::NotHere => to_overview(&ctx, &visit, None).await,
    }
}

async fn speak(ctx: Ctx, RawQuery(query): RawQuery, body: Bytes) -> Result<Response> {
    let visit = visit(&ctx, query.as_deref());
    let offered = |lang: &Lang| ctx.realm.document.languages.contains(lang);
    let language = value(&body, "language").and_then(|tag| Lang::ALL.into_iter().find(|lang| lang.tag() == tag)).filter(offered);
    let Some(language) = language else {
        return to_overview(&ctx, &visit, None).await;
    };
    let (visiting, of, events) = (visit.clone(), session_of(&body), Events::draw(&ctx.app, ctx.now));
    match ctx.app.db.write(ctx.realm.id, move |tx| visiting.speak(tx, of, language, &events)).await? {
        Outcome::Done => to_overview(&ctx, &visit, Some(Done::Language)).await,
        Outcome::SignedOut => Err(Failure::internal("a change of language ends no session")),
        Outcome::Nothing | Outcome::NotHere => to_overview(&ctx, &visit, None).await,
    }
}

/// Back to the overview, which confirms what was done.
pub(super) async fn to_overview(ctx: &Ctx, visit: &Visit, done: Option<Done>) -> Result<Response> {
    let seen = seen(ctx, visit, AccountPage::Overview).await?;
    Ok(ctx.see_other(&overview_url(ctx, &seen, done)))
}

/// The overview's address, with the portal to go back to and what was done.
pub(super) fn overview_url(ctx: &Ctx, seen: &Seen, done: Option<Done>) -> String {
    let url = ctx.realm.urls.account(AccountPage::Overview, seen.client_id());
    let Some(done) = done else { return url };
    poterne_protocol::wire::with_query(&url, &[("done", done.as_str())])
}
