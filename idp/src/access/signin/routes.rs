//! The pages of a sign-in: which flow this is, whose browser, and what comes next.

use super::pages::{AlreadySignedInPage, FlowExpiredPage, SignInPage};
use super::rules::Stand;
use super::store::{BegunHere, Seen, Visit};
use super::{accounts, factor, home, not_served, password, terms};
use crate::access::flow::Beginning;
use crate::access::logo;
use crate::app::App;
use crate::error::Result;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::form::Form;
use crate::web::layers;
use crate::web::render::Link;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use poterne_protocol::client::Client;
use poterne_protocol::id::{BrowserId, FlowId};

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new()
        .route(paths::HOME, get(home::page))
        .route(paths::LOGIN, get(login).post(password::submit))
        .route(paths::LOGIN_FACTOR, get(factor::page).post(factor::submit))
        .route(paths::LOGIN_NOT_SERVED, get(not_served::page).post(not_served::submit))
        .route(paths::LOGIN_TERMS, get(terms::page).post(terms::submit))
        .route(paths::LOGIN_ACCOUNTS, get(accounts::page).post(accounts::submit))
}

/// A request's visit; `None` when the address names no flow.
pub(super) fn visit(ctx: &Ctx, flow: &str) -> Option<Visit> {
    let flow: FlowId = flow.parse().ok()?;
    Some(Visit { realm: ctx.realm.clone(), now: ctx.now, presented: ctx.browser.clone(), flow })
}

/// What the visit finds.
pub(super) async fn seen(ctx: &Ctx, visit: &Visit) -> Result<Seen> {
    let visit = visit.clone();
    ctx.app.db.read(ctx.realm.id, move |rx| visit.see(rx)).await
}

async fn login(ctx: Ctx, Path(flow): Path<String>) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let seen = seen(&ctx, &visit).await?;
    if seen.stand != Stand::Password {
        return elsewhere(&ctx, &visit, &seen).await;
    }
    if seen.username.is_some() && !is_sent_here(&ctx) {
        // Signed in meanwhile, in another tab: the authorization endpoint decides whether that is enough for this portal.
        return Ok(ctx.see_other(&ctx.realm.urls.authorize_flow(visit.flow)));
    }
    logo::ready(&ctx, seen.client.as_ref()).await;
    let request = seen.flow.as_ref().and_then(|flow| flow.goal.request());
    let hint = request.and_then(|request| request.login_hint.as_deref()).unwrap_or_default();
    let hint: String = hint.chars().take(password::LONGEST_NAME).collect();
    let form = Form::to(ctx.realm.urls.login(visit.flow)).with("username", hint);
    ctx.page(&sign_in_page(&ctx, &visit, form), seen.client())
}

/// The page of name and password.
pub(super) fn sign_in_page(ctx: &Ctx, visit: &Visit, form: Form) -> SignInPage {
    let urls = &ctx.realm.urls;
    let aliases = ctx.realm.document.has_login_aliases();
    let (register_url, forgotten_url) = (urls.enroll(Some(visit.flow)), Some(urls.recovery(Some(visit.flow))));
    SignInPage { form, register_url, forgotten_url, aliases }
}

/// Where a request goes on when it is not at the right page.
pub(super) async fn elsewhere(ctx: &Ctx, visit: &Visit, seen: &Seen) -> Result<Response> {
    let urls = &ctx.realm.urls;
    match seen.stand {
        Stand::Password => Ok(ctx.see_other(&urls.login(visit.flow))),
        Stand::Factor => Ok(ctx.see_other(&urls.login_factor(visit.flow))),
        Stand::Done => Ok(ctx.see_other(&urls.authorize_flow(visit.flow))),
        Stand::Elsewhere => begin_here(ctx, visit, seen).await,
        Stand::Finished => match &seen.username {
            Some(username) => {
                let page = AlreadySignedInPage { username: username.clone(), onward: home_of(seen), switch_url: None };
                ctx.page(&page, seen.client())
            }
            None => expired(ctx, seen),
        },
        Stand::Gone | Stand::Over => expired(ctx, seen),
    }
}

/// Whether the provider itself sent the browser to this page, having decided that it is needed: it is not sent on once more.
fn is_sent_here(ctx: &Ctx) -> bool {
    is_marked(ctx, "here=1")
}

fn is_marked(ctx: &Ctx, mark: &str) -> bool {
    ctx.path_and_query.split_once('?').is_some_and(|(_, query)| query.split('&').any(|part| part == mark))
}

/// The person opened the page in another browser, or cookies were cleared: they begin here, for the same portal.
async fn begin_here(ctx: &Ctx, visit: &Visit, seen: &Seen) -> Result<Response> {
    if is_marked(ctx, "begun=1") && ctx.browser.is_none() {
        // This browser keeps no cookies: another round would end here again.
        return expired(ctx, seen);
    }
    let id = FlowId::new(ctx.now, ctx.app.entropy.bytes());
    let fresh = ctx.app.entropy.handle(|random| BrowserId::new(ctx.now, random));
    let (visiting, handle, beginning) = (visit.clone(), fresh.clone(), Beginning::of(ctx)?);
    let is_new = match ctx.app.db.write(ctx.realm.id, move |tx| visiting.begin_here(tx, id, &handle, &beginning)).await? {
        BegunHere::Begun { is_new } => is_new,
        BegunHere::Not => return Ok(ctx.see_other(&ctx.realm.urls.login(visit.flow))),
        BegunHere::TooMany(until) => return Ok(layers::too_many(until.since(ctx.now))),
    };
    let mut response = ctx.see_other(&ctx.realm.urls.login_begun(id));
    if is_new {
        ctx.set_browser(&mut response, &fresh);
    }
    Ok(response)
}

/// Explains, and leads back to the portal; where that is not known any more, to the realm's own page.
fn expired(ctx: &Ctx, seen: &Seen) -> Result<Response> {
    ctx.page(&FlowExpiredPage { back: home_of(seen) }, seen.client())
}

fn home_of(seen: &Seen) -> Option<Link> {
    let client = seen.client()?;
    client.client_uri.as_ref().map(|uri| Link::new(client.client_name.clone(), uri.clone()))
}

impl Seen {
    /// The client that asked.
    pub(super) fn client(&self) -> Option<&Client> {
        self.client.as_ref().map(|registered| &registered.client)
    }
}
