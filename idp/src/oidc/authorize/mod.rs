//! The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2). It shows nothing but error pages: whoever must
//! sign in or enroll is sent to `/ui/…` and comes back with the flow.

mod answer;
#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod failing_tests;
mod issue;
pub mod pages;
mod routes;
mod rules;
mod store;
#[cfg(test)]
pub(super) mod tests;

pub use routes::endpoint;
