//! Algorithm confusion and other ways to pass off a token (`b2_19`: security page, B2 line 19).

use super::*;
use crate::jose::jwk::{Curve, OkpCurve, PublicKey};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A key of the test, of any kind.
pub(crate) enum TestKey {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

pub(crate) struct TestSigner {
    key: TestKey,
    pub(crate) jwk: Jwk,
}

impl TestSigner {
    pub(crate) fn new(alg: Algorithm) -> Self {
        let (public, key) = match alg {
            Algorithm::Rs256 | Algorithm::Ps256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                (PublicKey::rsa(pair.public_key().as_ref()), TestKey::Rsa(pair))
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
                (PublicKey::point(Curve::P256, pair.public_key().as_ref()), TestKey::Ec(pair))
            }
            Algorithm::Es384 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
                (PublicKey::point(Curve::P384, pair.public_key().as_ref()), TestKey::Ec(pair))
            }
            Algorithm::EdDsa => {
                let pair = Ed25519KeyPair::generate().unwrap();
                (PublicKey::octets(OkpCurve::Ed25519, pair.public_key().as_ref()), TestKey::Ed(pair))
            }
        };
        Self { jwk: Jwk::new(public.unwrap(), alg).unwrap(), key }
    }
}

impl Signer for TestSigner {
    fn kid(&self) -> &str {
        &self.jwk.kid
    }

    fn algorithm(&self) -> Algorithm {
        self.jwk.alg
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, MintError> {
        let random = SystemRandom::new();
        match &self.key {
            TestKey::Rsa(pair) => {
                let padding = if self.jwk.alg == Algorithm::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).map_err(|_| MintError::Key)?;
                Ok(signature)
            }
            TestKey::Ec(pair) => Ok(pair.sign(&random, message).map_err(|_| MintError::Key)?.as_ref().to_vec()),
            TestKey::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

/// One of each algorithm, in the order of [`Algorithm::ALL`].
pub(crate) static SIGNERS: LazyLock<[TestSigner; 5]> = LazyLock::new(|| Algorithm::ALL.map(TestSigner::new));
pub(crate) static RSA: LazyLock<TestSigner> = LazyLock::new(|| TestSigner::new(Algorithm::Rs256));
pub(crate) static EC: LazyLock<TestSigner> = LazyLock::new(|| TestSigner::new(Algorithm::Es256));

pub(crate) fn keys() -> KeySet {
    KeySet { keys: vec![RSA.jwk.clone(), EC.jwk.clone()] }
}

pub(crate) fn all_keys() -> KeySet {
    KeySet { keys: SIGNERS.iter().map(|signer| signer.jwk.clone()).collect() }
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// A token with any header, signed by whatever turns a message into bytes.
fn forged(header: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", part(header), part(&json!({"sub": "marie"})));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(sign(message.as_bytes())))
}

fn read(token: &str) -> Result<Value, TokenRefusal> {
    verify(token, TokenType::IdToken, &keys())
}

#[test]
fn rfc7515_7_1_what_we_mint_we_read() {
    for signer in [&*RSA, &*EC] {
        let token = mint(signer, TokenType::IdToken, &json!({"sub": "marie"})).unwrap();
        assert_eq!(read(&token), Ok(json!({"sub": "marie"})));
        assert_eq!(verify::<Value>(&token, TokenType::AccessToken, &keys()), Err(TokenRefusal::Type));
        assert_eq!(verify::<Value>(&token, TokenType::IdToken, &KeySet::default()), Err(TokenRefusal::Key));
    }
}

#[test]
fn b2_19_no_header_talks_us_into_another_algorithm_or_key() {
    let ec = |message: &[u8]| EC.sign(message).unwrap();
    let rsa = |message: &[u8]| RSA.sign(message).unwrap();
    let public = serde_json::to_vec(&RSA.jwk).unwrap();
    let mac = |message: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &public), message).as_ref().to_vec();
    let (ec_kid, rsa_kid) = (EC.jwk.kid.as_str(), RSA.jwk.kid.as_str());
    let stranger = TestSigner::new(Algorithm::Es256);
    let by_stranger = |message: &[u8]| stranger.sign(message).unwrap();
    for (token, refusal) in [
        (forged(&json!({"alg": "none", "kid": ec_kid, "typ": "JWT"}), |_| Vec::new()), TokenRefusal::Header),
        (forged(&json!({"alg": "None", "kid": ec_kid, "typ": "JWT"}), ec), TokenRefusal::Header),
        (forged(&json!({"alg": "HS256", "kid": rsa_kid, "typ": "JWT"}), mac), TokenRefusal::Header),
        (forged(&json!({"alg": "RS256", "kid": rsa_kid, "typ": "JWT"}), mac), TokenRefusal::Signature),
        (forged(&json!({"alg": "RS256", "kid": ec_kid, "typ": "JWT"}), ec), TokenRefusal::Key),
        (forged(&json!({"alg": "ES256", "kid": rsa_kid, "typ": "JWT"}), rsa), TokenRefusal::Key),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT"}), rsa), TokenRefusal::Signature),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT"}), |_| vec![0; 64]), TokenRefusal::Signature),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT"}), |_| Vec::new()), TokenRefusal::Signature),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT"}), by_stranger), TokenRefusal::Signature),
        (forged(&json!({"alg": "ES256", "kid": stranger.jwk.kid, "typ": "JWT"}), by_stranger), TokenRefusal::Key),
        (forged(&json!({"alg": "ES256", "kid": "../../dev/null", "typ": "JWT"}), ec), TokenRefusal::Key),
        (forged(&json!({"alg": "ES256", "kid": "' OR 1=1 --", "typ": "JWT"}), ec), TokenRefusal::Key),
        (forged(&json!({"alg": "ES256", "typ": "JWT"}), ec), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid}), ec), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "at+jwt"}), ec), TokenRefusal::Type),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "logout+jwt"}), ec), TokenRefusal::Type),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT", "jku": "https://evil.example"}), ec), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT", "x5u": "https://evil.example"}), ec), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT", "jwk": stranger.jwk}), by_stranger), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT", "crit": ["b64"], "b64": false}), ec), TokenRefusal::Header),
    ] {
        assert_eq!(read(&token), Err(refusal), "{token}");
    }
}

