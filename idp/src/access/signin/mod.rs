//! Signing in: name and password, then a factor. Only this room turns what was proven into a session.

pub mod accounts;
mod factor;
mod home;
mod name;
mod not_served;
pub mod pages;
mod password;
mod person;
mod routes;
mod rules;
mod store;
pub mod terms;
#[cfg(test)]
mod tests;

pub use crate::access::factor::asked::FactorKind;
pub use name::TypedName;
pub use person::signed_in;
pub use routes::routes;
pub use store::{forget_all_wrong_passwords, forget_wrong_passwords, password_standings, password_tries_of};
