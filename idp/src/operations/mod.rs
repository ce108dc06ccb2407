//! Keeping it running: messages, the audit trail, limits, chores, management.

pub mod audit;
pub mod chores;
pub mod lease;
pub mod limits;
pub mod outbox;
pub mod stop;
mod workers;

pub use workers::{Worker, run_workers};
