//! What tests share: the databases they run on.

pub mod postgres;
