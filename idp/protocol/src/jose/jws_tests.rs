//! Algorithm confusion and other ways to pass off a token (`b2_19`: security page, B2 line 19).

use super::*;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A key of the test, of either kind.
pub(crate) enum TestKey {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

pub(crate) struct TestSigner {
    key: TestKey,
    pub(crate) jwk: Jwk,
}

impl TestSigner {
    fn rsa() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        Self { jwk: Jwk::rsa(pair.public_key().as_ref()).unwrap(), key: TestKey::Rsa(pair) }
    }

    fn ec() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { jwk: Jwk::p256(pair.public_key().as_ref()).unwrap(), key: TestKey::Ec(pair) }
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
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(|_| MintError::Key)?;
                Ok(signature)
            }
            TestKey::Ec(pair) => Ok(pair.sign(&random, message).map_err(|_| MintError::Key)?.as_ref().to_vec()),
        }
    }
}

pub(crate) static RSA: LazyLock<TestSigner> = LazyLock::new(TestSigner::rsa);
pub(crate) static EC: LazyLock<TestSigner> = LazyLock::new(TestSigner::ec);

pub(crate) fn keys() -> KeySet {
    KeySet { keys: vec![RSA.jwk.clone(), EC.jwk.clone()] }
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
    let stranger = TestSigner::ec();
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
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "logout+jwt"}), ec), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT", "jku": "https://evil.example"}), ec), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT", "x5u": "https://evil.example"}), ec), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT", "jwk": stranger.jwk}), by_stranger), TokenRefusal::Header),
        (forged(&json!({"alg": "ES256", "kid": ec_kid, "typ": "JWT", "crit": ["b64"], "b64": false}), ec), TokenRefusal::Header),
    ] {
        assert_eq!(read(&token), Err(refusal), "{token}");
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
