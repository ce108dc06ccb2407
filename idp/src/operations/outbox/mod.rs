//! What leaves the house: mails and text messages.

pub mod messages;
