//! The demo's own pages: what there is to try, and what would have been sent; as HTML for people, as JSON for scripts.

mod app;
mod guard;
mod language;
mod paper;
mod start;
#[cfg(test)]
mod tests;

use super::FundAddress;
use super::folder::Folder;
use super::funds::{FUNDS, Fund};
use super::outbox::{self, OutboxMessage};
use super::seed::Seeded;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::get;
use language::Asked;
use minijinja::{Value, context, value::Serde};
use paper::Paper;
use poterne_admin::OperatorToken;
use poterne_idp::manage::Manage;
use poterne_idp::{Clock, RealmDocument};
use std::sync::Arc;

/// Seconds between two looks of an outbox that was asked to refresh itself.
const AGAIN: HeaderValue = HeaderValue::from_static("5");

/// What the pages show.
#[derive(Clone)]
pub struct Demo {
    /// Tells which codes are still unused.
    pub manage: Manage,
    /// Where messages and codes lie.
    pub folder: Folder,
    /// What was put in at the first start.
    pub seeded: Seeded,
    /// The funds with their portals.
    pub funds: Vec<FundAddress>,
}

/// What all requests share.
struct Desk {
    demo: Demo,
    documents: Vec<RealmDocument>,
    paper: Paper,
}

type Shared = State<Arc<Desk>>;

/// The routes of the demo's own pages. They show codes and passwords: they answer to this machine's names only.
///
/// # Errors
/// In words, for templates, words or a document that do not read.
pub fn routes(demo: Demo) -> Result<Router, String> {
    let documents = FUNDS.iter().map(Fund::document).collect::<Result<Vec<_>, _>>()?;
    let desk = Desk { demo, paper: Paper::load(&documents)?, documents };
    Ok(Router::new()
        .route("/", get(start_page))
        .route("/demo", get(start_page))
        .route("/demo/start.json", get(start_json))
        .route("/demo/outbox", get(outbox_page))
        .route("/demo/outbox.json", get(outbox_json))
        .route("/demo/outbox/{id}", get(message_page))
        .route("/demo/outbox/{id}/html", get(message_html))
        .route("/demo/app/{login}", get(app_page))
        .route("/demo/assets/demo.css", get(|| async { asset("text/css; charset=utf-8", include_str!("pages/demo.css")) }))
        .route("/demo/assets/gate.svg", get(|| async { asset("image/svg+xml", include_str!("pages/gate.svg")) }))
        .route_layer(from_fn(guard::check))
        .with_state(Arc::new(desk)))
}

/// The operator's HTTP API at `/admin`. It asks for a token, and answers to this machine's names only, as the pages do.
pub fn admin(manage: Manage, token: OperatorToken) -> Router {
    Router::new().nest("/admin", poterne_admin::router(manage, token).layer(from_fn(guard::check)))
}

/// The codes that nobody has used yet, and the ready-made accounts.
async fn remaining(demo: &Demo) -> Result<Seeded, String> {
    let mut remaining = Seeded { codes: Vec::new(), accounts: demo.seeded.accounts.clone() };
    for code in &demo.seeded.codes {
        if demo.manage.is_code_live(&code.fund, &code.code).await.map_err(|error| error.to_string())? {
            remaining.codes.push(code.clone());
        }
    }
    Ok(remaining)
}

async fn start_page(State(desk): Shared, asked: Asked) -> Response {
    answer(shown_start(&desk, &asked).await)
}

async fn shown_start(desk: &Desk, asked: &Asked) -> Result<Html<String>, String> {
    let remaining = remaining(&desk.demo).await?;
    let words = desk.paper.words(asked.lang);
    let of_it = |(fund, document)| start::FundView::new(fund, document, &remaining, asked.lang, words);
    let page = start::Start { funds: desk.demo.funds.iter().zip(&desk.documents).map(of_it).collect() };
    desk.paper.page("start.html", "start", asked, Value::from(Serde(page)))
}

async fn start_json(State(desk): Shared) -> Response {
    answer(remaining(&desk.demo).await.map(Json))
}

async fn outbox_page(State(desk): Shared, asked: Asked) -> Response {
    let shown = outbox::messages(&desk.demo.folder).and_then(|messages| {
        let messages: Vec<Value> = messages.into_iter().rev().map(|message| with_time(&desk, message)).collect();
        let auto = asked.auto;
        let (again, toggle) = (asked.query(auto), asked.query(!auto));
        desk.paper.page("outbox.html", "outbox", &asked, context! { messages, auto, again, toggle })
    });
    let mut response = answer(shown);
    if asked.auto {
        // Only for who asked for it: a page that changes by itself is in the way of people who read slowly (WCAG 2.2.1).
        response.headers_mut().insert(HeaderName::from_static("refresh"), AGAIN);
    }
    response
}

async fn outbox_json(State(desk): Shared) -> Response {
    answer(outbox::messages(&desk.demo.folder).map(Json))
}

async fn message_page(State(desk): Shared, asked: Asked, Path(id): Path<String>) -> Response {
    match outbox::message(&desk.demo.folder, &id) {
        Ok(Some(message)) => {
            let message = with_time(&desk, message);
            answer(desk.paper.page("message.html", "outbox", &asked, context! { message }))
        }
        Ok(None) => missing(&desk, &asked),
        Err(mistake) => answer::<Html<String>>(Err(mistake)),
    }
}

/// The HTML part alone, as a stranger's document: nothing in it runs, loads or leads away.
async fn message_html(State(desk): Shared, asked: Asked, Path(id): Path<String>) -> Response {
    match outbox::message(&desk.demo.folder, &id) {
        Ok(Some(OutboxMessage { html: Some(html), .. })) => {
            ([(header::CONTENT_SECURITY_POLICY, guard::MAIL_CSP)], Html(html)).into_response()
        }
        Ok(_) => missing(&desk, &asked),
        Err(mistake) => answer::<Html<String>>(Err(mistake)),
    }
}

async fn app_page(State(desk): Shared, asked: Asked, Path(login): Path<String>) -> Response {
    let account = desk.demo.seeded.accounts.iter().find(|account| account.login == login);
    let now = u64::try_from(Clock::System.now().secs()).unwrap_or_default();
    let Some((account, app::Shown { digits, seconds })) = account.and_then(|account| Some((account, app::shown(account, now)?)))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    answer(desk.paper.page("app.html", "start", &asked, context! { person => &account.person, digits, seconds }))
}

fn with_time(desk: &Desk, message: OutboxMessage) -> Value {
    let when = desk.paper.when(&message.fund, &message.at);
    let sender = desk.demo.funds.iter().find(|fund| fund.slug == message.fund).map_or("", |fund| fund.name.as_str());
    context! { when, sender, ..Value::from(Serde(message)) }
}

fn missing(desk: &Desk, asked: &Asked) -> Response {
    (StatusCode::NOT_FOUND, answer(desk.paper.page("notice.html", "outbox", asked, context! {}))).into_response()
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

fn answer<T: IntoResponse>(made: Result<T, String>) -> Response {
    match made {
        Ok(response) => response.into_response(),
        Err(mistake) => {
            tracing::error!(mistake, "a page of the demo could not be made");
            (StatusCode::INTERNAL_SERVER_ERROR, mistake).into_response()
        }
    }
}
