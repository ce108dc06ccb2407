//! The rules of OAuth and OpenID Connect, as Poterne speaks them: pure functions over plain data.
#![warn(missing_docs)]

pub mod authorize;
pub mod claims;
pub mod client;
#[cfg(feature = "diesel")]
mod columns;
pub mod error;
pub mod id;
pub mod jose;
pub mod pkce;
pub mod redirect;
pub mod scope;
pub mod secret;
pub mod time;
pub mod wire;
