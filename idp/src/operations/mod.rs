//! Wing: keeping it running.

pub mod outbox;
