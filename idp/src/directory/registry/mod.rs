//! The fund's registry: the people and organisations it knows, with the values that identify them.

mod store;

pub use store::{
    Entry, EntryKind, EntryStatus, IdentifierValue, NewEntry, active_of, add_identifiers, by_registry_no, count, count_active_of,
    count_of, identifiers, insert, kind, load, matches, names, page, rename, set_status, status_since, with_identifier,
};
