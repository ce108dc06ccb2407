//! Asking a host's own system while a request waits: with a time limit, and so that whatever goes wrong there is an answer here.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a host's system may take to answer. Whoever waits is a person in front of a page.
pub const LIMIT: Duration = Duration::from_secs(2);

/// Why a host's system gave no answer, for the log. It must hold nothing about the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HookError(String);

impl HookError {
    /// In words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

/// The future of an answer of the host's system.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, HookError>> + Send + 'a>>;

/// The answer, or why there is none: the system said so, took too long, or panicked.
pub(super) async fn answer<T: Send + 'static>(
    limit: Duration,
    work: impl Future<Output = Result<T, HookError>> + Send + 'static,
) -> Result<T, HookError> {
    // In a task of its own, so that a panic costs this answer and nothing else; the task ends with the set.
    let mut asked = JoinSet::new();
    asked.spawn(work);
    match timeout(limit, asked.join_next()).await {
        Ok(Some(Ok(answer))) => answer,
        Ok(_) => Err(HookError::new("it panicked")),
        Err(_) => Err(HookError::new(format!("no answer within {} ms", limit.as_millis()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whatever_goes_wrong_is_an_answer() {
        let brief = Duration::from_millis(20);
        assert_eq!(answer(LIMIT, async { Ok(1) }).await, Ok(1));
        assert_eq!(answer(LIMIT, async { Err::<u8, _>(HookError::new("down")) }).await, Err(HookError::new("down")));
        let panics: Answering<'static, u8> = Box::pin(async { panic!("on purpose") });
        assert_eq!(answer(LIMIT, panics).await, Err(HookError::new("it panicked")));
        let hangs: Answering<'static, u8> = Box::pin(std::future::pending());
        assert_eq!(answer(brief, hangs).await, Err(HookError::new("no answer within 20 ms")));
    }
}
