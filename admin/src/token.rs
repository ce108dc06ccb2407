//! The operator's token: only its digest is kept, and compared in constant time.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Json, Response};
use poterne_idp::manage::{Digest, Secret};

/// Characters that a token must have: 32 random ones of base64url are 192 bits.
const SHORTEST: usize = 32;

/// What an operator's program shows with every request.
#[derive(Debug, Clone)]
pub struct OperatorToken(Digest);

/// A token that could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeakToken;

impl std::fmt::Display for WeakToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an operator token has at least {SHORTEST} characters without spaces")
    }
}

impl std::error::Error for WeakToken {}

impl OperatorToken {
    /// Takes a token; only its digest is kept.
    ///
    /// # Errors
    /// [`WeakToken`] for fewer than 32 characters, or characters that no header carries.
    pub fn new(clear: &Secret) -> Result<Self, WeakToken> {
        let text = clear.expose();
        let strong = text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_graphic());
        if strong { Ok(Self(clear.digest())) } else { Err(WeakToken) }
    }

    fn is(&self, shown: &str) -> bool {
        self.0 == Digest::of(shown.as_bytes())
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token.trim_start_matches(' '))
}

/// Lets only the operator pass; whatever is answered is kept by no cache.
pub(super) async fn guard(State(token): State<OperatorToken>, request: Request, next: Next) -> Response {
    let mut response = match bearer(request.headers()) {
        Some(shown) if token.is(shown) => next.run(request).await,
        // RFC 6750 section 3: who shows nothing is told no error code.
        None => refused("Bearer realm=\"poterne-admin\"", "missing_token"),
        Some(_) => {
            tracing::warn!(path = request.uri().path(), "a wrong operator token was shown");
            refused("Bearer realm=\"poterne-admin\", error=\"invalid_token\"", "invalid_token")
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn refused(challenge: &'static str, error: &'static str) -> Response {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], Json(serde_json::json!({ "error": error })))
        .into_response()
}
