//! The id of a request: the log carries it on every line, the answer in a header, and an error page shows it, so that support finds
//! one from the other.

use crate::entropy::Entropy;
use crate::web::request::RequestId;

const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// A reference such as `7F3K-22QX`: 39 bits, easy to read out on the telephone. Or what a trusted proxy gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

impl Reference {
    /// A new reference.
    #[must_use]
    pub fn new(entropy: &Entropy) -> Self {
        let mut rest = entropy.number();
        let mut text = String::with_capacity(9);
        for nth in 0..8 {
            if nth == 4 {
                text.push('-');
            }
            let at = usize::try_from(rest % 31).unwrap_or(0);
            text.push(ALPHABET.get(at).copied().map_or('2', char::from));
            rest /= 31;
        }
        Self(text)
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<RequestId> for Reference {
    fn from(given: RequestId) -> Self {
        Self(given.into_text())
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
