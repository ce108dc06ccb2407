//! The number that an error page shows and the log carries, so that support finds one from the other.

use crate::entropy::Entropy;
use std::fmt::Write;

const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// A reference such as `7F3K-22QX`: 39 random bits, easy to read out on the telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference([u8; 8]);

impl Reference {
    /// A new reference.
    #[must_use]
    pub fn new(entropy: &Entropy) -> Self {
        Self(entropy.bytes())
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut number = u64::from_be_bytes(self.0);
        for place in 0..8 {
            if place == 4 {
                f.write_str("-")?;
            }
            let letter = usize::try_from(number % 31).ok().and_then(|at| ALPHABET.get(at));
            f.write_char(letter.copied().map_or('2', char::from))?;
            number /= 31;
        }
        Ok(())
    }
}
