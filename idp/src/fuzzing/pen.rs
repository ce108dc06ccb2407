//! A key of this run: what is not signed with it is signed by nobody.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jwk::{Curve, Jwk, PublicKey};
use poterne_protocol::jose::jws::{self, MintError, Signer, TokenType};
use poterne_protocol::jose::keyset::KeySet;
use serde_json::Value;
use std::sync::LazyLock;

/// A key of this run with its public half.
pub(super) struct Pen {
    pair: Option<EcdsaKeyPair>,
    pub(super) keys: KeySet,
    kid: String,
}

pub(super) static PEN: LazyLock<Pen> = LazyLock::new(|| {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok();
    let public = pair.as_ref().and_then(|pair| {
        let key = PublicKey::point(Curve::P256, pair.public_key().as_ref()).ok()?;
        Jwk::new(key, Algorithm::Es256).ok()
    });
    let kid = public.as_ref().map(|key| key.kid.clone()).unwrap_or_default();
    Pen { pair, keys: KeySet { keys: public.into_iter().collect() }, kid }
});

impl Pen {
    /// One of our own tokens.
    pub(super) fn signed(&self, typ: TokenType, payload: &Value) -> Option<String> {
        jws::mint(self, typ, payload).ok()
    }

    /// A token of somebody else's, whatever they wrote into it.
    pub(super) fn compact(&self, header: &[u8], payload: &[u8]) -> Option<String> {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = self.sign(message.as_bytes()).ok()?;
        Some(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl Signer for Pen {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, MintError> {
        let pair = self.pair.as_ref().ok_or(MintError::Key)?;
        pair.sign(&SystemRandom::new(), message).map(|signature| signature.as_ref().to_vec()).map_err(|_| MintError::Key)
    }
}
