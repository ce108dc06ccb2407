//! The fund's files of people and organisations: from bytes to rows that the registry can take, or to what is wrong with them.

mod header;
mod input;
mod reasons;
mod rows;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use reasons::{Reason, Rejection};
pub use rows::{Row, Rows, open};
pub use rules::{CheckedRow, Identifying};
pub use store::{
    Columns, Known, Staged, StagedEntry, StagedIdentifier, active, active_after, known, merge, stage, turned, unstage,
};
