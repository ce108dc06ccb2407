//! What others sign and publish: a client's key set (RFC 7517 section 5), its assertions and request objects.
//!
//! Everything here is hostile input. What a token's header says chooses nothing: the caller names the algorithms, the keys come from the
//! client's registration, and `jwk`, `jku`, `x5u` and `x5c` are never looked at (RFC 8725 sections 3.1 and 3.10).

mod keyset;
#[cfg(test)]
mod tests;

pub use keyset::{BadKeySet, ForeignKey, ForeignKeySet, ForeignUse, MAX_KEYS, MAX_SET_LEN};

use super::{Algorithm, Hmac, SigningChoice};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Longest foreign token that is read, in bytes.
pub const MAX_TOKEN_LEN: usize = 32 * 1024;

/// What clients of newer libraries write for `EdDSA` with Ed25519 (RFC 9864 section 2.2).
const ED25519: &str = "Ed25519";

/// Why a foreign token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForeignRefusal {
    /// Not three parts of canonical base64url, or too long.
    #[error("not a compact signed token")]
    Shape,
    /// Five parts: we have no key to read it with.
    #[error("encrypted tokens are not accepted")]
    Encrypted,
    /// The header is no JSON object, or `alg`, `kid` or `typ` is no text.
    #[error("a header that cannot be read")]
    Header,
    /// The header asks for an extension (RFC 7515 section 4.1.11); we have none.
    #[error("crit is not supported")]
    Critical,
    /// Another algorithm than those that the caller allows; `none` always.
    #[error("the algorithm is not allowed")]
    Algorithm,
    /// The key set has no such key: a fresh one may.
    #[error("no key of the client's key set fits")]
    UnknownKey,
    /// Several keys fit and no `kid` says which (OpenID Connect Core section 10.1).
    #[error("several keys fit: kid is missing")]
    AmbiguousKey,
    /// The signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// The payload lacks a claim or has one of another form.
    #[error("claims that cannot be read")]
    Claims,
}

/// A foreign token that was taken apart, and of which nothing is known to be true yet.
#[derive(Debug, Clone)]
pub struct ForeignToken<'a> {
    message: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
    algorithm: Option<SigningChoice>,
    kid: Option<String>,
    typ: Option<String>,
}

impl<'a> ForeignToken<'a> {
    /// Takes a compact token apart (RFC 7515 section 7.1). Members of the header that we do not know are ignored, those for keys and
    /// their addresses among them; `crit` is refused.
    pub fn read(token: &'a str) -> Result<Self, ForeignRefusal> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(ForeignRefusal::Shape);
        }
        let parts: Vec<&str> = token.splitn(6, '.').collect();
        let [header, payload, signature] = match parts.as_slice() {
            [header, payload, signature] => [header, payload, signature],
            [_, _, _, _, _] => return Err(ForeignRefusal::Encrypted),
            _ => return Err(ForeignRefusal::Shape),
        };
        let (message, _) = token.rsplit_once('.').ok_or(ForeignRefusal::Shape)?;
        let [header, payload, signature] = [decode(header)?, decode(payload)?, decode(signature)?];
        let header: Map<String, Value> = serde_json::from_slice(&header).map_err(|_| ForeignRefusal::Header)?;
        if header.contains_key("crit") {
            return Err(ForeignRefusal::Critical);
        }
        let text = |name: &str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(ForeignRefusal::Header),
        };
        let (kid, typ) = (text("kid")?, text("typ")?);
        let algorithm = header.get("alg").filter(|alg| alg.is_string()).ok_or(ForeignRefusal::Header)?;
        // RFC 9864 section 2.2: the same by its fully specified name.
        let is_ed25519 = algorithm.as_str() == Some(ED25519);
        let algorithm = if is_ed25519 {
            Some(SigningChoice::Asymmetric(Algorithm::EdDsa))
        } else {
            SigningChoice::deserialize(algorithm).ok()
        };
        Ok(Self { message, payload, signature, algorithm, kid, typ })
    }

    /// The algorithm that it says it is signed with, where that is one of ours.
    #[must_use]
    pub const fn algorithm(&self) -> Option<SigningChoice> {
        self.algorithm
    }

    /// The key that it says it is signed with.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What it says it is (RFC 8725 section 3.11).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// What it claims, before anybody verified it: good for finding out whose keys to verify it with, and for nothing else.
    pub fn unverified<T: DeserializeOwned>(&self) -> Result<T, ForeignRefusal> {
        serde_json::from_slice(&self.payload).map_err(|_| ForeignRefusal::Claims)
    }

    /// What it claims, once its signature holds under a key of the set, by exactly one of these algorithms.
    pub fn verified_by_keys<T: DeserializeOwned>(
        &self,
        allowed: &[Algorithm],
        keys: &ForeignKeySet,
    ) -> Result<T, ForeignRefusal> {
        let Some(SigningChoice::Asymmetric(algorithm)) = self.algorithm else { return Err(ForeignRefusal::Algorithm) };
        if !allowed.contains(&algorithm) {
            return Err(ForeignRefusal::Algorithm);
        }
        let key = keys.verifying(algorithm, self.kid())?;
        if !key.key.verifies(algorithm, self.message.as_bytes(), &self.signature) {
            return Err(ForeignRefusal::Signature);
        }
        self.unverified()
    }

    /// What it claims, once its HMAC with SHA-256 holds under the secret (`client_secret_jwt`, OpenID Connect Core section 9).
    pub fn verified_by_secret<T: DeserializeOwned>(&self, secret: &[u8]) -> Result<T, ForeignRefusal> {
        if self.algorithm != Some(SigningChoice::Symmetric(Hmac::Hs256)) || secret.is_empty() {
            return Err(ForeignRefusal::Algorithm);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        hmac::verify(&key, self.message.as_bytes(), &self.signature).map_err(|_| ForeignRefusal::Signature)?;
        self.unverified()
    }
}

/// The engine refuses padding, foreign characters and stray trailing bits.
fn decode(part: &str) -> Result<Vec<u8>, ForeignRefusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| ForeignRefusal::Shape)
}
