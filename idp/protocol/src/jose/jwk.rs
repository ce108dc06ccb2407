//! Public keys as the world sees them (RFC 7517). A private member cannot be written, because there is no field for it.

use super::Algorithm;
use crate::secret::Digest;
use aws_lc_rs::agreement;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Bytes written as base64url without padding (RFC 7515 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Base64Url(Vec<u8>);

impl Base64Url {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same number without leading zeros: big-endian, as short as can be (RFC 7518 section 2, `Base64urlUInt`).
    #[must_use]
    pub fn trimmed(&self) -> Self {
        trimmed(&self.0)
    }
}

impl From<Vec<u8>> for Base64Url {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<Base64Url> for String {
    fn from(bytes: Base64Url) -> Self {
        URL_SAFE_NO_PAD.encode(bytes.0)
    }
}

impl TryFrom<String> for Base64Url {
    type Error = base64::DecodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        URL_SAFE_NO_PAD.decode(text).map(Self)
    }
}

/// The key itself, by its type (RFC 7518 section 6, RFC 8037 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum PublicKey {
    /// RSA: modulus and exponent, big-endian without leading zeros (RFC 7518 section 6.3.1).
    #[serde(rename = "RSA")]
    Rsa {
        /// Modulus.
        n: Base64Url,
        /// Exponent.
        e: Base64Url,
    },
    /// An elliptic curve point: two coordinates, each as long as the curve's field (RFC 7518 section 6.2.1).
    #[serde(rename = "EC")]
    Ec {
        /// The curve.
        crv: Curve,
        /// First coordinate.
        x: Base64Url,
        /// Second coordinate.
        y: Base64Url,
    },
    /// A key that is one octet string of 32 bytes (RFC 8037 section 2).
    #[serde(rename = "OKP")]
    Okp {
        /// The curve.
        crv: OkpCurve,
        /// The key.
        x: Base64Url,
    },
}

/// A curve whose points have two coordinates (RFC 7518 section 6.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Curve {
    /// NIST P-256.
    #[serde(rename = "P-256")]
    P256,
    /// NIST P-384.
    #[serde(rename = "P-384")]
    P384,
}

impl Curve {
    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        }
    }

    /// How many bytes a coordinate has.
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }
}

/// A curve whose keys are octet strings (RFC 8037 sections 3.1 and 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OkpCurve {
    /// For signatures.
    Ed25519,
    /// For agreeing on a key.
    X25519,
}

impl OkpCurve {
    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::X25519 => "X25519",
        }
    }
}

/// What the key is for (RFC 7517 section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyUse {
    /// Signatures.
    #[serde(rename = "sig")]
    Signature,
}

/// A text that is no public key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a public key")]
pub struct BadKey;

/// One public key with its name, its one algorithm and its use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Jwk {
    /// The key.
    #[serde(flatten)]
    pub key: PublicKey,
    /// Its name, unique in the realm.
    pub kid: String,
    /// The one algorithm it may be used with (RFC 8725 section 3.1).
    pub alg: Algorithm,
    /// What it is for.
    #[serde(rename = "use")]
    pub key_use: KeyUse,
}

/// A key as it was written, before anybody looked whether it fits its algorithm.
#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    key: PublicKey,
    kid: String,
    alg: Algorithm,
    #[serde(rename = "use")]
    key_use: KeyUse,
}

impl TryFrom<Written> for Jwk {
    type Error = BadKey;

    fn try_from(Written { key, kid, alg, key_use }: Written) -> Result<Self, BadKey> {
        if key.fits(alg) && key.has_lengths() && !kid.is_empty() { Ok(Self { key, kid, alg, key_use }) } else { Err(BadKey) }
    }
}

impl Jwk {
    /// A key for this algorithm, named by its thumbprint (RFC 7638).
    pub fn new(key: PublicKey, alg: Algorithm) -> Result<Self, BadKey> {
        Self::try_from(Written { kid: key.thumbprint(), key, alg, key_use: KeyUse::Signature })
    }

    /// Whether the signature over the message is of this key, by this key's own algorithm: what a token's header says
    /// decides nothing here (RFC 8725 section 3.1).
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verifies(self.alg, message, signature)
    }
}

impl PublicKey {
    /// An RSA key from its PKCS #1 form in DER, `RSAPublicKey` (RFC 8017 appendix A.1.1).
    pub fn rsa(pkcs1: &[u8]) -> Result<Self, BadKey> {
        let (numbers, []) = der_value(pkcs1, 0x30)? else { return Err(BadKey) };
        let (n, rest) = der_value(numbers, 0x02)?;
        let (e, []) = der_value(rest, 0x02)? else { return Err(BadKey) };
        Ok(Self::Rsa { n: trimmed(n), e: trimmed(e) })
    }

    /// A key of a curve from an uncompressed point: `04 || x || y` (SEC 1 section 2.3.3).
    pub fn point(crv: Curve, point: &[u8]) -> Result<Self, BadKey> {
        let len = crv.coordinate_len();
        let coordinates = point.strip_prefix(&[4]).filter(|rest| rest.len() == 2 * len).ok_or(BadKey)?;
        let (x, y) = coordinates.split_at(len);
        Ok(Self::Ec { crv, x: Base64Url(x.to_vec()), y: Base64Url(y.to_vec()) })
    }

    /// A key of 32 bytes (RFC 8032 section 5.1.5, RFC 7748 section 5).
    pub fn octets(crv: OkpCurve, key: &[u8]) -> Result<Self, BadKey> {
        if key.len() == 32 { Ok(Self::Okp { crv, x: Base64Url(key.to_vec()) }) } else { Err(BadKey) }
    }

