//! What people prove themselves with: passwords, codes that are sent, authenticator apps, phone numbers.

pub mod asked;
pub mod otp;
pub mod password;
pub mod sms;
mod store;
#[cfg(test)]
mod tests;
pub mod totp;

pub use store::{Factor, NewFactor, active, insert, note_used, remove_all, use_totp_step};

/// A typed six-digit code: spaces and hyphens are stripped. Anything but six digits is `None`: it is named to the person and costs
/// no try.
#[must_use]
pub fn typed_digits(typed: &str) -> Option<String> {
    let separator = |c: char| c.is_whitespace() || matches!(c, '-' | '‑' | '–');
    let digits: String = typed.chars().filter(|c| !separator(*c)).take(7).collect();
    (digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}
