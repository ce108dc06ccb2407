//! Flows through a whole provider: a browser, a portal, the mailbox, on both databases and mounted in a host.

mod bad_input;
mod codes;
mod employer;
mod enrollment;
mod funds;
mod languages;
mod lost;
mod protocol;
mod rows;
mod session;
mod signin;
