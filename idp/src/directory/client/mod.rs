//! Registered clients: the relying-party portals, by document, command or registration. Their rules are in `protocol::client`.

mod kept;
mod secret;
mod store;

pub use kept::{Clients, known, known_by_row};
pub use secret::KeptSecret;
pub use store::{
    ClientSummary, Registered, all, apply_document, by_client_id, by_row, first_party, in_browsers, list, portal, set_secret,
};
