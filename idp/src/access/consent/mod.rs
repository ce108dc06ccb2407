//! Consent: what a person allows applications that are not the fund's own to have (OpenID Connect Core section 3.1.2.4), asked in the
//! flow, remembered, shown and taken back on the own account.

mod given;
mod pages;
mod routes;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use given::{Access, accesses, end_access};
#[cfg(test)]
pub use pages::ConsentPage;
pub use routes::routes;
pub use rules::{Thing, things};
pub use store::{Remembered, forget_account, forget_client, remembered};
