//! What comes back: a document within its measure, or why there is none.

use super::resolver::Refused;
use super::trust::Trust;
use bytes::{Bytes, BytesMut};
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap};
use reqwest::{Response, StatusCode};
use std::error::Error;
use std::time::Duration;

/// What a document may be.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Its media types, in lower case and without parameters; empty means any.
    pub media_types: &'static [&'static str],
    /// Its bytes at most.
    pub max_bytes: usize,
}

/// A document that was fetched.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The document.
    pub body: Bytes,
    /// Its media type, in lower case and without parameters.
    pub media_type: Option<String>,
    /// How long its host lets it be kept (RFC 9111 section 5.2.2): zero where it must not be.
    pub max_age: Option<Duration>,
}

/// Why nothing was fetched or posted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// No absolute https address without a user name.
    #[error("not an https address")]
    Address,
    /// The address is, or leads to, one that is not public and not excepted.
    #[error("an address that is not public and not among the exceptions (outbound.allow)")]
    Forbidden,
    /// Too many fetches of this host wait already.
    #[error("too many fetches of this host at once")]
    Busy,
    /// No whole answer in time.
    #[error("no answer in time")]
    TooSlow,
    /// Nobody answered, or not by a certificate that is trusted: in words.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// It was refused, too slow or cannot be reached: what is told to a client that registered itself, which is to learn nothing of hosts that only we reach.
    #[error("could not be fetched")]
    Untold,
    /// An answer that is no document; a redirect among others.
    #[error("answered with status {}", .0.as_u16())]
    Status(StatusCode),
    /// A document of another kind.
    #[error("another media type than wanted")]
    MediaType,
    /// More bytes than wanted.
    #[error("longer than wanted")]
    TooLong,
    /// The client could not be made, such as for want of any trust anchor: in words.
    #[error("outbound fetches cannot be set up: {0}")]
    Setup(String),
}

impl OutboundError {
    /// As it is told to those on whose word it was fetched.
    pub(super) fn told(self, trust: Trust) -> Self {
        match (trust, self) {
            (Trust::Registered { .. }, Self::Forbidden | Self::TooSlow | Self::Unreachable(_)) => Self::Untold,
            (_, error) => error,
        }
    }

    /// What became of a request.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let (mut words, mut cause) = (String::new(), error.source());
        while let Some(deeper) = cause {
            if deeper.is::<Refused>() {
                return Self::Forbidden;
            }
            words = deeper.to_string();
            cause = deeper.source();
        }
        if error.is_timeout() { Self::TooSlow } else { Self::Unreachable(words) }
    }
}

/// Reads an answer, and no more of it than is wanted.
pub(super) async fn read(mut answer: Response, wanted: &Wanted) -> Result<Fetched, OutboundError> {
    if answer.status() != StatusCode::OK {
        return Err(OutboundError::Status(answer.status()));
    }
    let media_type = media_type(answer.headers());
    if !wanted.media_types.is_empty() && !media_type.as_deref().is_some_and(|found| wanted.media_types.contains(&found)) {
        return Err(OutboundError::MediaType);
    }
    let announced = answer.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > wanted.max_bytes) {
        return Err(OutboundError::TooLong);
    }
    let max_age = max_age(answer.headers());
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| OutboundError::of(&error))? {
        if body.len() + chunk.len() > wanted.max_bytes {
            return Err(OutboundError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched { body: body.freeze(), media_type, max_age })
}

pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

pub(crate) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<String> = values.flat_map(|value| value.split(',')).map(|one| one.trim().to_ascii_lowercase()).collect();
    if directives.iter().any(|one| one == "no-store" || one == "no-cache") {
        return Some(Duration::ZERO);
    }
    let seconds = directives.iter().find_map(|one| one.strip_prefix("max-age="))?;
    Some(Duration::from_secs(seconds.trim_matches('"').parse().ok()?))
}
