//! The person's own account: what there is to know of it, its sessions, the language of its mails, the change of its password.
//! Everything here is of whoever is signed in with this browser, and of nobody else.

mod apps;
mod pages;
mod password;
mod routes;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod views;

#[cfg(test)]
pub use pages::{AppPage, OverviewPage, PasswordPage};
pub use routes::routes;
