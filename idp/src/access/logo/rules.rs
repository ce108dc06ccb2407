//! What is a logo, and when to look for it again. Pure.

use crate::web::logos::Known;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// Bytes of a logo at most.
pub(crate) const LARGEST: usize = 100 * 1024;
/// How long a logo is shown before it is fetched again.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long after a failure it is tried again.
const RESTED: Duration = Duration::from_secs(10 * 60);

/// The media type of a picture by its first bytes, whatever its host calls it; `None` for what is no PNG, JPEG or WebP, too large, or cut
/// off, which browsers show as broken. SVG can hold scripts, and is none of them.
pub(crate) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.len() > LARGEST {
        return None;
    }
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', rest @ ..] => ends(rest, b"IEND").then_some("image/png"),
        [0xff, 0xd8, 0xff, rest @ ..] => ends(rest, &[0xff, 0xd9]).then_some("image/jpeg"),
        [b'R', b'I', b'F', b'F', a, b, c, d, b'W', b'E', b'B', b'P', rest @ ..] => {
            let told = u32::from_le_bytes([*a, *b, *c, *d]);
            u32::try_from(rest.len() + 4).is_ok_and(|length| told <= length).then_some("image/webp")
        }
        _ => None,
    }
}

/// Whether a picture comes to its end; programs leave a few bytes behind it at times.
fn ends(bytes: &[u8], mark: &[u8]) -> bool {
    let last = bytes.len().saturating_sub(64);
    bytes.get(last..).unwrap_or_default().windows(mark.len()).any(|window| window == mark)
}

/// Whether what is known may still be shown without looking again.
pub(super) fn is_fresh(known: &Known, now: Timestamp) -> bool {
    let span = if known.mark.is_some() { KEPT } else { RESTED };
    now.since(known.fetched_at) < span
}
