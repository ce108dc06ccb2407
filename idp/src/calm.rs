//! Trouble of something that tries again and again: told at once, then once in a while, and when it is over. A full disk lasts; its log
//! should not fill it.

use std::fmt::Display;

/// What is tried again and again.
pub struct Calm {
    what: &'static str,
    every: u32,
    failures: u32,
}

impl Calm {
    /// Nothing has failed yet. Of failures that follow one another, the first and then each `every`th is told.
    #[must_use]
    pub const fn new(what: &'static str, every: u32) -> Self {
        Self { what, every, failures: 0 }
    }

    /// Takes what came of a try. `true` when it was told.
    pub fn note(&mut self, outcome: &Result<(), impl Display>) -> bool {
        let what = self.what;
        match outcome {
            Ok(()) if self.failures == 0 => false,
            Ok(()) => {
                tracing::info!(failures = self.failures, "{what}: works again");
                self.failures = 0;
                true
            }
            Err(failure) => {
                self.failures = self.failures.saturating_add(1);
                let tell = self.failures == 1 || self.failures.is_multiple_of(self.every.max(1));
                if tell {
                    tracing::error!(failures = self.failures, %failure, "{what}: does not work, and is tried again");
                }
                tell
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_at_once_then_seldom_and_when_it_is_over() {
        let mut calm = Calm::new("sealing", 120);
        let told = |calm: &mut Calm, times: u32, outcome: &Result<(), &str>| (0..times).filter(|_| calm.note(outcome)).count();
        assert_eq!(told(&mut calm, 50, &Ok(())), 0);
        assert_eq!(told(&mut calm, 119, &Err("full")), 1);
        assert_eq!(told(&mut calm, 121, &Err("full")), 2);
        assert_eq!(told(&mut calm, 10, &Ok(())), 1);
        assert_eq!(told(&mut calm, 10, &Err("full")), 1, "told at once again");
    }
}
