//! How long a realm's keys have been signing.

use super::rules::Phase;
use super::store;
use crate::error::Result;
use crate::store::Rx;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::time::Timestamp;

/// Of each key that signs now: its algorithm, and the seconds since it began.
pub fn ages(rx: &mut Rx<'_>, now: Timestamp) -> Result<Vec<(Algorithm, i64)>> {
    let current = store::all(rx)?.into_iter().filter_map(|key| match key.phase {
        Phase::Current { since } => Some((key.public.alg, now.since(since).as_secs().try_into().unwrap_or(i64::MAX))),
        _ => None,
    });
    Ok(current.collect())
}
