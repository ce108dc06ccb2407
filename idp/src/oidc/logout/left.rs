//! After signing out: the portals' own pages in frames (Front-Channel Logout 1.0), the answers of their servers for a moment
//! (Back-Channel Logout 1.0), then the page that says how it went, or the way back to the portal that asked.

use super::pages::{LeavingPage, LoggedOutPage, Portal};
use super::rules::{Standing, frame_source, standing};
use super::store::Afterwards;
use crate::access::session;
use crate::app::App;
use crate::directory::client;
use crate::error::Result;
use crate::oidc::check_session;
use crate::oidc::parked::{self, Endpoint};
use crate::operations::outbox::{self, MessageState};
use crate::store::Rx;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::layers;
use crate::web::render::Link;
use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use poterne_protocol::client::Client;
use poterne_protocol::id::{BrowserId, ParkedRequestId, SessionId};
use poterne_protocol::logout::frontchannel;
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use poterne_protocol::wire::{Params, with_query};
use std::time::Duration;
use tokio::time::Instant;

/// How long the page after signing out speaks of a session's end, and loads the portals' pages.
const RECENT: Duration = Duration::from_secs(60);
/// How long the page waits for the portals' servers.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it looks.
const GLANCE: Duration = Duration::from_millis(100);
/// Browsers drop what they keep of our pages. Not "cookies": the browser stays known to the account, and the language stays chosen.
const CLEAR: (HeaderName, HeaderValue) = (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));

/// The routes of this page.
pub(super) fn routes() -> Router<App> {
    Router::new().route(paths::LOGGED_OUT, get(logged_out)).route(paths::LOGGED_OUT_OF, get(logged_out_of))
}

/// A portal of a session that ended in this browser a moment ago.
struct Left {
    client: Client,
    /// Its page to be loaded in a frame.
    frame: Option<String>,
    /// What became of the message to its server; nothing where it has not been written yet.
    state: Option<MessageState>,
}

/// Whether any client of this session has a page to be loaded.
pub(super) fn has_frames(rx: &mut Rx<'_>, session: SessionId) -> Result<bool> {
    for party in session::parties(rx, session)? {
        if client::by_row(rx, party.client)?.is_some_and(|found| found.client.frontchannel_logout_uri.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The portals of the sessions that ended in this browser a moment ago.
fn left(rx: &mut Rx<'_>, browser: Option<&Handle<BrowserId>>, issuer: &str, now: Timestamp) -> Result<Vec<Left>> {
    let Some(browser) = session::known(rx, browser, now)? else { return Ok(vec![]) };
    let mut left: Vec<Left> = Vec::new();
    for id in session::ended_in(rx, browser, now.minus(RECENT))? {
        let parties = session::parties(rx, id)?;
        let messages: Vec<_> = parties.iter().filter_map(|party| party.message).collect();
        let states = outbox::states(rx, &messages)?;
        for party in parties {
            let Some(found) = client::by_row(rx, party.client)? else { continue };
            let state = states.iter().find(|(id, _)| Some(*id) == party.message).map(|(_, state)| *state);
            let frame = frontchannel(&found.client, issuer, &party.sid);
            left.push(Left { client: found.client, frame, state });
        }
    }
    Ok(left)
}

async fn look(ctx: &Ctx) -> Result<Vec<Left>> {
    let (realm, presented, now) = (ctx.realm.clone(), ctx.browser.clone(), ctx.now);
    ctx.app.db.read(ctx.realm.id, move |rx| left(rx, presented.as_ref(), realm.urls.issuer(), now)).await
}

async fn logged_out(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response> {
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let client_id = params.get("client_id");
    let back = match client_id {
        Some(client_id) => home(&ctx, client_id.to_owned()).await?,
        None => None,
    };
    let mut portals = look(&ctx).await?;
    if params.get("framed").is_none() && portals.iter().any(|portal| portal.frame.is_some()) {
        let next = with_query(&ctx.realm.urls.logged_out(client_id), &[("framed", "1")]);
        return leaving(&ctx, &portals, next);
    }
    let begin = Instant::now();
    while portals.iter().any(Left::is_open) && begin.elapsed() < PATIENCE {
        tokio::time::sleep(GLANCE).await;
        portals = look(&ctx).await?;
    }
    let mut page = LoggedOutPage { back, told: vec![], trying: vec![], failed: vec![] };
    for portal in &portals {
        let name = portal.client.client_name.clone();
        match portal.standing() {
            Some(Standing::Told) => page.told.push(name),
            Some(Standing::Trying) => page.trying.push(name),
            Some(Standing::Failed) => page.failed.push(name),
            None => {}
        }
    }
    let mut response = ctx.still_page(StatusCode::OK, &page)?;
    cleared(&ctx, &mut response);
    Ok(response)
}

/// On the way back to the portal that asked, by way of the others' pages.
async fn logged_out_of(ctx: Ctx, Path(id): Path<String>) -> Result<Response> {
    let Ok(id) = id.parse::<ParkedRequestId>() else { return Ok(layers::not_found()) };
    let now = ctx.now;
    let kept = ctx.app.db.read(ctx.realm.id, move |rx| parked::look(rx, id, Endpoint::LoggedOut, now)).await?;
    let afterwards: Afterwards = kept.map(|kept| serde_json::from_str(&kept)).transpose()?.unwrap_or_default();
    let Some(next) = afterwards.return_to else {
        return Ok(ctx.see_other(&ctx.realm.urls.logged_out(afterwards.client_id.as_deref())));
    };
    let portals = look(&ctx).await?;
    if portals.iter().all(|portal| portal.frame.is_none()) {
        return Ok(ctx.see_other(&next));
    }
    leaving(&ctx, &portals, next)
}

fn leaving(ctx: &Ctx, portals: &[Left], next: String) -> Result<Response> {
    let framed = portals.iter().filter_map(|portal| Some((portal, portal.frame.as_deref()?)));
    let (mut loaded, mut sources) = (Vec::new(), Vec::new());
    for (portal, uri) in framed {
        if let Some(source) = frame_source(uri) {
            loaded.push(Portal { name: portal.client.client_name.clone(), frame: uri.to_owned() });
            sources.push(source);
        }
    }
    let mut response = ctx.page_with_frames(&LeavingPage { portals: loaded, next }, &sources)?;
    cleared(ctx, &mut response);
    Ok(response)
}

/// Nothing of the session stays in the browser. Over http browsers heed no such header, and say so in their consoles.
fn cleared(ctx: &Ctx, response: &mut Response) {
    check_session::forget(ctx, response);
    if ctx.realm.urls.is_secure() {
        response.headers_mut().insert(CLEAR.0, CLEAR.1);
    }
}

impl Left {
    /// Whether an answer of its server is awaited.
    fn is_open(&self) -> bool {
        self.standing() == Some(Standing::Trying)
    }

    /// Nothing where its server is not told at all.
    fn standing(&self) -> Option<Standing> {
        self.client.backchannel_logout_uri.as_ref()?;
        // Before the worker has seen that the session ended there is no message yet.
        Some(self.state.map_or(Standing::Trying, standing))
    }
}

/// A registered client's home page.
pub(super) async fn home(ctx: &Ctx, client_id: String) -> Result<Option<Link>> {
    let found = ctx.app.db.read(ctx.realm.id, move |rx| client::by_client_id(rx, &client_id)).await?;
    Ok(found.and_then(|found| Some(Link::new(found.client.client_name, found.client.client_uri?))))
}
