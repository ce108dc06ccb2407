//! Compact signatures (RFC 7515 section 7.1): minting them with a [`Signer`], and reading back our own, strictly.

use super::Algorithm;
use super::jwk::Jwk;
use super::keyset::KeySet;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Longest token that is read, in bytes.
pub const MAX_TOKEN_LEN: usize = 8 * 1024;

/// Bytes of claims and of a signature that most tokens do not exceed: for as much room is made at once.
const USUAL_CLAIMS: usize = 768;
const USUAL_SIGNATURE: usize = 256;

/// What a token is (RFC 8725 section 3.11), in its header's `typ`: one kind is never taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenType {
    /// An ID token.
    #[serde(rename = "JWT")]
    IdToken,
    /// An access token (RFC 9068 section 2.1).
    #[serde(rename = "at+jwt")]
    AccessToken,
    /// A userinfo answer (OpenID Connect Core section 5.3.2). Its header has no `typ` at all, so that nobody who reads our tokens, we least
    /// of all, takes it for an ID token: it has the same `iss`, `sub` and `aud`.
    #[serde(skip)]
    UserInfo,
    /// A logout token (Back-Channel Logout section 2.4).
    #[serde(rename = "logout+jwt")]
    LogoutToken,
}

/// Something that holds a private key and signs with it.
pub trait Signer: Send + Sync {
    /// The key's name, as the key set has it.
    fn kid(&self) -> &str;
    /// The key's one algorithm.
    fn algorithm(&self) -> Algorithm;
    /// Signs. The signature is in the form JWS has: for ES256 64 bytes, `r || s`.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, MintError>;
}

/// Why a token could not be minted: a fault on our side.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The claims are no JSON.
    #[error("claims cannot be written as JSON: {0}")]
    Claims(#[from] serde_json::Error),
    /// The key did not sign.
    #[error("the key does not sign")]
    Key,
}

/// Why a token is not one of ours. Which reason it was is for the log, not for the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Not three parts of canonical base64url, or too long.
    #[error("not a compact signed token")]
    Shape,
    /// Five parts: an encrypted token, which we never write for ourselves.
    #[error("encrypted tokens are not accepted")]
    Encrypted,
    /// The header holds something else than `alg`, `kid` and `typ`, or an algorithm we do not have.
    #[error("a header that we never write")]
    Header,
    /// Another kind of token.
    #[error("another kind of token")]
    Type,
    /// No such key, or not for this algorithm.
    #[error("a key that is not ours")]
    Key,
    /// The signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// The payload lacks a claim or has one of another form.
    #[error("claims that we never write")]
    Claims,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    alg: Algorithm,
    #[serde(borrow)]
    kid: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "TokenType::is_unsaid")]
    typ: TokenType,
}

impl TokenType {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the serialiser asks so")]
    const fn is_unsaid(&self) -> bool {
        matches!(self, Self::UserInfo)
    }
}

/// Signs claims into a compact token.
pub fn mint(signer: &dyn Signer, typ: TokenType, claims: &impl Serialize) -> Result<String, MintError> {
    let header = serde_json::to_vec(&Header { alg: signer.algorithm(), kid: signer.kid().into(), typ })?;
    let mut payload = Vec::with_capacity(USUAL_CLAIMS);
    serde_json::to_writer(&mut payload, claims)?;
    // Room for all three parts at once: the longest usual signature is that of RSA.
    let mut token = String::with_capacity((header.len() + payload.len() + USUAL_SIGNATURE).div_ceil(3) * 4 + 8);
    URL_SAFE_NO_PAD.encode_string(header, &mut token);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut token);
    let signature = signer.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// Reads one of our own tokens: shape, header, kind, key, signature, then claims. Whoever calls then checks the claims
/// with the functions of [`jwt`](super::jwt). The header's `alg` must be that of the key that `kid` names; keys and URLs
/// inside a header are never looked at, because a header that has them is refused (RFC 8725 section 3).
pub fn verify<T: DeserializeOwned>(token: &str, typ: TokenType, keys: &KeySet) -> Result<T, TokenRefusal> {
    if token.len() > MAX_TOKEN_LEN {
        return Err(TokenRefusal::Shape);
    }
    if is_encrypted(token) {
        return Err(TokenRefusal::Encrypted);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(TokenRefusal::Shape)?;
    let (header, payload) = message.split_once('.').ok_or(TokenRefusal::Shape)?;
    let [header, payload, signature] = [decode(header)?, decode(payload)?, decode(signature)?];
    let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| TokenRefusal::Header)?;
    if header.typ != typ {
        return Err(TokenRefusal::Type);
    }
    let key: &Jwk = keys.find(&header.kid).filter(|key| key.alg == header.alg).ok_or(TokenRefusal::Key)?;
    if !key.verifies(message.as_bytes(), &signature) {
        return Err(TokenRefusal::Signature);
    }
    serde_json::from_slice(&payload).map_err(|_| TokenRefusal::Claims)
}

/// Whether a compact token has the five parts of an encrypted one (RFC 7516 section 7.1). We read none, and say so by name.
#[must_use]
pub fn is_encrypted(token: &str) -> bool {
    token.bytes().filter(|byte| *byte == b'.').count() == 4
}

/// The engine refuses padding, foreign characters (a fourth part's dot among them) and stray trailing bits.
fn decode(part: &str) -> Result<Vec<u8>, TokenRefusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenRefusal::Shape)
}

#[cfg(test)]
#[path = "jws_tests.rs"]
pub(crate) mod tests;