#[test]
fn rfc7518_3_1_every_algorithm_reads_its_own_signatures_and_no_other() {
    let ids: std::collections::BTreeSet<_> = all_keys().keys.into_iter().map(|key| key.kid).collect();
    assert_eq!(ids.len(), Algorithm::ALL.len(), "every key has a name of its own");
    for signer in &*SIGNERS {
        let token = mint(signer, TokenType::IdToken, &json!({"sub": "marie"})).unwrap();
        assert_eq!(verify(&token, TokenType::IdToken, &all_keys()), Ok(json!({"sub": "marie"})), "{:?}", signer.jwk.alg);
        for other in &*SIGNERS {
            let header = json!({"alg": signer.jwk.alg, "kid": signer.jwk.kid, "typ": "JWT"});
            let forged = forged(&header, |message| other.sign(message).unwrap());
            let read = verify::<Value>(&forged, TokenType::IdToken, &all_keys());
            assert_eq!(read.is_ok(), other.jwk.alg == signer.jwk.alg, "{:?} by {:?}", signer.jwk.alg, other.jwk.alg);
        }
    }
}

#[test]
fn rfc8725_3_12_a_userinfo_answer_is_no_token_of_ours() {
    let answer = mint(&*EC, TokenType::UserInfo, &json!({"sub": "marie"})).unwrap();
    let header: Value = serde_json::from_slice(&decode(answer.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!(header, json!({"alg": "ES256", "kid": EC.jwk.kid}));
    for typ in [TokenType::IdToken, TokenType::AccessToken, TokenType::UserInfo] {
        assert_eq!(verify::<Value>(&answer, typ, &keys()), Err(TokenRefusal::Header));
    }
}

#[test]
fn rfc7516_7_1_a_token_of_five_parts_is_refused_by_name() {
    for token in ["a.b.c.d.e", "....", "eyJhbGciOiJSU0EtT0FFUC0yNTYifQ.a.b.c.d"] {
        assert_eq!(read(token), Err(TokenRefusal::Encrypted), "{token}");
    }
}

#[test]
fn rfc7515_7_1_only_the_canonical_spelling_is_read() {
    let token = mint(&*EC, TokenType::IdToken, &json!({"sub": "marie"})).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    for bad in [
        String::new(),
        "..".to_owned(),
        message.to_owned(),
        format!("{message}."),
        format!("{token}."),
        format!("{token}.x"),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{}.{signature}", &message[..message.len() - 1]),
        "x".repeat(MAX_TOKEN_LEN + 1),
    ] {
        assert!(read(&bad).is_err(), "{bad}");
    }
}

#[test]
fn rfc7517_5_a_key_set_has_each_name_once() {
    let twice = KeySet { keys: vec![EC.jwk.clone(), EC.jwk.clone()] };
    assert_eq!(twice.find(&EC.jwk.kid), None);
    let json = serde_json::to_value(keys()).unwrap();
    for (key, members) in [(&json["keys"][0], 6), (&json["keys"][1], 7)] {
        assert_eq!(key.as_object().unwrap().len(), members, "only public members: {key}");
        assert_eq!(key["use"], "sig");
    }
    assert_eq!(serde_json::from_value::<KeySet>(json).unwrap(), keys());
}
