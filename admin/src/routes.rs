//! The routes.

use crate::token::{OperatorToken, guard};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use poterne_idp::manage::{Failure, Manage, RealmOverview};

/// Seconds after which a busy provider may be asked again.
const RETRY_SECONDS: &str = "5";

/// What failed, as a program can read it; the log has the rest.
struct Failed(Failure);

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        tracing::error!(failure = %self.0, "an operator's request failed");
        let error = |error: &str| Json(serde_json::json!({ "error": error }));
        match self.0 {
            Failure::Busy(_) | Failure::Disk(_) => {
                let retry = [(header::RETRY_AFTER, RETRY_SECONDS)];
                (StatusCode::SERVICE_UNAVAILABLE, retry, error("temporarily_unavailable")).into_response()
            }
            _ => (StatusCode::INTERNAL_SERVER_ERROR, error("server_error")).into_response(),
        }
    }
}

/// The operator's HTTP API, to be served or nested. Every path, known or not, asks for `Authorization: Bearer <token>`.
///
/// `GET /realms`: all realms with their issuers, clients and numbers, as JSON.
pub fn router(manage: Manage, token: OperatorToken) -> Router {
    Router::new()
        .route("/realms", get(realms))
        .fallback(|| async { (StatusCode::NOT_FOUND, Json(serde_json::json!({ "error": "not_found" }))) })
        .layer(from_fn_with_state(token, guard))
        .with_state(manage)
}

async fn realms(State(manage): State<Manage>) -> Result<Json<Vec<RealmOverview>>, Failed> {
    Ok(Json(manage.overview().await?))
}
