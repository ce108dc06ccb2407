//! The question before signing off, where anybody could have made the request.

use super::left::home;
use super::pages::LogoutConfirmPage;
use super::routes::go_on;
use super::store::{Afterwards, Leaving};
use crate::access::session;
use crate::app::App;
use crate::directory::account;
use crate::error::Result;
use crate::store::Rx;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::form::Form;
use crate::web::layers;
use axum::Router;
use axum::extract::{Form as Posted, Path};
use axum::response::Response;
use axum::routing::get;
use poterne_protocol::id::ParkedRequestId;
use serde::Deserialize;

/// The pages of this room.
pub fn page_routes() -> Router<App> {
    Router::new()
        .route(paths::LOGOUT_CONFIRM, get(question).post(answer))
        .route(paths::LOGOUT_CONFIRM_OF, get(question_of).post(answer_of))
        .merge(super::left::routes())
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
    let leaving = Leaving::new(ctx)?;
    if choice.action == "yes" {
        let outcome = ctx.app.db.write(ctx.realm.id, move |tx| leaving.confirmed(tx, question)).await?;
        return Ok(go_on(ctx, &outcome));
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
