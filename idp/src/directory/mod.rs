//! Who there is: realms, populations, the fund's registry, accounts.

pub mod account;
pub mod client;
pub mod population;
pub mod realm;
pub mod registry;
