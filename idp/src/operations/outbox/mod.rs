//! What leaves the house: mails and text messages. A room prepares a message outside its transaction and enqueues it inside; the
//! worker hands it over later, at least once, never after it has expired.

pub mod messages;
mod prepared;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod worker;

pub use messages::{AccountCreated, EmailCode, EmailTaken, Message, Notice, Occasion, PasswordResetCode, SmsCode, Told};
pub use prepared::{Prepared, prepare};
pub use rules::{MessageState, Target};
pub use store::{Depth, MessageSummary, delete_expired, depth, enqueue, list};
pub use worker::run;
