//! Poterne: an OpenID Connect provider for organisations that already know their people and invite them by letter.
#![warn(missing_docs)]

pub mod clock;
pub mod entropy;
pub mod error;
pub mod store;
pub mod vault;
