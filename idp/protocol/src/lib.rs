//! The rules of OAuth and OpenID Connect, as Poterne speaks them: pure functions over plain data.
//!
//! Nothing here reads a clock, draws a random number, touches a database or the network: `now` and random bytes are
//! arguments. Files are named as the specifications name things, and checks stand in the order of the specification.
#![warn(missing_docs)]

#[cfg(feature = "diesel")]
mod columns;
pub mod id;
pub mod secret;
pub mod time;
