//! Proving who you are: factors, flows, sessions, sign-in; and telling people what was done to their account.

pub mod factor;
pub mod flow;
pub mod notice;
pub mod session;
pub mod signin;
#[cfg(test)]
mod tests;
