//! The demo's own pages: what there is to try, and what would have been sent; as HTML for people, as JSON for scripts.

use super::PortalAddress;
use super::folder::Folder;
use super::outbox;
use super::seed::Seeded;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use poterne_idp::manage::Manage;

/// What the pages show.
#[derive(Clone)]
pub struct Demo {
    /// Tells which codes are still unused.
    pub manage: Manage,
    /// Where messages and codes lie.
    pub folder: Folder,
    /// What was put in at the first start.
    pub seeded: Seeded,
    /// The portals.
    pub portals: Vec<PortalAddress>,
}

/// The routes of the demo's own pages.
pub fn routes(demo: Demo) -> Router {
    Router::new().route("/demo/start.json", get(start_json)).route("/demo/outbox.json", get(outbox_json)).with_state(demo)
}

/// The codes that nobody has used yet, and the ready-made accounts.
async fn remaining(demo: &Demo) -> Result<Seeded, String> {
    let mut remaining = Seeded { codes: Vec::new(), accounts: demo.seeded.accounts.clone() };
    for code in &demo.seeded.codes {
        if demo.manage.is_code_live(super::SLUG, &code.code).await.map_err(|error| error.to_string())? {
            remaining.codes.push(code.clone());
        }
    }
    Ok(remaining)
}

async fn start_json(State(demo): State<Demo>) -> Response {
    answer(remaining(&demo).await.map(Json))
}

async fn outbox_json(State(demo): State<Demo>) -> Response {
    answer(outbox::messages(&demo.folder).map(Json))
}

fn answer(made: Result<impl IntoResponse, String>) -> Response {
    match made {
        Ok(response) => ([(header::CACHE_CONTROL, "no-store")], response).into_response(),
        Err(mistake) => (StatusCode::INTERNAL_SERVER_ERROR, mistake).into_response(),
    }
}
