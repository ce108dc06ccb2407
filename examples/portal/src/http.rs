//! The `openidconnect` crate's HTTP client over reqwest: no redirects, ten seconds, one mebibyte.

use std::{future::Future, pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use url::Url;

use crate::guard::is_loopback;

/// The longest answer that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Fetches from the provider.
#[derive(Clone)]
pub(crate) struct Fetch(reqwest::Client);

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the request failed: {0}")]
    Request(#[from] reqwest::Error),
    #[error("the answer is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("the answer is not HTTP: {0}")]
    Answer(#[from] axum::http::Error),
}

impl Fetch {
    /// A client for the provider at `issuer`.
    pub(crate) fn new(issuer: &Url) -> Result<Self, reqwest::Error> {
        // A followed redirect would carry the client's secret or an access token to wherever it points.
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(10));
        // A proxy cannot reach this machine's loopback.
        let builder = if is_loopback(issuer) { builder.no_proxy() } else { builder };
        builder.build().map(Self)
    }

    async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut response = axum::http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(response.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetch(request))
    }
}
