//! Enrollment: the five steps from an activation code to an account.

mod attempt;
mod completion;
mod draft;
mod identify;
pub mod pages;
mod portal;
mod registration;
mod replacement;
mod routes;
mod rules;
#[cfg(test)]
mod rules_tests;
mod sending;
mod steps;
mod store;
#[cfg(test)]
mod tests;
mod views;
mod vouching;

use crate::app::App;
use axum::Router;

pub use registration::{NewRegistration, Obstacle, register};

/// The routes of this room.
pub fn routes() -> Router<App> {
    routes::routes().merge(steps::routes())
}
