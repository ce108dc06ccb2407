//! `/authorize`: a request, a posted request come back, a flow come back.

use super::answer;
use super::rules::{Asked, Done, Refused, decide};
use super::store::{Fresh, Outcome, Visit, Waits, person, waiting};
use crate::access::flow::{Beginning, Progress};
use crate::access::session;
use crate::app::App;
use crate::directory::client;
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::oidc::check_session;
use crate::oidc::encrypted::Recipient;
use crate::oidc::http;
use crate::oidc::parked::{self, Endpoint};
use crate::oidc::request_object;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::layers;
use axum::Router;
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use poterne_protocol::authorize::request::{self, AuthorizationRequest, PageError, Refusal};
use poterne_protocol::authorize::request_object::refused as refused_beside;
use poterne_protocol::authorize::step::{SignIn, Step};
use poterne_protocol::id::{BrowserId, FlowId, ParkedRequestId};
use poterne_protocol::redirect::RedirectRefusal;
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use poterne_protocol::wire::Params;
use std::sync::Arc;

/// The routes of this room.
pub fn endpoint() -> Router<App> {
    // A HEAD would otherwise run the GET and spend a flow whose answer nobody reads.
    Router::new().route(paths::AUTHORIZE, get(by_get).post(by_post).head(http::no_head))
}

