//! Notices: a mail to the account's owner about what was done to it, each with a «this was not me» link that stops the account.

mod pages;
mod prepared;
mod routes;
mod store;

pub use prepared::{Kind, Occasion, Prepared, created, prepare};
pub use routes::routes;
pub use store::delete_expired;
