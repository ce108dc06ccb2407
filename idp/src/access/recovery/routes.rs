//! The pages of a reset: which one comes next, whatever was asked for.

use super::pages::{DonePage, StopReason, StoppedPage};
use super::rules::Stand;
use super::visit::{Seen, Visit};
use super::{code, factor, lost, password, request};
use crate::app::App;
use crate::error::Result;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::layers;
use crate::web::render::Link;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new()
        .route(paths::RECOVERY, get(request::page).post(request::submit))
        .route(paths::RECOVERY_CODE, get(code::page).post(code::submit))
        .route(paths::RECOVERY_FACTOR, get(factor::page).post(factor::submit))
        .route(paths::RECOVERY_PASSWORD, get(password::page).post(password::submit))
        .route(paths::RECOVERY_DONE, get(done))
        .route(paths::LOST_FACTOR, get(lost::page))
}

/// Where a request goes on when it is not at the right page.
pub(super) fn elsewhere(ctx: &Ctx, visit: &Visit, seen: &Seen) -> Result<Response> {
    let urls = &ctx.realm.urls;
    let (status, reason) = match seen.stand {
        Stand::Code => return Ok(ctx.see_other(&urls.recovery_code(visit.id))),
        Stand::Factor => return Ok(ctx.see_other(&urls.recovery_factor(visit.id))),
        Stand::Password => return Ok(ctx.see_other(&urls.recovery_password(visit.id))),
        Stand::Done => return Ok(ctx.see_other(&urls.recovery_done(visit.id))),
        Stand::Elsewhere => (StatusCode::NOT_FOUND, StopReason::Elsewhere),
        Stand::Over => (StatusCode::GONE, StopReason::Over),
        Stand::Letter => (StatusCode::CONFLICT, StopReason::Letter),
    };
    let flow = seen.portal.flow.as_ref().filter(|flow| flow.is_open(ctx.now)).map(|flow| flow.id);
    let way_on = if reason == StopReason::Letter { urls.enroll(flow) } else { urls.recovery(flow) };
    ctx.still_page(status, &StoppedPage { reason, way_on })
}

/// The password is changed: nobody is signed in by that.
async fn done(ctx: Ctx, Path(id): Path<String>) -> Result<Response> {
    let Some(visit) = Visit::of(&ctx, &id) else {
        return Ok(layers::not_found());
    };
    let seen = visit.look(&ctx).await?;
    if seen.stand != Stand::Done {
        return elsewhere(&ctx, &visit, &seen);
    }
    let name = seen.client().map_or_else(|| ctx.realm.document.name.clone(), |client| client.client_name.clone());
    ctx.page(&DonePage { onward: Link::new(name, seen.portal.onward(&ctx)) }, seen.client())
}