async fn by_get(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response> {
    let params = match Params::parse(query.unwrap_or_default().as_bytes()) {
        Ok(params) => params,
        Err(error) => return Ok(refused(&ctx, error.into())),
    };
    match (params.get("client_id"), params.get("parked"), params.get("flow")) {
        (None, Some(id), None) => unpark(&ctx, id).await,
        (None, None, Some(id)) => come_back(&ctx, id, params.get("cancel") == Some("1")).await,
        _ => begin(&ctx, &params).await,
    }
}

/// Keeps a posted request unread: a POST from another site carries no cookie, so nobody can be recognised yet.
async fn by_post(ctx: Ctx, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Result<Response> {
    let Some(parameters) = http::posted(query.as_deref(), &headers, &body) else {
        let detail = "a POST is application/x-www-form-urlencoded".to_owned();
        return Ok(layers::refused_request("invalid_request", ctx.app.demo.then_some(detail)));
    };
    let client_id = match Params::parse(parameters.as_bytes()) {
        Ok(params) => request::client_id(&params).map(str::to_owned),
        Err(error) => Err(error.into()),
    };
    let client_id = match client_id {
        Ok(client_id) => client_id,
        Err(error) => return Ok(refused(&ctx, error)),
    };
    // What nobody could answer is not kept.
    if client::known(&ctx.app, &ctx.realm, &client_id).await?.is_none() {
        return Ok(refused(&ctx, PageError::UnknownClient));
    }
    let id = ParkedRequestId::new(ctx.now, ctx.app.entropy.bytes());
    let expires_at = ctx.now.plus(parked::BRIEFLY);
    let beginning = Beginning::of(&ctx)?;
    let park = move |tx: &mut crate::store::Tx<'_>| {
        let full = beginning.take(tx, None)?;
        if full.is_none() {
            parked::park(tx, id, Endpoint::Authorize, &parameters, expires_at)?;
        }
        Ok(full)
    };
    Ok(match ctx.app.db.write(ctx.realm.id, park).await? {
        Some(until) => layers::too_many(until.since(ctx.now)),
        None => ctx.see_other(&ctx.realm.urls.parked(paths::AUTHORIZE, id)),
    })
}

async fn unpark(ctx: &Ctx, id: &str) -> Result<Response> {
    let waiting = match id.parse::<ParkedRequestId>() {
        Ok(id) => {
            let now = ctx.now;
            ctx.app.db.write(ctx.realm.id, move |tx| parked::take(tx, id, Endpoint::Authorize, now)).await?
        }
        Err(_) => None,
    };
    match waiting.map(|parameters| Params::parse(parameters.as_bytes())) {
        Some(Ok(params)) => begin(ctx, &params).await,
        Some(Err(error)) => Ok(refused(ctx, error.into())),
        None => {
            let detail = "the posted request was taken up before, or waited too long".to_owned();
            Ok(layers::refused_request("invalid_request", ctx.app.demo.then_some(detail)))
        }
    }
}

/// A page for the person, because there is nowhere to redirect to (RFC 6749 section 4.1.2.1).
#[expect(clippy::needless_pass_by_value, reason = "the page is the end of it")]
fn refused(ctx: &Ctx, error: PageError) -> Response {
    layers::refused_request(error.code(), ctx.app.demo.then(|| error.to_string()))
}

/// A request as it came over the wire.
async fn begin(ctx: &Ctx, params: &Params) -> Result<Response> {
    let client_id = match request::client_id(params) {
        Ok(client_id) => client_id.to_owned(),
        Err(error) => return Ok(refused(ctx, error)),
    };
    let found = ctx.app.db.read(ctx.realm.id, move |rx| client::by_client_id(rx, &client_id)).await?;
    let Some(client) = found else { return Ok(refused(ctx, PageError::UnknownClient)) };
    let params = match request_object::resolved(ctx, params, &client).await {
        Ok(Ok(params)) => params,
        Ok(Err(Refusal::Page(error))) => return Ok(refused(ctx, error)),
        Ok(Err(Refusal::Redirect { to, error })) => return answer::refused(ctx, &client.client, &to, &error),
        Err(failure) => {
            return match refused_beside(params, &client.client, answer::told_of(ctx, &failure)) {
                Refusal::Redirect { to, .. } => answer::failed(ctx, &client.client, &to, failure),
                Refusal::Page(_) => Err(failure),
            };
        }
    };
    match request::parse(&params, &client.client) {
        Ok(request) => {
            let language = wished_language(ctx, &request);
            let asked = Arc::new(Asked::new(&ctx.realm, request, client));
            // From here on the client is told whatever goes wrong.
            match decided(ctx, &asked, language).await {
                Err(failure) => answer::failed(ctx, &asked.client.client, &asked.request.reply_to, failure),
                told => told,
            }
        }
        Err(Refusal::Page(error)) => Ok(refused(ctx, error)),
        Err(Refusal::Redirect { to, error }) => answer::refused(ctx, &client.client, &to, &error),
    }
}

fn wished_language(ctx: &Ctx, request: &AuthorizationRequest) -> Option<Lang> {
    let mut wished = request.ui_locales.iter().filter_map(|tag| Lang::from_tag(tag));
    wished.find(|lang| ctx.realm.document.languages.contains(lang))
}

async fn decided(ctx: &Ctx, asked: &Arc<Asked>, language: Option<Lang>) -> Result<Response> {
    if let Some(refusal) = refused_at_once(ctx, asked).await? {
        return Ok(refusal);
    }
    let asked = asked.clone();
    let (outcome, browser) = visited(ctx, move |visit, tx| visit.begin(tx, &asked)).await?;
    let is_new = matches!(outcome, Outcome::Page { new_browser: true, .. });
    let mut response = respond(ctx, None, outcome).await?;
    if is_new {
        ctx.set_browser(&mut response, &browser);
    }
    if let Some(language) = language {
        ctx.remember_language(&mut response, language);
    }
    Ok(response)
}

/// A refusal changes nothing, so it takes no turn at the writer: portals ask with `prompt=none` often, and a flood must not hold up others.
async fn refused_at_once(ctx: &Ctx, asked: &Arc<Asked>) -> Result<Option<Response>> {
    let (realm, now, presented, asked_too) = (ctx.realm.clone(), ctx.now, ctx.browser.clone(), asked.clone());
    let beginning = Beginning::of(ctx)?;
    let look = move |rx: &mut crate::store::Rx<'_>| {
        let browser = session::known(rx, presented.as_ref(), now)?;
        let person = person(rx, &realm, &asked_too.client, browser, &Progress::Started, now)?;
        let step = decide(&asked_too, person.as_ref(), Done::default(), now);
        Ok(match step {
            Step::Refuse(error) => AtOnce::Refused(Refused::with(person.as_ref(), error)),
            Step::Finish => AtOnce::Nothing,
            _ => beginning.full_until(rx, browser)?.map_or(AtOnce::Nothing, AtOnce::TooMany),
        })
    };
    match ctx.app.db.read(ctx.realm.id, look).await? {
        AtOnce::Refused(refused) => answer::refused_to(ctx, asked, &refused).map(Some),
        AtOnce::TooMany(until) => Ok(Some(layers::too_many(until.since(now)))),
        AtOnce::Nothing => Ok(None),
    }
}

/// What can be told without a turn at the writer.
enum AtOnce {
    Refused(Refused),
    TooMany(Timestamp),
    Nothing,
}

