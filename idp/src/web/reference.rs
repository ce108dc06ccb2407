//! The number that an error page shows and the log carries, so that support finds one from the other.

use crate::entropy::Entropy;

const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// A reference such as `7F3K-22QX`: 39 random bits, easy to read out on the telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

impl Reference {
    /// A new reference.
    #[must_use]
    pub fn new(entropy: &Entropy) -> Self {
        let letter = || {
            let at = usize::try_from(entropy.below(31)).unwrap_or(0);
            ALPHABET.get(at).copied().map_or('2', char::from)
        };
        let mut text: String = (0..8).map(|_| letter()).collect();
        text.insert(4, '-');
        Self(text)
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
