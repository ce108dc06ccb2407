//! Registered clients: the relying-party portals, by document, command or registration. Their rules are in `protocol::client`.

mod kept;
mod own;
mod secret;
mod store;

pub use kept::{Clients, known, known_by_client_id, known_by_row};
pub use own::{NewOwn, Own, count_own, forget_removed, insert_own, is_own, note_use, own, remove_own, replace_own, unused_own};
pub use secret::KeptSecret;
pub use store::{
    ClientSummary, Registered, all, all_redirect_uris, all_with_origin, apply_document, by_client_id, by_row, first_party, list,
    portal, set_secret,
};
