//! Every request, from the outside: its id in the answer and the log, how long it took, what is counted of it. Neither the log nor a
//! count ever sees a raw path or a query: they may hold links that are secrets.

use crate::app::App;
use crate::figures::Route;
use crate::web::layers;
use crate::web::reference::Reference;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::response::Response;

/// Where the id stands in an answer, and where a proxy gives one.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request that a proxy in front has given, for the server or the host to set in the request's extensions where it
/// trusts that proxy. Without it each request gets a random one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// An id that may stand in a log and on a page: 8 to 64 letters, digits, `-` and `_`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        ((8..=64).contains(&text.len()) && plain).then(|| Self(text.to_owned()))
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// The method as a log may hold it: clients may send any text.
pub fn method_in_words(method: &Method) -> &str {
    if method.as_str().len() > 7 { "other" } else { method.as_str() }
}

/// Gives the request its id, and tells of it once it is answered.
pub async fn around<F: Future<Output = Response>>(
    app: &App,
    mut request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let given = request.extensions_mut().remove::<RequestId>();
    let reference = given.map_or_else(|| Reference::new(&app.entropy), Reference::from);
    request.extensions_mut().insert(reference.clone());
    let method = request.method().clone();
    // How long it takes is measured, not told: the clock that decides may stand still or be set.
    let begun = tokio::time::Instant::now();
    tracing::debug!(request = %reference, method = method_in_words(&method), "asked");
    let mut response = answer(request).await;
    let (took, status, route) = (begun.elapsed(), response.status().as_u16(), response.extensions().get::<Route>().copied());
    app.figures.request(route, method.as_str(), status, took);
    let route = route.map_or("none", Route::pattern);
    let method = method_in_words(&method);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(request = %reference, method, route, status, duration_ms, "answered");
    if let Ok(id) = HeaderValue::from_str(reference.as_str()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    layers::secure(&mut response);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_and_plain_id_is_taken_over() {
        for fine in ["0123abcd", "f47ac10b-58cc-4372-a567-0e02b2c3d479", &"a".repeat(64)] {
            assert!(RequestId::parse(fine).is_some(), "{fine}");
        }
        for other in ["", "short", &"a".repeat(65), "0123 abcd", "0123abcd\n", "<script>alert", "0123abcdé", "../../etc"] {
            assert!(RequestId::parse(other).is_none(), "{other:?}");
        }
    }
}
