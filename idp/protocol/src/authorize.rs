//! The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2): read a request, decide what comes
//! next, answer.

pub mod prompt;
pub mod reply;
pub mod request;
pub mod request_object;
mod response;
pub mod step;
