//! Proving who you are: flows, sessions, sign-in, factors.

pub mod factor;
pub mod flow;
pub mod session;
pub mod signin;
