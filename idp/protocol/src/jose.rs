//! JSON Object Signing: keys (RFC 7517), signatures (RFC 7515), tokens (RFC 7519), as narrow as the provider needs them.
//!
//! Signing is a trait, implemented where the private keys lie; verifying happens here, with public keys only.

pub mod foreign;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod jwt;
pub mod keyset;

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// A signature algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1). `none` and the symmetric ones are not even names here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every relying party expects for ID tokens.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, and a salt of 32 bytes (RFC 7518 section 3.5).
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA with P-256 and SHA-256; the signature is `r || s`, 64 bytes (RFC 7518 section 3.4).
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA with P-384 and SHA-384; the signature is `r || s`, 96 bytes.
    #[serde(rename = "ES384")]
    Es384,
    /// `EdDSA` with Ed25519, the only curve that is on.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// Every algorithm that is on, the default first.
    pub const ALL: [Self; 5] = [Self::Rs256, Self::Ps256, Self::Es256, Self::Es384, Self::EdDsa];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The left half of the text's hash, in base64url: `at_hash` and `c_hash` (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11). The
    /// hash is the one that the algorithm signs over; Ed25519 hashes with SHA-512 (RFC 8032 section 5.1).
    #[must_use]
    pub fn half_hash(self, text: &str) -> String {
        let hash = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &SHA256,
            Self::Es384 => &SHA384,
            Self::EdDsa => &SHA512,
        };
        let whole = digest::digest(hash, text.as_bytes());
        let (left, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
        URL_SAFE_NO_PAD.encode(left)
    }
}

/// What a client may choose to sign with: one of the algorithms, or its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SigningChoice {
    /// A key pair of its own.
    Asymmetric(Algorithm),
    /// HMAC with SHA-256, keyed with the client's secret (OpenID Connect Core section 10.1).
    Symmetric(Hmac),
}

/// A signature algorithm with a shared secret (RFC 7518 section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hmac {
    /// HMAC with SHA-256.
    #[serde(rename = "HS256")]
    Hs256,
}

/// How the key that encrypts a token is agreed with its reader (RFC 7518 section 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyManagement {
    /// RSAES OAEP with SHA-256 and MGF1 with SHA-256.
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
    /// Elliptic curve Diffie-Hellman, directly.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// The same, wrapping a key with AES 128.
    #[serde(rename = "ECDH-ES+A128KW")]
    EcdhEsA128Kw,
}

impl KeyManagement {
    /// Every one that is on.
    pub const ALL: [Self; 3] = [Self::RsaOaep256, Self::EcdhEs, Self::EcdhEsA128Kw];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
        }
    }
}

/// What encrypts a token (RFC 7518 section 5.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContentEncryption {
    /// AES 128 in CBC mode with HMAC SHA-256: the default where only the key management is named (OpenID Connect Registration section 2).
    #[default]
    #[serde(rename = "A128CBC-HS256")]
    A128CbcHs256,
    /// AES 256 in Galois/Counter mode.
    #[serde(rename = "A256GCM")]
    A256Gcm,
}

impl ContentEncryption {
    /// Every one that is on.
    pub const ALL: [Self; 2] = [Self::A128CbcHs256, Self::A256Gcm];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256Gcm => "A256GCM",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_3_1_3_6_half_of_the_hash_that_fits_the_algorithm() {
        // The example of OpenID Connect Core appendix A.3; of the others, the half of what FIPS 180-4 says of "abc".
        assert_eq!(Algorithm::Rs256.half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
        for (algorithm, half) in [
            (Algorithm::Ps256, "ungWv48Bz-pBQUDeXa4iIw"),
            (Algorithm::Es256, "ungWv48Bz-pBQUDeXa4iIw"),
            (Algorithm::Es384, "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFj"),
            (Algorithm::EdDsa, "3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05o"),
        ] {
            assert_eq!(algorithm.half_hash("abc"), half, "{algorithm:?}");
        }
    }
}