    /// Whether keys of this type sign with this algorithm.
    #[must_use]
    pub const fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Self::Ec { crv: Curve::P256, .. } => matches!(algorithm, Algorithm::Es256),
            Self::Ec { crv: Curve::P384, .. } => matches!(algorithm, Algorithm::Es384),
            Self::Okp { crv: OkpCurve::Ed25519, .. } => matches!(algorithm, Algorithm::EdDsa),
            Self::Okp { crv: OkpCurve::X25519, .. } => false,
        }
    }

    /// Whether the signature over the message is of this key by this algorithm; never by one that does not fit.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let rsa = |n: &Base64Url, e: &Base64Url, parameters| {
            RsaPublicKeyComponents { n: &n.0, e: &e.0 }.verify(parameters, message, signature).is_ok()
        };
        match (self, algorithm) {
            (Self::Rsa { n, e }, Algorithm::Rs256) => rsa(n, e, &RSA_PKCS1_2048_8192_SHA256),
            (Self::Rsa { n, e }, Algorithm::Ps256) => rsa(n, e, &RSA_PSS_2048_8192_SHA256),
            (Self::Ec { crv: Curve::P256, x, y }, Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, uncompressed(x, y)).verify(message, signature).is_ok()
            }
            (Self::Ec { crv: Curve::P384, x, y }, Algorithm::Es384) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, uncompressed(x, y)).verify(message, signature).is_ok()
            }
            (Self::Okp { crv: OkpCurve::Ed25519, x }, Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, &x.0).verify(message, signature).is_ok()
            }
            _ => false,
        }
    }

    /// Whether the numbers are a key: of the curve's length and on the curve (RFC 8725 section 3.4), a modulus that could be one.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.has_lengths()
            && match self {
                // RFC 8017 section 3.1: both are odd, and an exponent of 1 would change nothing. The library takes such keys.
                Self::Rsa { n, e } => {
                    let odd = |number: &Base64Url| number.0.last().is_some_and(|byte| byte % 2 == 1);
                    odd(n)
                        && odd(e)
                        && e.trimmed().0 != [1]
                        && RsaPublicKeyComponents { n: &n.0, e: &e.0 }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).is_ok()
                }
                Self::Ec { crv: Curve::P256, x, y } => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, uncompressed(x, y)).is_ok(),
                Self::Ec { crv: Curve::P384, x, y } => ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, uncompressed(x, y)).is_ok(),
                Self::Okp { crv: OkpCurve::Ed25519, x } => ParsedPublicKey::new(&ED25519, &x.0).is_ok(),
                Self::Okp { crv: OkpCurve::X25519, x } => is_secret_with(&x.0),
            }
    }

    /// Whether an RSA modulus has 2,048 to 8,192 bits (RFC 7518 section 3.3), and an octet string or coordinate the length of its curve.
    fn has_lengths(&self) -> bool {
        match self {
            Self::Rsa { n, e } => {
                let bits = n.0.first().map_or(0, |first| n.0.len() * 8 - first.leading_zeros() as usize);
                (2048..=8192).contains(&bits) && (1..=8).contains(&e.0.len())
            }
            Self::Ec { crv, x, y } => [x, y].iter().all(|number| number.0.len() == crv.coordinate_len()),
            Self::Okp { x, .. } => x.0.len() == 32,
        }
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638 section 3, RFC 8037 section 2): a name that follows from the key.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let text = |bytes: &Base64Url| URL_SAFE_NO_PAD.encode(&bytes.0);
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n)),
            Self::Ec { crv, x, y } => {
                format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, crv.as_str(), text(x), text(y))
            }
            Self::Okp { crv, x } => format!(r#"{{"crv":"{}","kty":"OKP","x":"{}"}}"#, crv.as_str(), text(x)),
        };
        URL_SAFE_NO_PAD.encode(Digest::of(canonical.as_bytes()).as_bytes())
    }
}

/// Whether something secret can be agreed on with this key. A point of small order gives zeros with every other key (RFC 7748 section 6.1),
/// so any will do to find out.
fn is_secret_with(x25519: &[u8]) -> bool {
    let theirs = agreement::UnparsedPublicKey::new(&agreement::X25519, x25519);
    agreement::PrivateKey::from_private_key(&agreement::X25519, &[1; 32])
        .is_ok_and(|own| agreement::agree(&own, theirs, (), |_| Ok(())).is_ok())
}

/// `04 || x || y` (SEC 1 section 2.3.3).
pub(super) fn uncompressed(x: &Base64Url, y: &Base64Url) -> Vec<u8> {
    [&[4], x.0.as_slice(), y.0.as_slice()].concat()
}

/// The contents of one DER value with this tag, and what follows it (X.690 section 8.1).
fn der_value(bytes: &[u8], tag: u8) -> Result<(&[u8], &[u8]), BadKey> {
    let [first, len, rest @ ..] = bytes else { return Err(BadKey) };
    let long = usize::from(len.checked_sub(0x80).unwrap_or(0));
    let (len_bytes, rest) = rest.split_at_checked(long).ok_or(BadKey)?;
    if *first != tag || *len == 0x80 || long > 2 {
        return Err(BadKey);
    }
    let len = if long == 0 { usize::from(*len) } else { len_bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)) };
    rest.split_at_checked(len).ok_or(BadKey)
}

fn trimmed(bytes: &[u8]) -> Base64Url {
    Base64Url(bytes.iter().copied().skip_while(|byte| *byte == 0).collect())
}

#[cfg(test)]
#[path = "jwk_tests.rs"]
mod tests;
