//! Accounts: who can sign in, and whether they may.

mod rules;
mod store;

pub use rules::{Account, canonical_email};
pub use store::suspend_of_entry;
pub use store::{NewAccount, by_email, by_entry, count, insert, load, note_login, set_language, set_password, stop};
