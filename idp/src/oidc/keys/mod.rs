//! The keys that sign a realm's tokens: for each algorithm one in use, the next one published ahead of its time, and former ones
//! until every token that they signed has expired.

mod rules;
mod signer;
mod store;
#[cfg(test)]
mod tests;
mod turn;
mod worker;

pub use rules::{Key, NotRetired, Phase};
pub use signer::generate_first;
pub use store::{all, insert, load};
pub use turn::{Rotated, follow, prepare, retire, rotate, withdraw};
pub use worker::run;
