//! JSON Object Signing: keys (RFC 7517), signatures (RFC 7515), tokens (RFC 7519), as narrow as the provider needs them.
//!
//! Signing is a trait, implemented where the private keys lie; verifying happens here, with public keys only.

pub mod jwk;
pub mod jws;
pub mod jwt;
pub mod keyset;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, EcdsaVerificationAlgorithm};
use serde::{Deserialize, Serialize};

/// A signature algorithm (RFC 7518 section 3.1). `none` and the symmetric ones are not even names here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what every relying party expects for ID tokens.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA with P-256 and SHA-256; the signature is `r || s`, 64 bytes (RFC 7518 section 3.4).
    #[serde(rename = "ES256")]
    Es256,
}

impl Algorithm {
    /// Every algorithm that is on, the default first.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    /// The hash function that it signs with (RFC 7518 section 3.1).
    pub(crate) fn hash(self) -> &'static aws_lc_rs::digest::Algorithm {
        match self {
            Self::Rs256 | Self::Es256 => &aws_lc_rs::digest::SHA256,
        }
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

/// P-256 with SHA-256 and fixed-length signatures, as JWS has them.
static P256: &EcdsaVerificationAlgorithm = &ECDSA_P256_SHA256_FIXED;
