//! Private keys over aws-lc-rs: made once, kept as PKCS#8 sealed by the realm's vault, parsed once per snapshot of the realm.

use crate::app::App;
use crate::entropy::Entropy;
use crate::error::{Failure, Result};
use crate::settings::Policy;
use crate::vault::{Place, Vault};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use poterne_protocol::id::KeyId;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jwk::{BadKey, Curve, Jwk, OkpCurve, PublicKey};
use poterne_protocol::jose::jws::{MintError, Signer};
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;
use std::time::Duration;
use zeroize::Zeroizing;

/// A signing key to be inserted, sealed.
#[derive(Debug, Clone)]
pub struct NewSigningKey {
    /// Names the row; what is sealed opens only there.
    pub id: KeyId,
    /// What is published. Its `kid` is the thumbprint (RFC 7638).
    pub public: Jwk,
    /// The private key as PKCS#8.
    pub sealed: Sealed,
    /// When it is published.
    pub created_at: Timestamp,
    /// From when on whoever obeys the cache headers knows it.
    pub ready_at: Timestamp,
    /// How long the longest-lived of the tokens that it will sign lives.
    pub tokens: Duration,
    /// When it begins to sign; nothing for a next key.
    pub signs_from: Option<Timestamp>,
}

/// The first keys of each of these algorithms: one in use at once, and the next.
pub async fn generate_first(
    app: &App,
    vault: &Vault,
    policy: &Policy,
    algorithms: &[Algorithm],
    now: Timestamp,
) -> Result<Vec<NewSigningKey>> {
    let twice = [algorithms, algorithms].concat();
    let mut keys = generate_next(app, vault, policy, &twice, now).await?;
    for key in keys.iter_mut().take(algorithms.len()) {
        key.signs_from = Some(now);
    }
    Ok(keys)
}

/// A next key of each of these algorithms, to be published now, made on a thread where it holds up no request.
pub async fn generate_next(
    app: &App,
    vault: &Vault,
    policy: &Policy,
    algorithms: &[Algorithm],
    now: Timestamp,
) -> Result<Vec<NewSigningKey>> {
    let (entropy, vault, algorithms) = (app.entropy.clone(), vault.clone(), algorithms.to_vec());
    let (ready_at, tokens) = (now.plus(policy.key_lead()), policy.longest_token());
    let made = tokio::task::spawn_blocking(move || {
        let key = |algorithm| {
            let (id, public, sealed) = seal(&entropy, &vault, algorithm, now)?;
            Ok(NewSigningKey { id, public, sealed, created_at: now, ready_at, tokens, signs_from: None })
        };
        algorithms.into_iter().map(key).collect::<Result<Vec<_>>>()
    });
    made.await.map_err(|_| Failure::internal("making signing keys was cut short"))?
}

fn seal(entropy: &Entropy, vault: &Vault, algorithm: Algorithm, now: Timestamp) -> Result<(KeyId, Jwk, Sealed)> {
    let id = KeyId::new(now, entropy.bytes());
    let (public, private) = key_pair(algorithm).ok_or_else(|| Failure::internal("no signing key could be made"))?;
    let sealed = vault.seal(entropy, place(&id), &private)?;
    Ok((id, public, sealed))
}

fn key_pair(algorithm: Algorithm) -> Option<(Jwk, Zeroizing<Vec<u8>>)> {
    let (private, pkcs8) = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
            let pkcs8 = pair.as_der().ok()?.as_ref().to_vec();
            (Private::Rsa(pair), pkcs8)
        }
        Algorithm::Es256 | Algorithm::Es384 => {
            let pair = EcdsaKeyPair::generate(curve(algorithm)?.1).ok()?;
            let pkcs8 = pair.to_pkcs8v1().ok()?.as_ref().to_vec();
            (Private::Ec(pair), pkcs8)
        }
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().ok()?;
            let pkcs8 = pair.to_pkcs8v1().ok()?.as_ref().to_vec();
            (Private::Ed(pair), pkcs8)
        }
    };
    Some((private.public(algorithm).ok()?, Zeroizing::new(pkcs8)))
}

/// The curve of an algorithm that has points, and how it signs.
fn curve(algorithm: Algorithm) -> Option<(Curve, &'static EcdsaSigningAlgorithm)> {
    match algorithm {
        Algorithm::Es256 => Some((Curve::P256, &ECDSA_P256_SHA256_FIXED_SIGNING)),
        Algorithm::Es384 => Some((Curve::P384, &ECDSA_P384_SHA384_FIXED_SIGNING)),
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::EdDsa => None,
    }
}

/// Where a private key lies.
fn place(id: &KeyId) -> Place<'_> {
    Place { table: "signing_key", column: "sealed", row: id.as_bytes() }
}

enum Private {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Private {
    fn parse(algorithm: Algorithm, pkcs8: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => RsaKeyPair::from_pkcs8(pkcs8).ok().map(Self::Rsa),
            Algorithm::Es256 | Algorithm::Es384 => EcdsaKeyPair::from_pkcs8(curve(algorithm)?.1, pkcs8).ok().map(Self::Ec),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).ok().map(Self::Ed),
        }
    }

    fn public(&self, algorithm: Algorithm) -> std::result::Result<Jwk, BadKey> {
        let key = match self {
            Self::Rsa(pair) => PublicKey::rsa(pair.public_key().as_ref())?,
            Self::Ec(pair) => PublicKey::point(curve(algorithm).ok_or(BadKey)?.0, pair.public_key().as_ref())?,
            Self::Ed(pair) => PublicKey::octets(OkpCurve::Ed25519, pair.public_key().as_ref())?,
        };
        Jwk::new(key, algorithm)
    }
}

/// A private key, opened and parsed.
pub(super) struct RealmSigner {
    kid: String,
    algorithm: Algorithm,
    private: Private,
}

impl RealmSigner {
    /// Opens the private key of a row and checks that it belongs to the public one.
    pub(super) fn open(vault: &Vault, id: KeyId, public: &Jwk, sealed: &Sealed) -> Result<Self> {
        let pkcs8 = vault.unseal(place(&id), sealed)?;
        let private = Private::parse(public.alg, &pkcs8).ok_or_else(|| Failure::impossible("a signing key that is none"))?;
        if private.public(public.alg).as_ref() != Ok(public) {
            return Err(Failure::impossible("a signing key whose halves do not belong together"));
        }
        Ok(Self { kid: public.kid.clone(), algorithm: public.alg, private })
    }
}

impl Signer for RealmSigner {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, MintError> {
        // The library signs with chance of its own: RS256 and EdDSA need none, and the others must not depend on ours.
        let random = SystemRandom::new();
        match &self.private {
            Private::Rsa(pair) => {
                let padding = if self.algorithm == Algorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).map_err(|_| MintError::Key)?;
                Ok(signature)
            }
            Private::Ec(pair) => Ok(pair.sign(&random, message).map_err(|_| MintError::Key)?.as_ref().to_vec()),
            Private::Ed(pair) => Ok(pair.try_sign(message).map_err(|_| MintError::Key)?.as_ref().to_vec()),
        }
    }
}
