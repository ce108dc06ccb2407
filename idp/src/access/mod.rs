//! Proving who you are: factors, flows, sessions, sign-in; and telling people what was done to their account.

pub mod account_page;
pub mod consent;
pub mod ending;
pub mod factor;
pub mod flow;
pub mod logo;
pub mod notice;
pub mod recovery;
pub mod session;
pub mod signin;
#[cfg(test)]
mod tests;
