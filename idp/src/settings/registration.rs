//! What clients may register of themselves (RFC 7591): closed unless the realm's document opens it.

use serde::{Deserialize, Serialize};

/// The realm's policy for clients that register themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    /// Whether anybody may register; otherwise an initial access token is asked for (RFC 7591 section 3).
    pub open: bool,
    /// Whether clients that registered themselves must use PKCE.
    pub require_pkce: bool,
    /// Whether their `sub` may be public; otherwise it is pairwise.
    pub public_subjects: bool,
}
