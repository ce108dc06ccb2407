//! Public keys as the world sees them (RFC 7517). A private member cannot be written, because there is no field for it.

use super::{Algorithm, P256};
use crate::secret::Digest;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Bytes written as base64url without padding (RFC 7515 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Base64Url(Vec<u8>);

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

/// The key itself, by its type (RFC 7518 section 6).
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
    /// An elliptic curve point: two coordinates of 32 bytes (RFC 7518 section 6.2.1).
    #[serde(rename = "EC")]
    Ec {
        /// The curve.
        crv: Curve,
        /// First coordinate.
        x: Base64Url,
        /// Second coordinate.
        y: Base64Url,
    },
}

/// A curve (RFC 7518 section 6.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Curve {
    /// NIST P-256.
    #[serde(rename = "P-256")]
    P256,
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

impl Jwk {
    /// An RSA key for RS256 from its PKCS #1 form in DER, `RSAPublicKey` (RFC 8017 appendix A.1.1).
    pub fn rsa(pkcs1: &[u8]) -> Result<Self, BadKey> {
        let (numbers, []) = der_value(pkcs1, 0x30)? else { return Err(BadKey) };
        let (n, rest) = der_value(numbers, 0x02)?;
        let (e, []) = der_value(rest, 0x02)? else { return Err(BadKey) };
        Ok(Self::new(PublicKey::Rsa { n: trimmed(n), e: trimmed(e) }, Algorithm::Rs256))
    }

    /// A P-256 key for ES256 from an uncompressed point: `04 || x || y`, 65 bytes (SEC 1 section 2.3.3).
    pub fn p256(point: &[u8]) -> Result<Self, BadKey> {
        let coordinates = point.strip_prefix(&[4]).filter(|rest| rest.len() == 64).ok_or(BadKey)?;
        let (x, y) = coordinates.split_at(32);
        let key = PublicKey::Ec { crv: Curve::P256, x: Base64Url(x.to_vec()), y: Base64Url(y.to_vec()) };
        Ok(Self::new(key, Algorithm::Es256))
    }

    fn new(key: PublicKey, alg: Algorithm) -> Self {
        let kid = key.thumbprint();
        Self { key, kid, alg, key_use: KeyUse::Signature }
    }

    /// Whether the signature over the message is of this key, by this key's own algorithm: what a token's header says
    /// decides nothing here (RFC 8725 section 3.1).
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match (&self.key, self.alg) {
            (PublicKey::Rsa { n, e }, Algorithm::Rs256) => {
                RsaPublicKeyComponents { n: &n.0, e: &e.0 }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            (PublicKey::Ec { x, y, .. }, Algorithm::Es256) => {
                let point = [&[4], x.0.as_slice(), y.0.as_slice()].concat();
                UnparsedPublicKey::new(P256, &point).verify(message, signature).is_ok()
            }
            (PublicKey::Rsa { .. }, Algorithm::Es256) | (PublicKey::Ec { .. }, Algorithm::Rs256) => false,
        }
    }
}

impl PublicKey {
    /// The SHA-256 thumbprint in base64url (RFC 7638 section 3): a name that follows from the key.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let text = |bytes: &Base64Url| URL_SAFE_NO_PAD.encode(&bytes.0);
        let canonical = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(e), text(n)),
            Self::Ec { x, y, .. } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text(x), text(y)),
        };
        URL_SAFE_NO_PAD.encode(Digest::of(canonical.as_bytes()).as_bytes())
    }
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
mod tests {
    use super::*;

    #[test]
    fn rfc7638_3_1_the_thumbprint_of_the_specification() {
        let key: PublicKey = serde_json::from_str(
            r#"{"kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}"#,
        )
        .unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn rfc7515_a_3_the_es256_example_of_the_specification() {
        let jwk: Jwk = serde_json::from_str(
            r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"a","alg":"ES256","use":"sig"}"#,
        )
        .unwrap();
        let message =
            b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = URL_SAFE_NO_PAD
            .decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
            .unwrap();
        assert!(jwk.verifies(message, &signature));
        assert!(!jwk.verifies(&message[1..], &signature));
    }

    #[test]
    fn rfc7518_6_3_1_1_a_modulus_has_no_leading_zero_and_a_point_has_64_bytes() {
        let pkcs1 = [0x30, 0x81, 10, 2, 3, 0, 200, 1, 2, 3, 1, 0, 1];
        let Jwk { key: PublicKey::Rsa { n, e }, .. } = Jwk::rsa(&pkcs1).unwrap() else { panic!("an RSA key") };
        assert_eq!((n.0, e.0), (vec![200, 1], vec![1, 0, 1]));
        for len in 0..pkcs1.len() {
            assert_eq!(Jwk::rsa(&pkcs1[..len]), Err(BadKey), "cut to {len}");
        }
        assert_eq!(Jwk::rsa(&[pkcs1.as_slice(), &[0]].concat()), Err(BadKey));
        for bad in [vec![], vec![4; 64], vec![2; 65], vec![4; 66]] {
            assert_eq!(Jwk::p256(&bad), Err(BadKey));
        }
    }
}
