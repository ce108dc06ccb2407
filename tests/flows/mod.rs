//! Flows through a whole provider: a browser, a portal, the mailbox, on both databases and mounted in a host.

mod account;
mod alias;
mod answers;
mod bad_input;
mod claims;
mod codes;
mod consent;
mod employer;
mod enrollment;
mod funds;
mod hosts;
mod importing;
mod languages;
mod logout;
mod lost;
mod notices;
mod protocol;
mod recovery;
mod registration;
mod restored;
mod rows;
mod services;
mod session;
mod signin;
mod terms;
mod tokens;
