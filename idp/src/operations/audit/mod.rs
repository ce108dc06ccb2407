//! The audit trail: one event per state change, in the same transaction; a worker seals them into a chain per realm.

mod event;

pub use event::{Actor, Event, record};
