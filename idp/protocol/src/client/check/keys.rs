//! The client's own keys (RFC 7517 section 5): public ones only, whole, each of another name.

use super::Mistake;
use crate::client::Client;
use crate::jose::KeyManagement;
use serde_json::{Map, Value};

/// Keys of a set: far more than any client turns over.
const MOST_KEYS: usize = 30;
/// Bytes of a set.
const LARGEST_SET: usize = 32 * 1024;
/// The members of keys that nobody else may know (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

pub(super) fn keys(client: &Client, mistakes: &mut Vec<Mistake>) {
    if client.jwks.is_some() && client.jwks_uri.is_some() {
        mistakes.push(Mistake::TwoKeySets);
    }
    if let Some(fault) = client.jwks.as_ref().and_then(set_fault) {
        mistakes.push(Mistake::Member { key: "jwks", fault });
    }
}

/// Whether the client names keys of its own, in whichever way.
pub(super) const fn has_any(client: &Client) -> bool {
    client.jwks.is_some() || client.jwks_uri.is_some()
}

/// Whether some key of `jwks` is of the kind that this way of encryption takes. What lies behind `jwks_uri` may change.
pub(super) fn may_encrypt(client: &Client, alg: KeyManagement) -> bool {
    let Some(set) = &client.jwks else { return true };
    let wanted: &[&str] = match alg {
        KeyManagement::RsaOaep256 => &["RSA"],
        KeyManagement::EcdhEs | KeyManagement::EcdhEsA128Kw => &["EC", "OKP"],
    };
    let fits = |key: &Value| {
        let kind = key.get("kty").and_then(Value::as_str).unwrap_or_default();
        wanted.contains(&kind) && key.get("use").and_then(Value::as_str) != Some("sig")
    };
    set.get("keys").and_then(Value::as_array).is_some_and(|keys| keys.iter().any(fits))
}

fn set_fault(set: &Value) -> Option<&'static str> {
    let Some(keys) = set.as_object().and_then(|set| set.get("keys")).and_then(Value::as_array) else {
        return Some("must be an object with keys (RFC 7517 section 5)");
    };
    if keys.is_empty() {
        return Some("must hold a key");
    }
    if keys.len() > MOST_KEYS {
        return Some("has more than 30 keys");
    }
    if set.to_string().len() > LARGEST_SET {
        return Some("is larger than 32 KiB");
    }
    let mut names = Vec::new();
    for key in keys {
        let Some(key) = key.as_object() else { return Some("holds a key that is no object") };
        if let Some(fault) = key_fault(key) {
            return Some(fault);
        }
        if let Some(name) = key.get("kid").and_then(Value::as_str) {
            if names.contains(&name) {
                return Some("holds two keys of one kid");
            }
            names.push(name);
        }
    }
    None
}

fn key_fault(key: &Map<String, Value>) -> Option<&'static str> {
    const INCOMPLETE: &str = "holds a key without a member that its kty needs, or with one that is not base64url";
    let kind = key.get("kty").and_then(Value::as_str);
    let needed: &[&str] = match kind {
        None => return Some(INCOMPLETE),
        Some("RSA") => &["n", "e"],
        Some("EC") => &["x", "y"],
        Some("OKP") => &["x"],
        Some("oct") => &[],
        // RFC 7517 section 5: a key of a kind that nobody here reads is passed over.
        Some(_) => return None,
    };
    if PRIVATE.iter().any(|name| key.contains_key(*name)) || kind == Some("oct") {
        return Some("holds a private key: register public ones only, and take this one out of use");
    }
    let encoded = |name: &&str| {
        let text = key.get(*name).and_then(Value::as_str).unwrap_or_default();
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let curve = kind == Some("RSA") || key.get("crv").is_some_and(Value::is_string);
    if needed.iter().all(encoded) && curve { None } else { Some(INCOMPLETE) }
}
