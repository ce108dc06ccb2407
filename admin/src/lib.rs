//! Management of a Poterne provider over HTTP: read-only so far, behind an operator token.
//!
//! Mount it where only operators reach it, apart from the provider's own pages:
//!
//! ```
//! # use poterne_admin::{OperatorToken, WeakToken, router};
//! # use poterne_idp::manage::{Manage, Secret};
//! # fn mount(manage: Manage, host: axum::Router, secret: &Secret) -> Result<axum::Router, WeakToken> {
//! Ok(host.nest("/admin", router(manage, OperatorToken::new(secret)?)))
//! # }
//! ```

mod routes;
#[cfg(test)]
mod tests;
mod token;

pub use routes::router;
pub use token::{OperatorToken, WeakToken};
