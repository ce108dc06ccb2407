//! The client's own keys: what is registered must be what is read when they are used, so one rule says both.

use super::Mistake;
use crate::client::Client;
use crate::jose::KeyManagement;
use crate::jose::foreign::ForeignKeySet;
use serde_json::Value;

pub(super) fn keys(client: &Client, mistakes: &mut Vec<Mistake>) {
    if client.jwks.is_some() && client.jwks_uri.is_some() {
        mistakes.push(Mistake::TwoKeySets);
    }
    let Some(set) = &client.jwks else { return };
    match ForeignKeySet::from_value(set) {
        Err(bad) => mistakes.push(Mistake::Keys(bad)),
        // A set of kinds that nobody here reads is one all the same (RFC 7517 section 5).
        Ok(_) if set.get("keys").and_then(Value::as_array).is_some_and(Vec::is_empty) => {
            mistakes.push(Mistake::Member { key: "jwks", fault: "must hold a key" });
        }
        Ok(_) => {}
    }
}

/// Whether the client names keys of its own, in whichever way.
pub(super) const fn has_any(client: &Client) -> bool {
    client.jwks.is_some() || client.jwks_uri.is_some()
}

/// Whether some key of `jwks` is one to encrypt to in this way. What lies behind `jwks_uri` may change.
pub(super) fn may_encrypt(client: &Client, way: KeyManagement) -> bool {
    let fits = |set| ForeignKeySet::from_value(set).is_ok_and(|set| set.encrypting(way).is_some());
    client.jwks.as_ref().is_none_or(fits)
}
