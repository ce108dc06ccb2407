//! A flow: one authorization request, or one visit to the own account, on its way through sign-in or enrollment. Its URL names it, its browser owns it, so that tabs
//! never clash.

mod limit;
mod rules;
mod store;

pub use limit::Beginning;
pub use rules::{Flow, Goal, Progress};
pub use store::{NewFlow, answer_consent, choose, client, finish, forget_proofs, insert, load, save};
pub use store::{delete_abandoned, delete_expired};
