//! Signing in: name and password, then a factor. Only this room turns what was proven into a session.

mod code;
mod confirm;
mod factor;
mod home;
mod not_served;
pub mod pages;
mod password;
mod person;
mod routes;
mod rules;
mod store;
mod terms;
#[cfg(test)]
mod tests;
mod tries;

pub use pages::FactorKind;
pub use person::signed_in;
pub use routes::routes;
pub use terms::AcceptTermsPage;
pub use tries::forget_tries;
