//! Proving who you are: flows, sessions, sign-in.

pub mod flow;
pub mod session;
pub mod signin;
