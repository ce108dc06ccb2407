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
}

/// P-256 with SHA-256 and fixed-length signatures, as JWS has them.
static P256: &EcdsaVerificationAlgorithm = &ECDSA_P256_SHA256_FIXED;
