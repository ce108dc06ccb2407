//! The second factor is lost: nobody lifts it by telephone or mail. The page says what the fund does instead.

use super::pages::LostFactorPage;
use super::visit::{Portal, Visit};
use crate::access::session;
use crate::error::Result;
use crate::store::Rx;
use crate::web::context::Ctx;
use axum::extract::Query;
use axum::response::Response;
use poterne_protocol::id::FlowId;
use serde::Deserialize;

/// From which factor page the person comes; anything else counts as none.
#[derive(Debug, Default, Deserialize)]
pub(super) struct From {
    flow: Option<String>,
    recovery: Option<String>,
}

/// The page.
pub(super) async fn page(ctx: Ctx, Query(from): Query<From>) -> Result<Response> {
    let flow: Option<FlowId> = from.flow.as_deref().and_then(|flow| flow.parse().ok());
    let visit = from.recovery.as_deref().and_then(|id| Visit::of(&ctx, id));
    let urls = &ctx.realm.urls;
    let back_url =
        visit.as_ref().map(|visit| urls.recovery_factor(visit.id)).or_else(|| flow.map(|flow| urls.login_factor(flow)));
    let (presented, now) = (ctx.browser.clone(), ctx.now);
    let load = move |rx: &mut Rx<'_>| {
        if let Some(visit) = &visit {
            return Ok(visit.see(rx)?.portal);
        }
        let browser = session::known(rx, presented.as_ref(), now)?;
        Portal::load(rx, browser, flow)
    };
    let portal = ctx.app.db.read(ctx.realm.id, load).await?;
    ctx.page(&LostFactorPage { back_url }, portal.client.as_ref())
}
