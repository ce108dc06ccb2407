//! Accounts: who can sign in, and whether they may.

mod rules;
mod store;

pub use rules::{Account, canonical_email};
pub use store::{
    NewAccount, by_email, by_entry, count, insert, load, note_login, of_entries, set_language, set_password, stop,
    suspend_of_entry,
};
