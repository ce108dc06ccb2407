//! Activation codes: what stands in the letter, how it is read, how long it is good for, and that it is used once.

mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use rules::{Code, CodeMistake, CodePurpose, CodeState, Revocation, end_of_validity, generate, grouped, last_day, read};
pub use store::{
    Carrier, NewCode, by_digest, count_live_of, digest, digests, hold, issue, load, name_redeemer, redeem, release,
    revoke_of_entry, with_live_code,
};
