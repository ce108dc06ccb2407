//! The «this was not me» link: looking changes nothing, whoever looks (a person, a mail scanner, another's browser); the button stops
//! the account. Neither reads or sets the browser's cookie: no session is switched or begun here.

use super::pages::{AccountStoppedPage, NotMeGonePage, NotMePage};
use super::store::{self, Link};
use crate::access::ending::end_everything;
use crate::app::App;
use crate::directory::account;
use crate::error::Result;
use crate::host::place_in;
use crate::operations::audit::{Actor, Event, record};
use crate::store::Tx;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::form::Form;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use poterne_protocol::id::NotMeLinkId;
use poterne_protocol::secret::{Handle, Secret};
use poterne_protocol::time::Timestamp;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::NOT_ME, get(page).post(stop))
}

/// The handle in the address; one that cannot be read becomes one that nobody was given, so that the same work follows.
fn handle(text: &str) -> Handle<NotMeLinkId> {
    let nobody = || Handle { id: NotMeLinkId::from_bytes([0; 16]), secret: Secret::new(String::new()) };
    Handle::parse(text).unwrap_or_else(nobody)
}

async fn page(ctx: Ctx, Path(text): Path<String>) -> Result<Response> {
    let (handle, now) = (handle(&text), ctx.now);
    let read = handle.clone();
    let link = ctx.app.db.read(ctx.realm.id, move |rx| store::working(rx, &read, now)).await?;
    let Some(Link { about, .. }) = link else {
        return gone(&ctx);
    };
    let page = NotMePage {
        form: Form::to(ctx.realm.urls.not_me(&handle)),
        about: about.kind.replace('_', "-"),
        at: ctx.realm.local(about.at),
        device: about.device,
        place: about.place.map(|place| place_in(ctx.lang, place)),
    };
    ctx.still_page(StatusCode::OK, &page)
}

async fn stop(ctx: Ctx, Path(text): Path<String>) -> Result<Response> {
    let (handle, now) = (handle(&text), ctx.now);
    let event = Event::new(&ctx.app, now, "account.stopped_by_owner", Actor::Visitor);
    let stopped = ctx.app.db.write(ctx.realm.id, move |tx| stop_account(tx, &handle, now, &event)).await?;
    if stopped { ctx.still_page(StatusCode::OK, &AccountStoppedPage {}) } else { gone(&ctx) }
}

/// Uses the link up, stops the account and ends everything that was begun or given: all of it or, when the link does not work,
/// nothing. None of it comes back when the fund gives the account back.
fn stop_account(tx: &mut Tx<'_>, handle: &Handle<NotMeLinkId>, now: Timestamp, event: &Event) -> Result<bool> {
    let Some(link) = store::working(tx, handle, now)? else {
        return Ok(false);
    };
    if !store::spend(tx, link.id, now)? {
        return Ok(false);
    }
    account::stop(tx, link.account, now)?;
    let sessions = end_everything(tx, link.account, None, now)?;
    record(tx, &event.clone().about(link.account).with("notice", link.about.kind).with("sessions", sessions))?;
    Ok(true)
}

fn gone(ctx: &Ctx) -> Result<Response> {
    ctx.still_page(StatusCode::NOT_FOUND, &NotMeGonePage {})
}
