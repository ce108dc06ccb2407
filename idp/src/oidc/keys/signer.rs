//! Private keys over aws-lc-rs: made once, kept as PKCS#8 sealed by the realm's vault, parsed once per snapshot of the realm.

use crate::app::App;
use crate::entropy::Entropy;
use crate::error::{Failure, Result};
use crate::settings::Policy;
use crate::vault::{Place, Vault};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use poterne_protocol::id::KeyId;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jwk::Jwk;
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

/// The first keys of a realm: for each algorithm one in use at once, and the next.
pub async fn generate_first(app: &App, vault: &Vault, policy: &Policy, now: Timestamp) -> Result<Vec<NewSigningKey>> {
    let mut keys = generate_next(app, vault, policy, &Algorithm::ALL, now).await?;
    for key in &mut keys {
        key.signs_from = Some(now);
    }
    keys.extend(generate_next(app, vault, policy, &Algorithm::ALL, now).await?);
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
    match algorithm {
        Algorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
            let private = Zeroizing::new(pair.as_der().ok()?.as_ref().to_vec());
            Some((Jwk::rsa(pair.public_key().as_ref()).ok()?, private))
        }
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
            let private = Zeroizing::new(pair.to_pkcs8v1().ok()?.as_ref().to_vec());
            Some((Jwk::p256(pair.public_key().as_ref()).ok()?, private))
        }
    }
}

/// Where a private key lies.
fn place(id: &KeyId) -> Place<'_> {
    Place { table: "signing_key", column: "sealed", row: id.as_bytes() }
}

enum Private {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
}

/// A private key, opened and parsed.
pub(super) struct RealmSigner {
    kid: String,
    private: Private,
}

impl RealmSigner {
    /// Opens the private key of a row and checks that it belongs to the public one.
    pub(super) fn open(vault: &Vault, id: KeyId, public: &Jwk, sealed: &Sealed) -> Result<Self> {
        let pkcs8 = vault.unseal(place(&id), sealed)?;
        let odd = || Failure::impossible("a signing key that is none");
        let (private, of) = match public.alg {
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(&pkcs8).map_err(|_| odd())?;
                let of = Jwk::rsa(pair.public_key().as_ref());
                (Private::Rsa(pair), of)
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).map_err(|_| odd())?;
                let of = Jwk::p256(pair.public_key().as_ref());
                (Private::P256(pair), of)
            }
        };
        if of.as_ref() != Ok(public) {
            return Err(Failure::impossible("a signing key whose halves do not belong together"));
        }
        Ok(Self { kid: public.kid.clone(), private })
    }
}

impl Signer for RealmSigner {
    fn kid(&self) -> &str {
        &self.kid
    }

    fn algorithm(&self) -> Algorithm {
        match self.private {
            Private::Rsa(_) => Algorithm::Rs256,
            Private::P256(_) => Algorithm::Es256,
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, MintError> {
        // The library signs with chance of its own: RS256 needs none, and ES256 must not depend on ours.
        let random = SystemRandom::new();
        match &self.private {
            Private::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(|_| MintError::Key)?;
                Ok(signature)
            }
            Private::P256(pair) => Ok(pair.sign(&random, message).map_err(|_| MintError::Key)?.as_ref().to_vec()),
        }
    }
}
