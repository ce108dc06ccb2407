//! Who there is: realms, populations, the fund's registry, accounts, and the terms they accepted.

pub mod account;
pub mod client;
pub mod import;
pub mod population;
pub mod realm;
pub mod registry;
pub mod terms;
