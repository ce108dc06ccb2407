//! Clients that register themselves, see, change and remove what they registered (RFC 7591, RFC 7592, OpenID Connect Dynamic Client
//! Registration 1.0). What is allowed is in `protocol::registration`.

mod ending;
mod invitation;
mod routes;
mod rules;
mod store;

pub use ending::{forget_removed, remove, remove_unused};
pub use invitation::{
    Invitation, NewInvitation, delete_expired, insert as invite, list as invitations, revoke as revoke_invitation,
};
pub use routes::endpoint;

#[cfg(test)]
mod tests;
