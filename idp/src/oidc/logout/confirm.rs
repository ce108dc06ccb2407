//! The pages of signing off: the question, where anybody could have made the request, and the end.

use super::pages::{LoggedOutPage, LogoutConfirmPage};
use super::store::{Afterwards, Leaving};
use crate::access::session;
use crate::app::App;
use crate::directory::{account, client};
use crate::error::Result;
use crate::store::Rx;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::form::Form;
use crate::web::layers;
use crate::web::render::Link;
use axum::Router;
use axum::extract::{Form as Posted, Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use poterne_protocol::id::ParkedRequestId;
use poterne_protocol::wire::Params;
use serde::Deserialize;

/// The pages of this room.
pub fn page_routes() -> Router<App> {
    Router::new()
        .route(paths::LOGOUT_CONFIRM, get(question).post(answer))
        .route(paths::LOGOUT_CONFIRM_OF, get(question_of).post(answer_of))
        .route(paths::LOGGED_OUT, get(logged_out))
}

/// What the form says.
#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    action: String,
}

async fn question(ctx: Ctx) -> Result<Response> {
    show(&ctx, None).await
}

async fn question_of(ctx: Ctx, Path(id): Path<String>) -> Result<Response> {
    match id.parse::<ParkedRequestId>() {
        Ok(id) => show(&ctx, Some(id)).await,
        Err(_) => Ok(layers::not_found()),
    }
}

async fn answer(ctx: Ctx, Posted(choice): Posted<Choice>) -> Result<Response> {
    take(&ctx, None, &choice).await
}

async fn answer_of(ctx: Ctx, Path(id): Path<String>, Posted(choice): Posted<Choice>) -> Result<Response> {
    match id.parse::<ParkedRequestId>() {
        Ok(id) => take(&ctx, Some(id), &choice).await,
        Err(_) => Ok(layers::not_found()),
    }
}

/// Asks. A question that has expired is asked all the same; only the way back is forgotten.
async fn show(ctx: &Ctx, question: Option<ParkedRequestId>) -> Result<Response> {
    let (realm, now, presented) = (ctx.realm.clone(), ctx.now, ctx.browser.clone());
    let look = move |rx: &mut Rx<'_>| {
        let Some(browser) = session::known(rx, presented.as_ref(), now)? else { return Ok(None) };
        let Some(session) = session::current(rx, browser, now, realm.policy())? else { return Ok(None) };
        Ok(account::load(rx, session.account)?.map(|account| account.email))
    };
    let username = ctx.app.db.read(ctx.realm.id, look).await?;
    let id = question.map_or_else(String::new, |id| format!("/{id}"));
    let action = format!("{}{}{id}", ctx.realm.urls.path(), paths::LOGOUT_CONFIRM);
    ctx.page(&LogoutConfirmPage { form: Form::to(action), username }, None)
}

async fn take(ctx: &Ctx, question: Option<ParkedRequestId>, choice: &Choice) -> Result<Response> {
    let leaving = Leaving::new(&ctx.app, ctx.realm.clone(), ctx.browser.clone(), ctx.now);
    if choice.action == "yes" {
        let afterwards = ctx.app.db.write(ctx.realm.id, move |tx| leaving.confirmed(tx, question)).await?;
        let logged_out = || ctx.realm.urls.logged_out(afterwards.client_id.as_deref());
        return Ok(ctx.see_other(&afterwards.return_to.clone().unwrap_or_else(logged_out)));
    }
    let afterwards = ctx.app.db.write(ctx.realm.id, move |tx| leaving.answered(tx, question)).await?;
    let url = match afterwards {
        Afterwards { return_to: Some(url), .. } => Some(url),
        Afterwards { client_id: Some(client_id), .. } => home(ctx, client_id).await?.map(|link| link.url),
        Afterwards { .. } => None,
    };
    let fund = || ctx.realm.document.contact.website.clone().unwrap_or_else(|| ctx.realm.urls.at("/"));
    Ok(ctx.see_other(&url.unwrap_or_else(fund)))
}

async fn logged_out(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response> {
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let back = match params.get("client_id") {
        Some(client_id) => home(&ctx, client_id.to_owned()).await?,
        None => None,
    };
    ctx.still_page(StatusCode::OK, &LoggedOutPage { back, told: Vec::new() })
}

/// A registered client's home page.
async fn home(ctx: &Ctx, client_id: String) -> Result<Option<Link>> {
    let found = ctx.app.db.read(ctx.realm.id, move |rx| client::by_client_id(rx, &client_id)).await?;
    Ok(found.and_then(|found| Some(Link::new(found.client.client_name, found.client.client_uri?))))
}
