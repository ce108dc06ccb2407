//! The keys that sign a realm's tokens: for each algorithm one in use, the next one published ahead of its time, and former ones
//! until nothing they signed is of use any more.

mod age;
mod signer;
mod store;
#[cfg(test)]
mod tests;

pub use age::ages;
pub use signer::{generate_first, generate_next};
pub use store::{insert, load, rotate};
