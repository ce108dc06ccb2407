//! What leaves the house: mails, text messages, calls to portals' servers. A room prepares a message outside its transaction and enqueues it inside; the
//! worker hands it over later, at least once, never after it has expired.

mod flying;
pub mod messages;
mod prepared;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod worker;

pub use messages::{AccountCreated, EmailCode, EmailTaken, Message, Notice, Occasion, PasswordResetCode, SmsCode, Told};
pub use prepared::{Channel, Prepared, open_for_portal, prepare, prepare_for_portal};
pub use rules::{Again, MessageState, Target};
pub use store::{
    Depth, MessageFilter, MessageSummary, dead_after, delete_expired, depth, enqueue, erase_dead, expire_open, list, send_again,
    states,
};
pub use worker::{Carrying, Outbox, Parcel, Post, run};
