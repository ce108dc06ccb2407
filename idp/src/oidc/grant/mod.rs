//! Grants: what a person allowed a client, and the codes and refresh tokens issued from it. Every token asks here whether its grant
//! still lives.

mod code;
mod refresh;
mod rules;
mod store;

pub use code::{NewCode, insert_code, load_code, mark_redeemed};
pub use refresh::{insert_refresh, load_refresh, mark_rotated};
pub use rules::{Bond, Grant};
pub use store::{count_of_client, holder, insert, load, revoke, revoke_of_account, revoke_of_client};
