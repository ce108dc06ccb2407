//! Accounts: who can sign in, and whether they may.

mod claims;
mod rules;
mod store;

pub use claims::{claims_of, seal_claims, set_claims};
pub use rules::{Account, canonical_email};
pub use store::{
    NewAccount, by_email, by_entry, count, count_of, cut, deactivate, end_access, ids_of_entry, insert, load, names_after,
    note_login, of_entries, replace_credentials, set_language, set_password, stop, suspend, unlock, with_account,
};
