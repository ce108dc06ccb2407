//! Terms of use, to be read and printed by anybody.

pub mod pages;
mod routes;

pub use routes::routes;
