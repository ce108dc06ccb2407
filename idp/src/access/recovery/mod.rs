//! A forgotten password (V-06): the code from the mail, then the second factor, then the new password. It signs nobody in, and what it
//! does is the same for known and unknown names until the code from the mail was right.

mod code;
mod factor;
mod lost;
mod mail;
pub mod pages;
mod password;
mod request;
mod routes;
mod rules;
mod store;
mod visit;

pub use routes::routes;
