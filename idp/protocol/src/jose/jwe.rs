//! Compact encryption (RFC 7516 section 7.1), writing only: tokens for a client that registered a key for it. Nothing encrypted is ever
//! read here.

use super::foreign::ForeignKey;
use super::jwk::{Curve, OkpCurve, PublicKey, uncompressed};
use super::{ContentEncryption, KeyManagement};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, PrivateKey, UnparsedPublicKey, X25519};
use aws_lc_rs::cipher::{self, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use aws_lc_rs::key_wrap::{self, AesKek, KeyWrap};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use zeroize::Zeroizing;

/// Random bytes that one encryption takes: a key of 32, an initialisation vector of up to 16.
pub const RANDOM_LEN: usize = 48;

/// Why nothing was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JweError {
    /// The key is not of the kind that this way takes, or is none.
    #[error("the key does not fit the algorithm")]
    Key,
    /// The header is no JSON, or the library failed.
    #[error("nothing could be encrypted")]
    Failed,
}

/// To whom and how.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// The reader's key.
    pub key: &'a ForeignKey,
    /// How the content's key is agreed.
    pub way: KeyManagement,
    /// What encrypts the content.
    pub content: ContentEncryption,
}

/// The protected header (RFC 7516 section 4.1).
#[derive(Serialize)]
struct Header<'a> {
    alg: KeyManagement,
    enc: ContentEncryption,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cty: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    epk: Option<PublicKey>,
}

/// The content's key, and how its reader gets it.
struct Agreed {
    cek: Zeroizing<Vec<u8>>,
    encrypted: Vec<u8>,
    epk: Option<PublicKey>,
}

/// Encrypts a signed token: nested, so `cty` is `JWT` (RFC 7519 section 5.2).
pub fn nest(token: &str, to: Recipient<'_>, random: &[u8; RANDOM_LEN]) -> Result<String, JweError> {
    encrypt(token.as_bytes(), Some("JWT"), to, random)
}

/// Encrypts the claims of a token that is not signed (OpenID Connect Core section 5.3.2).
pub fn encrypt_claims(claims: &[u8], to: Recipient<'_>, random: &[u8; RANDOM_LEN]) -> Result<String, JweError> {
    encrypt(claims, None, to, random)
}

/// RFC 7516 section 5.1.
fn encrypt(plain: &[u8], cty: Option<&str>, to: Recipient<'_>, random: &[u8; RANDOM_LEN]) -> Result<String, JweError> {
    let (cek, iv) = random.split_at(32);
    let agreed = agree(to, cek)?;
    let header = Header { alg: to.way, enc: to.content, kid: to.key.kid.as_deref(), cty, epk: agreed.epk };
    let header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).map_err(|_| JweError::Failed)?);
    let (iv, sealed, tag) = match to.content {
        ContentEncryption::A256Gcm => {
            let iv = iv.first_chunk::<12>().ok_or(JweError::Failed)?;
            let (sealed, tag) = a256gcm(&agreed.cek, iv, header.as_bytes(), plain)?;
            (iv.to_vec(), sealed, tag)
        }
        ContentEncryption::A128CbcHs256 => {
            let iv = iv.first_chunk::<16>().ok_or(JweError::Failed)?;
            let (sealed, tag) = a128cbc_hs256(&agreed.cek, iv, header.as_bytes(), plain)?;
            (iv.to_vec(), sealed, tag)
        }
    };
    let parts = [agreed.encrypted, iv, sealed, tag].map(|part| URL_SAFE_NO_PAD.encode(part));
    Ok(format!("{header}.{}", parts.join(".")))
}

fn agree(to: Recipient<'_>, cek: &[u8]) -> Result<Agreed, JweError> {
    match to.way {
        KeyManagement::RsaOaep256 => {
            let encrypted = rsa_oaep_256(&to.key.key, cek)?;
            Ok(Agreed { cek: Zeroizing::new(cek.to_vec()), encrypted, epk: None })
        }
        // The agreed key itself encrypts (RFC 7518 section 4.6): both content encryptions take 32 bytes.
        KeyManagement::EcdhEs => {
            let (z, epk) = ephemeral(&to.key.key)?;
            let mut cek = Zeroizing::new(vec![0; 32]);
            concat_kdf(&z, to.content.as_str(), [b"", b""], &mut cek)?;
            Ok(Agreed { cek, encrypted: Vec::new(), epk: Some(epk) })
        }
        KeyManagement::EcdhEsA128Kw => {
            let (z, epk) = ephemeral(&to.key.key)?;
            let mut kek = Zeroizing::new(vec![0; 16]);
            concat_kdf(&z, to.way.as_str(), [b"", b""], &mut kek)?;
            Ok(Agreed { cek: Zeroizing::new(cek.to_vec()), encrypted: a128kw(&kek, cek)?, epk: Some(epk) })
        }
    }
}

/// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 7518 section 4.3).
fn rsa_oaep_256(key: &PublicKey, cek: &[u8]) -> Result<Vec<u8>, JweError> {
    let PublicKey::Rsa { n, e } = key else { return Err(JweError::Key) };
    let components = RsaPublicKeyComponents { n: n.as_bytes(), e: e.as_bytes() };
    let key: PublicEncryptingKey = components.try_into().map_err(|_| JweError::Key)?;
    let key = OaepPublicEncryptingKey::new(key).map_err(|_| JweError::Key)?;
    let mut sealed = vec![0; key.ciphertext_size()];
    Ok(key.encrypt(&OAEP_SHA256_MGF1SHA256, cek, &mut sealed, None).map_err(|_| JweError::Failed)?.to_vec())
}

