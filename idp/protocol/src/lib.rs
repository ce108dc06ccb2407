//! The rules of OAuth and OpenID Connect, as Poterne speaks them: pure functions over plain data.
//!
//! Nothing here reads a clock, draws a random number, touches a database or the network: `now` and random bytes are
//! arguments. Files are named as the specifications name things, and checks stand in the order of the specification.
//!
//! A handler parses, loads what the parsed request names, asks for a decision, and matches on it:
//!
//! | endpoint | read | decide | answer |
//! |---|---|---|---|
//! | authorize | [`wire`], [`authorize::request`], [`redirect`], [`pkce`], [`scope`] | [`authorize::step`], [`consent`] | [`authorize::reply`] |
//! | token | [`client_auth`], [`assertion`], [`mod@token`] | [`grant`], [`refresh`] | [`token::TokenResponse`], [`claims`] |
//! | userinfo | [`bearer`], [`claims::access_token`] | | [`claims::person`] |
//! | logout | [`logout`], [`claims::id_token::IdTokenHint`] | [`logout::decide`] | [`logout::Logout`] |
//! | registration | [`registration::members`], [`bearer`] | [`registration::read`] | [`registration::told`] |
//! | metadata, keys | | | [`discovery`], [`jose::keyset`] |
//!
//! Beneath them lie [`client`] (what is registered), [`error`] (what goes wrong, one enum per audience), [`jose`] (signed
//! tokens), and what everything is made of: [`id`], [`secret`], [`time`].
#![warn(missing_docs)]

pub mod assertion;
pub mod authorize;
pub mod bearer;
pub mod claims;
pub mod client;
pub mod client_auth;
#[cfg(feature = "diesel")]
mod columns;
pub mod consent;
pub mod discovery;
pub mod error;
pub mod grant;
pub mod id;
pub mod introspection;
pub mod jose;
pub mod logout;
pub mod numeric_date;
pub mod pkce;
pub mod redirect;
pub mod refresh;
pub mod registration;
pub mod resource;
pub mod revocation;
pub mod scope;
pub mod secret;
pub mod session_state;
pub mod time;
pub mod token;
pub mod wire;
