//! Access tokens where the provider itself reads them: userinfo, introspection, revocation. Signed ones say all by themselves, opaque
//! ones name a row; what either is worth now is asked in one place.

mod live;
mod store;
#[cfg(test)]
mod tests;

pub use live::{Live, Recognised, holder, live, recognise};
pub use store::{keep, revoke, revoke_of_client, revoke_signed};
