//! Chance that is passed in: the system's generator, or a seeded one that makes a test repeatable.

use aws_lc_rs::digest;
use poterne_protocol::secret::{Handle, SECRET_LEN, Secret};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

/// Where random bytes come from.
#[derive(Clone, Debug)]
pub enum Entropy {
    /// The cryptographic generator of the system library.
    System,
    /// A repeatable stream for tests; never for a running provider.
    Seeded(Arc<SeededEntropy>),
}

/// A repeatable stream: the SHA-256 of a seed and a counter.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    next: AtomicU64,
}

impl Entropy {
    /// A repeatable stream from a seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(SeededEntropy { seed, next: AtomicU64::new(0) }))
    }

    /// Some random bytes.
    ///
    /// # Panics
    /// When the system has no random bytes to give: nothing may go on without them.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        match self {
            Self::System => fill(&mut out),
            Self::Seeded(stream) => stream.fill(&mut out),
        }
        out
    }

    /// A secret of 256 random bits.
    #[must_use]
    pub fn secret(&self) -> Secret {
        Secret::from_random(&self.bytes::<SECRET_LEN>())
    }

    /// A new handle; `id` makes its identifier of the bytes it is given. One draw for both parts: each costs as much as four digests.
    pub fn handle<I>(&self, id: impl FnOnce([u8; 10]) -> I) -> Handle<I> {
        let mut random = self.bytes::<{ 10 + SECRET_LEN }>().into_iter();
        let id = id(std::array::from_fn(|_| random.next().unwrap_or_default()));
        Handle { id, secret: Secret::from_random(&std::array::from_fn(|_| random.next().unwrap_or_default())) }
    }

    /// A number that hardly comes twice, here or elsewhere. It is no secret: who has seen one knows the next.
    #[must_use]
    pub fn number(&self) -> u64 {
        static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(u64::from_be_bytes(Entropy::System.bytes())));
        match self {
            // The golden ratio of all numbers: each step falls into the widest gap that is left.
            Self::System => NEXT.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed),
            Self::Seeded(_) => u64::from_be_bytes(self.bytes()),
        }
    }

    /// A number below `limit`, each as likely as the other (draws again instead of folding).
    #[must_use]
    pub fn below(&self, limit: u32) -> u32 {
        let zone = u32::MAX - u32::MAX % limit.max(1);
        loop {
            let draw = u32::from_be_bytes(self.bytes());
            if draw < zone {
                return draw % limit.max(1);
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "the one place that draws from the system; without chance nothing is safe"
)]
fn fill(out: &mut [u8]) {
    aws_lc_rs::rand::fill(out).expect("the system gives random bytes");
}

impl SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let count = self.next.fetch_add(1, Ordering::SeqCst);
            let block = digest::digest(&digest::SHA256, &[self.seed.to_be_bytes(), count.to_be_bytes()].concat());
            for (to, from) in chunk.iter_mut().zip(block.as_ref()) {
                *to = *from;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_and_numbers_stay_below_their_limit() {
        assert_eq!(Entropy::seeded(1).bytes::<40>(), Entropy::seeded(1).bytes::<40>());
        assert_ne!(Entropy::seeded(1).bytes::<40>(), Entropy::seeded(2).bytes::<40>());
        let entropy = Entropy::seeded(3);
        let (one, other) = (entropy.handle(|random| random), entropy.handle(|random| random));
        assert!(one.id != other.id && one.secret.expose() != other.secret.expose() && one.secret.expose().len() == 43);
        assert_ne!(Entropy::System.number(), Entropy::System.number());
        let mut seen = [false; 31];
        for _ in 0..2000 {
            seen[entropy.below(31) as usize] = true;
        }
        assert!(seen.iter().all(|&drawn| drawn));
    }
}
