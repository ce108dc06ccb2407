//! What is a logo, and when to look for it again. Pure.

use crate::web::logos::Known;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// Bytes of a logo at most.
pub(super) const LARGEST: usize = 100 * 1024;
/// How long a logo is shown before it is fetched again.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long after a failure it is tried again.
const RESTED: Duration = Duration::from_secs(10 * 60);

/// The media type of a picture by its first bytes, whatever its host calls it; `None` for what is no PNG, JPEG or WebP, or too large.
/// SVG can hold scripts, and is none of them.
pub(super) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.len() > LARGEST {
        return None;
    }
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// Whether what is known may still be shown without looking again.
pub(super) fn is_fresh(known: &Known, now: Timestamp) -> bool {
    let span = if known.mark.is_some() { KEPT } else { RESTED };
    now.since(known.fetched_at) < span
}
