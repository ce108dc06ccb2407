//! `/logout`: a client's request, or one that was posted and comes back.

use super::store::{Afterwards, Leaving, Outcome};
use crate::access::flow::Beginning;
use crate::app::App;
use crate::error::Result;
use crate::lang::Lang;
use crate::oidc::check_session;
use crate::oidc::http;
use crate::oidc::parked::{self, Endpoint};
use crate::store::Tx;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::layers;
use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use poterne_protocol::claims::id_token::IdTokenHint;
use poterne_protocol::id::ParkedRequestId;
use poterne_protocol::logout::parse;
use poterne_protocol::wire::Params;

/// The routes that clients send browsers to.
pub fn endpoint() -> Router<App> {
    Router::new().route(paths::LOGOUT, get(by_get).post(by_post).head(http::no_head))
}

async fn by_get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response> {
    let query = query.unwrap_or_default();
    let parked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "parked").map(|(_, id)| id.into_owned());
    let Some(id) = parked else { return leave(&ctx, &query).await };
    let Ok(id) = id.parse::<ParkedRequestId>() else { return Ok(layers::not_found()) };
    let now = ctx.now;
    let waiting = ctx.app.db.write(ctx.realm.id, move |tx| parked::take(tx, id, Endpoint::Logout, now)).await?;
    // A request that is gone (taken up before, or waited too long) is one without parameters: the person is asked.
    leave(&ctx, &waiting.unwrap_or_default()).await
}

/// Keeps a posted request unread: a POST from another site carries no cookie, so nobody can be recognised yet.
async fn by_post(ctx: Ctx, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Result<Response> {
    let Some(parameters) = http::posted(query.as_deref(), &headers, &body) else {
        let detail = "a POST is application/x-www-form-urlencoded".to_owned();
        return Ok(layers::refused_request("invalid_request", ctx.app.demo.then_some(detail)));
    };
    if let Err(error) = Params::parse(parameters.as_bytes()) {
        return Ok(layers::refused_request("invalid_request", ctx.app.demo.then(|| error.to_string())));
    }
    let id = ParkedRequestId::new(ctx.now, ctx.app.entropy.bytes());
    let expires_at = ctx.now.plus(parked::BRIEFLY);
    let beginning = Beginning::of(&ctx)?;
    let park = move |tx: &mut Tx<'_>| {
        let full = beginning.take(tx, None)?;
        if full.is_none() {
            parked::park(tx, id, Endpoint::Logout, &parameters, expires_at)?;
        }
        Ok(full)
    };
    Ok(match ctx.app.db.write(ctx.realm.id, park).await? {
        // Nobody is kept from signing out: they are asked, as after a request without parameters.
        Some(_) => ctx.see_other(&ctx.realm.urls.at(paths::LOGOUT)),
        None => ctx.see_other(&ctx.realm.urls.parked(paths::LOGOUT, id)),
    })
}

async fn leave(ctx: &Ctx, encoded: &str) -> Result<Response> {
    let refused = |detail: String| Ok(layers::refused_request("invalid_request", ctx.app.demo.then_some(detail)));
    let params = match Params::parse(encoded.as_bytes()) {
        Ok(params) => params,
        Err(error) => return refused(error.to_string()),
    };
    let request = match parse(&params) {
        Ok(request) => request,
        Err(error) => return refused(error.to_string()),
    };
    let wished = request.ui_locales.iter().filter_map(|tag| Lang::from_tag(tag));
    let language = wished.into_iter().find(|lang| ctx.realm.document.languages.contains(lang));
    let (keys, issuer) = (&ctx.realm.signing.known, ctx.realm.urls.issuer());
    let hint = request.id_token_hint.as_deref().and_then(|token| IdTokenHint::read(token, keys, issuer).ok());
    let leaving = Leaving::new(ctx)?;
    let outcome = ctx.app.db.write(ctx.realm.id, move |tx| leaving.ask(tx, &request, hint.as_ref())).await?;
    let mut response = go_on(ctx, &outcome);
    if let Some(language) = language {
        ctx.remember_language(&mut response, language);
    }
    Ok(response)
}

/// Where the browser goes.
pub(super) fn go_on(ctx: &Ctx, outcome: &Outcome) -> Response {
    let urls = &ctx.realm.urls;
    let mut response = ctx.see_other(&match outcome {
        Outcome::Ask(question) => urls.logout_confirm(*question),
        Outcome::Frames(left) => urls.logged_out_of(*left),
        Outcome::Done(Afterwards { return_to: Some(url), .. }) => url.clone(),
        Outcome::Done(Afterwards { client_id, .. }) => urls.logged_out(client_id.as_deref()),
    });
    if let Outcome::Done(_) | Outcome::Frames(_) = outcome {
        ctx.app.logout_wake.notify_one();
        check_session::forget(ctx, &mut response);
    }
    response
}
