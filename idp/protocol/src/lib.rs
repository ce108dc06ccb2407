//! The rules of OAuth and OpenID Connect, as Poterne speaks them: pure functions over plain data.
#![warn(missing_docs)]

pub mod authorize;
pub mod bearer;
pub mod client;
pub mod client_auth;
#[cfg(feature = "diesel")]
mod columns;
pub mod error;
pub mod grant;
pub mod id;
pub mod jose;
pub mod pkce;
pub mod redirect;
pub mod refresh;
pub mod scope;
pub mod secret;
pub mod time;
pub mod token;
pub mod wire;