async fn come_back(ctx: &Ctx, id: &str, cancelled: bool) -> Result<Response> {
    let Ok(id) = id.parse::<FlowId>() else { return Ok(layers::not_found()) };
    let told = match visited(ctx, move |visit, tx| visit.resume(tx, id, cancelled)).await {
        Ok((outcome, _)) => respond(ctx, Some(id), outcome).await,
        Err(failure) => Err(failure),
    };
    let Err(failure) = told else { return told };
    let (presented, now) = (ctx.browser.clone(), ctx.now);
    match ctx.app.db.read(ctx.realm.id, move |rx| waiting(rx, presented.as_ref(), id, now)).await {
        Ok(Some((client, to))) => answer::failed(ctx, &client.client, &to, failure),
        Ok(None) | Err(_) => Err(failure),
    }
}

/// Runs a step in a transaction; where what it issues is to be encrypted once more, with the client's key, which nobody fetches inside one.
/// With the handle that a new browser is to be given.
async fn visited(
    ctx: &Ctx,
    step: impl Fn(&Visit, &mut crate::store::Tx<'_>) -> Result<Outcome> + Clone + Send + 'static,
) -> Result<(Outcome, Handle<BrowserId>)> {
    let mut recipient = None;
    loop {
        let fresh = Fresh::draw(&ctx.app, ctx.now);
        let (browser, for_host) = (fresh.browser.clone(), ctx.app.claims.is_some());
        let (realm, presented, beginning) = (ctx.realm.clone(), ctx.browser.clone(), Beginning::of(ctx)?);
        let visit = Visit { realm, now: ctx.now, presented, for_host, beginning, recipient: recipient.take(), fresh };
        let step = step.clone();
        let outcome = ctx.app.db.write(ctx.realm.id, move |tx| step(&visit, tx)).await?;
        let Outcome::KeyFirst(asked) = outcome else { return Ok((outcome, browser)) };
        match Recipient::of_id_tokens(ctx, &asked.client).await {
            Ok(found) => recipient = found.map(Arc::new),
            Err(why) => {
                // Whoever gets this far is signed in.
                let refused = Refused { error: answer::unreadable(&why), nobody: false };
                return Ok((Outcome::Refused(asked, refused), browser));
            }
        }
    }
}

async fn respond(ctx: &Ctx, flow: Option<FlowId>, outcome: Outcome) -> Result<Response> {
    let urls = &ctx.realm.urls;
    Ok(match (outcome, flow) {
        (Outcome::Page { flow, waits, .. }, resumed) => ctx.see_other(&match waits {
            Waits::SignIn(SignIn::Create) => urls.enroll(Some(flow)),
            Waits::SignIn(SignIn::SelectAccount) => urls.login_accounts(flow),
            Waits::SignIn(_) if resumed.is_some() => urls.login_here(flow),
            Waits::SignIn(_) => urls.login(flow),
            Waits::NotServed => urls.login_not_served(flow),
            Waits::Terms => urls.login_terms(flow),
            Waits::Consent => urls.consent(flow),
        }),
        (Outcome::NotHere, Some(flow)) => ctx.see_other(&urls.login(flow)),
        (Outcome::Account(page, portal), _) => {
            // Perhaps somebody else than the portals know: they are to ask.
            let mut response = ctx.see_other(&urls.account(page, portal.as_deref()));
            check_session::forget(ctx, &mut response);
            response
        }
        (Outcome::Home, _) => ctx.see_other(&urls.at(paths::HOME)),
        (Outcome::Issued(asked, issued), _) => match answer::issued(ctx, &asked, *issued).await {
            // The flow is over, so this is the last that knows where to tell it.
            Err(failure) => answer::failed(ctx, &asked.client.client, &asked.request.reply_to, failure)?,
            Ok(response) => response,
        },
        (Outcome::Refused(asked, refused), _) => answer::refused_to(ctx, &asked, &refused)?,
        (Outcome::KeyFirst(_), _) => return Err(Failure::internal("a visit that stopped on its way")),
        (Outcome::NotHere, None) => StatusCode::NOT_FOUND.into_response(),
        (Outcome::TooMany(until), _) => layers::too_many(until.since(ctx.now)),
        (Outcome::NowhereToGo, _) => refused(ctx, PageError::RedirectUri(RedirectRefusal::Unregistered)),
    })
}
