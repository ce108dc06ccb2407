//! That a refusal is cheap, measured where a machine may be busy with other things now and then.

use std::time::Duration;
use tokio::time::Instant;

/// Longer than any refusal may take.
const LONG: Duration = Duration::from_millis(50);
/// So often it is asked before the time is believed.
const TRIES: u32 = 5;

/// The answer to what is refused at once, however often it is asked.
///
/// # Panics
/// When it took too long each time.
pub async fn quick<T>(what: &str, mut ask: impl AsyncFnMut() -> T) -> T {
    let mut shortest = Duration::MAX;
    for _ in 0..TRIES {
        let begun = Instant::now();
        let answer = ask().await;
        shortest = shortest.min(begun.elapsed());
        if shortest < LONG {
            return answer;
        }
    }
    panic!("{what}: {shortest:?}")
}
