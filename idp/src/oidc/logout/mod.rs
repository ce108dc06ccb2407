//! Signing off (OpenID Connect RP-Initiated Logout 1.0), and telling the portals of it (Front-Channel Logout 1.0, Back-Channel Logout 1.0).

mod call;
mod confirm;
mod left;
pub mod pages;
mod routes;
mod rules;
mod store;
mod telling;
#[cfg(test)]
mod tests;
mod worker;

pub use confirm::page_routes;
pub use routes::endpoint;
pub use worker::run;