/// Agrees on a secret with a key that lives for this one token. The library draws it, and checks that the reader's point is on the curve.
fn ephemeral(key: &PublicKey) -> Result<(Zeroizing<Vec<u8>>, PublicKey), JweError> {
    let algorithm = match key {
        PublicKey::Ec { crv: Curve::P256, .. } => &ECDH_P256,
        PublicKey::Ec { crv: Curve::P384, .. } => &ECDH_P384,
        PublicKey::Okp { crv: OkpCurve::X25519, .. } => &X25519,
        PublicKey::Okp { crv: OkpCurve::Ed25519, .. } | PublicKey::Rsa { .. } => return Err(JweError::Key),
    };
    let own = PrivateKey::generate(algorithm).map_err(|_| JweError::Failed)?;
    Ok((shared_secret(&own, key)?, public_half(&own, key)?))
}

/// `Z` (RFC 7518 section 4.6.1).
fn shared_secret(own: &PrivateKey, theirs: &PublicKey) -> Result<Zeroizing<Vec<u8>>, JweError> {
    let bytes = match theirs {
        PublicKey::Ec { x, y, .. } => uncompressed(x, y),
        PublicKey::Okp { x, .. } => x.as_bytes().to_vec(),
        PublicKey::Rsa { .. } => return Err(JweError::Key),
    };
    let theirs = UnparsedPublicKey::new(own.algorithm(), bytes);
    agreement::agree(own, theirs, JweError::Key, |z| Ok(Zeroizing::new(z.to_vec())))
}

/// The public half of the ephemeral key, of the reader's curve (RFC 7518 section 4.6.1.1).
fn public_half(own: &PrivateKey, theirs: &PublicKey) -> Result<PublicKey, JweError> {
    let public = own.compute_public_key().map_err(|_| JweError::Failed)?;
    let half = match theirs {
        PublicKey::Ec { crv, .. } => PublicKey::point(*crv, public.as_ref()),
        PublicKey::Okp { crv, .. } => PublicKey::octets(*crv, public.as_ref()),
        PublicKey::Rsa { .. } => return Err(JweError::Key),
    };
    half.map_err(|_| JweError::Failed)
}

/// The Concat KDF with SHA-256 (RFC 7518 section 4.6.2, NIST SP 800-56A section 5.8.1): the key that this algorithm takes, from a shared
/// secret and what both parties say of themselves.
fn concat_kdf(z: &[u8], algorithm: &str, parties: [&[u8]; 2], key: &mut [u8]) -> Result<(), JweError> {
    let [apu, apv] = parties;
    let len = |len: usize| u32::try_from(len).map(u32::to_be_bytes).map_err(|_| JweError::Failed);
    let mut info = Vec::new();
    for part in [algorithm.as_bytes(), apu, apv] {
        info.extend(len(part.len())?);
        info.extend(part);
    }
    info.extend(len(key.len() * 8)?);
    let digest = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256).ok_or(JweError::Failed)?;
    sskdf_digest(digest, z, &info, key).map_err(|_| JweError::Failed)
}

/// AES Key Wrap with a key of 128 bits (RFC 7518 section 4.4, RFC 3394).
fn a128kw(kek: &[u8], cek: &[u8]) -> Result<Vec<u8>, JweError> {
    let kek = AesKek::new(&key_wrap::AES_128, kek).map_err(|_| JweError::Failed)?;
    let mut wrapped = vec![0; cek.len() + 8];
    Ok(kek.wrap(cek, &mut wrapped).map_err(|_| JweError::Failed)?.to_vec())
}

/// AES in Galois/Counter mode (RFC 7518 section 5.3): ciphertext and tag.
fn a256gcm(cek: &[u8], iv: &[u8; 12], aad: &[u8], plain: &[u8]) -> Result<(Vec<u8>, Vec<u8>), JweError> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, cek).map_err(|_| JweError::Failed)?);
    let mut sealed = plain.to_vec();
    let nonce = Nonce::assume_unique_for_key(*iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), &mut sealed).map_err(|_| JweError::Failed)?;
    Ok((sealed, tag.as_ref().to_vec()))
}

/// AES in CBC mode with HMAC SHA-256 (RFC 7518 section 5.2.2.1): the first half of the key authenticates, the second encrypts.
fn a128cbc_hs256(cek: &[u8], iv: &[u8; 16], aad: &[u8], plain: &[u8]) -> Result<(Vec<u8>, Vec<u8>), JweError> {
    let (mac_key, enc_key) = cek.split_at_checked(16).ok_or(JweError::Failed)?;
    let key = UnboundCipherKey::new(&cipher::AES_128, enc_key).map_err(|_| JweError::Failed)?;
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(|_| JweError::Failed)?;
    let mut sealed = plain.to_vec();
    let context = EncryptionContext::Iv128(FixedLength::from(iv));
    key.less_safe_encrypt(&mut sealed, context).map_err(|_| JweError::Failed)?;
    let bits = u64::try_from(aad.len()).map_err(|_| JweError::Failed)? * 8;
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, mac_key));
    for part in [aad, iv, &sealed, &bits.to_be_bytes()] {
        mac.update(part);
    }
    let tag = mac.sign().as_ref().get(..16).ok_or(JweError::Failed)?.to_vec();
    Ok((sealed, tag))
}

#[cfg(test)]
#[path = "jwe_tests.rs"]
mod tests;
