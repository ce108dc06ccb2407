//! The set of public keys a realm publishes (RFC 7517 section 5), the next key among them before it signs.

use super::jwk::Jwk;
use serde::{Deserialize, Serialize};

/// Public keys, each of another name. In JSON the document behind `jwks_uri`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl KeySet {
    /// The key of this name. A name that two keys bear finds none.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        let mut found = self.keys.iter().filter(|key| key.kid == kid);
        let key = found.next()?;
        found.next().is_none().then_some(key)
    }
}
