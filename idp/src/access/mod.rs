//! Proving who you are: factors, flows, sessions, sign-in.

pub mod account_page;
pub mod factor;
pub mod flow;
pub mod session;
pub mod signin;
#[cfg(test)]
mod tests;
