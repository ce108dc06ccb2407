//! What others sign: every way to pass something off (`b2_19`: security page, B2 line 19), and key sets that are wrong.

use super::*;
use crate::jose::KeyManagement;
use crate::jose::jws::Signer;
use crate::jose::jws::tests::{SIGNERS, TestSigner};
use serde_json::json;
use std::time::{Duration, Instant};

fn signer(algorithm: Algorithm) -> &'static TestSigner {
    SIGNERS.iter().find(|signer| signer.jwk.alg == algorithm).unwrap()
}

/// The public keys of all signers, under the names `RS256`, `PS256`, ….
fn published() -> Value {
    let key = |signer: &TestSigner| {
        let mut key = serde_json::to_value(&signer.jwk).unwrap();
        key["kid"] = json!(signer.jwk.alg.as_str());
        key["x5t"] = json!("ignored");
        key
    };
    json!({"keys": SIGNERS.iter().map(key).collect::<Vec<_>>(), "more": "ignored"})
}

fn keys() -> ForeignKeySet {
    ForeignKeySet::from_value(&published()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "how long a refusal takes is told by the machine's own clock")]
fn real_now() -> Instant {
    Instant::now()
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn signed(header: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", part(header), part(&json!({"iss": "flex"})));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(sign(message.as_bytes())))
}

fn by(algorithm: Algorithm) -> impl Fn(&[u8]) -> Vec<u8> {
    move |message| signer(algorithm).sign(message).unwrap()
}

fn mac(secret: &'static [u8]) -> impl Fn(&[u8]) -> Vec<u8> {
    move |message| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

fn read(token: &str, allowed: &[Algorithm]) -> Result<Value, ForeignRefusal> {
    ForeignToken::read(token)?.verified_by_keys(allowed, &keys())
}

#[test]
fn rfc7515_5_2_every_algorithm_is_read_where_it_is_allowed() {
    for algorithm in Algorithm::ALL {
        let name = algorithm.as_str();
        for header in
            [json!({"alg": name, "kid": name}), json!({"alg": name, "kid": name, "typ": "JWT", "more": 1}), json!({"alg": name})]
        {
            let token = signed(&header, by(algorithm));
            assert_eq!(read(&token, &Algorithm::ALL), Ok(json!({"iss": "flex"})), "{header}");
            assert_eq!(read(&token, &[algorithm]), Ok(json!({"iss": "flex"})));
            let others: Vec<_> = Algorithm::ALL.into_iter().filter(|other| *other != algorithm).collect();
            assert_eq!(read(&token, &others), Err(ForeignRefusal::Algorithm), "{header}");
        }
    }
}

#[test]
fn b2_19_no_header_talks_us_into_another_algorithm_or_key() {
    let stranger = TestSigner::new(Algorithm::Es256);
    let by_stranger = |message: &[u8]| stranger.sign(message).unwrap();
    let es256 = |more: Value| {
        let mut header = json!({"alg": "ES256", "kid": "ES256"});
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        header
    };
    for (token, refusal) in [
        (signed(&json!({"alg": "none"}), |_| Vec::new()), ForeignRefusal::Algorithm),
        (signed(&json!({"alg": "NONE"}), by(Algorithm::Es256)), ForeignRefusal::Algorithm),
        (signed(&json!({"alg": "ES512"}), by(Algorithm::Es256)), ForeignRefusal::Algorithm),
        (signed(&json!({"alg": "HS256", "kid": "RS256"}), mac(b"public key")), ForeignRefusal::Algorithm),
        (signed(&json!({"alg": "RS256", "kid": "RS256"}), mac(b"public key")), ForeignRefusal::Signature),
        (signed(&json!({"alg": "RS256", "kid": "RS256"}), by(Algorithm::Ps256)), ForeignRefusal::Signature),
        (signed(&json!({"alg": "PS256", "kid": "PS256"}), by(Algorithm::Rs256)), ForeignRefusal::Signature),
        (signed(&json!({"alg": "PS256", "kid": "RS256"}), by(Algorithm::Rs256)), ForeignRefusal::UnknownKey),
        (signed(&json!({"alg": "ES384", "kid": "ES256"}), by(Algorithm::Es256)), ForeignRefusal::UnknownKey),
        (signed(&es256(json!({"kid": "../../dev/null"})), by(Algorithm::Es256)), ForeignRefusal::UnknownKey),
        (signed(&es256(json!({"kid": "' OR 1=1 --"})), by(Algorithm::Es256)), ForeignRefusal::UnknownKey),
        (signed(&es256(json!({"kid": ""})), by(Algorithm::Es256)), ForeignRefusal::UnknownKey),
        (signed(&es256(json!({"kid": 1})), by(Algorithm::Es256)), ForeignRefusal::Header),
        (signed(&es256(json!({"typ": []})), by(Algorithm::Es256)), ForeignRefusal::Header),
        (signed(&json!({"kid": "ES256"}), by(Algorithm::Es256)), ForeignRefusal::Header),
        (signed(&json!({"alg": null}), by(Algorithm::Es256)), ForeignRefusal::Header),
        (signed(&json!([]), by(Algorithm::Es256)), ForeignRefusal::Header),
        (signed(&es256(json!({"crit": ["b64"], "b64": false})), by(Algorithm::Es256)), ForeignRefusal::Critical),
        (signed(&es256(json!({"crit": null})), by(Algorithm::Es256)), ForeignRefusal::Critical),
        (signed(&es256(json!({"jwk": stranger.jwk})), by_stranger), ForeignRefusal::Signature),
        (signed(&es256(json!({"jku": "https://evil.example/jwks"})), by_stranger), ForeignRefusal::Signature),
        (signed(&es256(json!({"x5u": "https://evil.example/x"})), by_stranger), ForeignRefusal::Signature),
        (signed(&es256(json!({"x5c": ["MIIB"]})), by_stranger), ForeignRefusal::Signature),
        (signed(&es256(json!({})), |_| vec![0; 64]), ForeignRefusal::Signature),
        ("a.b.c.d.e".to_owned(), ForeignRefusal::Encrypted),
        ("a.b".to_owned(), ForeignRefusal::Shape),
        ("a.b.c.d".to_owned(), ForeignRefusal::Shape),
        ("a.b.c.d.e.f".to_owned(), ForeignRefusal::Shape),
        (".".repeat(MAX_TOKEN_LEN), ForeignRefusal::Shape),
        ("x".repeat(MAX_TOKEN_LEN + 1), ForeignRefusal::Shape),
    ] {
        let begun = real_now();
        assert_eq!(read(&token, &Algorithm::ALL), Err(refusal), "{}", token.get(..200).unwrap_or(&token));
        assert!(begun.elapsed() < Duration::from_millis(50));
    }
    // What is ignored does no harm either.
    let ignored = es256(json!({"jwk": stranger.jwk, "jku": "https://evil.example", "x5u": "https://evil.example", "x5c": []}));
    assert!(read(&signed(&ignored, by(Algorithm::Es256)), &Algorithm::ALL).is_ok());
}

#[test]
fn rfc9864_2_2_eddsa_may_go_by_the_name_of_its_curve() {
    let named = |alg: &str| signed(&json!({"alg": alg, "kid": "EdDSA"}), by(Algorithm::EdDsa));
    for allowed in [&Algorithm::ALL[..], &[Algorithm::EdDsa]] {
        assert_eq!(read(&named("Ed25519"), allowed), Ok(json!({"iss": "flex"})));
    }
    assert_eq!(read(&named("Ed25519"), &[Algorithm::Es256]), Err(ForeignRefusal::Algorithm));
    for alg in ["Ed448", "ed25519", "ESP256"] {
        assert_eq!(read(&named(alg), &Algorithm::ALL), Err(ForeignRefusal::Algorithm), "{alg}");
    }
    let mut key = serde_json::to_value(&signer(Algorithm::EdDsa).jwk).unwrap();
    key["alg"] = json!("Ed25519");
    key.as_object_mut().unwrap().remove("kid");
    let set = ForeignKeySet::from_value(&json!({"keys": [key]})).unwrap();
    for alg in ["Ed25519", "EdDSA"] {
        let token = signed(&json!({"alg": alg}), by(Algorithm::EdDsa));
        assert!(ForeignToken::read(&token).unwrap().verified_by_keys::<Value>(&Algorithm::ALL, &set).is_ok(), "{alg}");
    }
    let es256 = signed(&json!({"alg": "ES256"}), by(Algorithm::Es256));
    let es256 = ForeignToken::read(&es256).unwrap().verified_by_keys::<Value>(&Algorithm::ALL, &set);
    assert_eq!(es256, Err(ForeignRefusal::UnknownKey));
}

#[test]
fn core_9_a_secret_verifies_hs256_and_nothing_else() {
    let secret = b"a secret of at least thirty-two bytes";
    let read = |token: &str, secret: &[u8]| ForeignToken::read(token)?.verified_by_secret::<Value>(secret);
    let token = signed(&json!({"alg": "HS256"}), mac(secret));
    assert_eq!(read(&token, secret), Ok(json!({"iss": "flex"})));
    assert_eq!(read(&token, b"another"), Err(ForeignRefusal::Signature));
    assert_eq!(read(&signed(&json!({"alg": "HS256"}), |_| Vec::new()), secret), Err(ForeignRefusal::Signature));
    assert_eq!(read(&signed(&json!({"alg": "HS256"}), mac(b"")), b""), Err(ForeignRefusal::Algorithm));
    for alg in ["none", "HS384", "ES256", "RS256"] {
        assert_eq!(read(&signed(&json!({"alg": alg}), mac(secret)), secret), Err(ForeignRefusal::Algorithm), "{alg}");
    }
    let token = ForeignToken::read(&token).unwrap();
    assert_eq!(token.unverified::<Value>(), Ok(json!({"iss": "flex"})));
    assert_eq!(token.verified_by_keys::<Value>(&Algorithm::ALL, &keys()), Err(ForeignRefusal::Algorithm));
}

#[test]
fn core_10_1_without_a_kid_there_is_no_choice() {
    let mut set = published();
    let other = serde_json::to_value(&TestSigner::new(Algorithm::Es256).jwk).unwrap();
    set["keys"].as_array_mut().unwrap().push(other);
    let set = ForeignKeySet::from_value(&set).unwrap();
    let read = |header: Value| {
        ForeignToken::read(&signed(&header, by(Algorithm::Es256)))?.verified_by_keys::<Value>(&Algorithm::ALL, &set)
    };
    assert_eq!(read(json!({"alg": "ES256"})), Err(ForeignRefusal::AmbiguousKey));
    assert!(read(json!({"alg": "ES256", "kid": "ES256"})).is_ok());
}

#[test]
fn rfc7517_4_2_and_4_4_use_and_alg_bind_where_they_stand() {
    let with = |member: &str, value: Option<&str>| {
        let mut key = serde_json::to_value(&signer(Algorithm::Rs256).jwk).unwrap();
        key.as_object_mut().unwrap().retain(|name, _| !["use", "alg", "kid"].contains(&name.as_str()));
        if let Some(value) = value {
            key[member] = json!(value);
        }
        ForeignKeySet::from_value(&json!({"keys": [key]})).unwrap()
    };
    let token = signed(&json!({"alg": "RS256"}), by(Algorithm::Rs256));
    let token = ForeignToken::read(&token).unwrap();
    for (member, value, signs, encrypts) in [
        ("use", None, true, true),
        ("use", Some("sig"), true, false),
        ("use", Some("enc"), false, true),
        ("use", Some("other"), false, false),
        ("alg", Some("RS256"), true, false),
        ("alg", Some("PS256"), false, false),
        ("alg", Some("RSA-OAEP-256"), false, true),
        ("alg", Some("RSA-OAEP"), false, false),
    ] {
        let set = with(member, value);
        assert_eq!(token.verified_by_keys::<Value>(&Algorithm::ALL, &set).is_ok(), signs, "{member} {value:?}");
        assert_eq!(set.encrypting(KeyManagement::RsaOaep256).is_some(), encrypts, "{member} {value:?}");
        assert_eq!(set.encrypting(KeyManagement::EcdhEs), None);
    }
}

#[test]
fn rfc7517_5_what_is_unknown_is_ignored_and_what_is_wrong_is_named() {
    let ec = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let and = |more: Value| {
        let mut key = ec.clone();
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"keys": [ec, key]})
    };
    for (set, kept) in [
        (json!({"keys": []}), 0),
        (and(json!({"crv": "secp256k1"})), 1),
        (and(json!({"kty": "AKP", "alg": "ML-DSA-44"})), 1),
        (and(json!({"use": "tls"})), 1),
        (and(json!({"kid": "a", "x5c": ["MIIB"], "key_ops": ["verify"], "oddity": {}})), 2),
    ] {
        assert_eq!(ForeignKeySet::from_value(&set).unwrap().keys().len(), kept, "{set}");
    }
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    for member in private {
        assert_eq!(ForeignKeySet::from_value(&and(json!({member: "AQ"}))), Err(BadKeySet::Private(2, member)));
        assert!(BadKeySet::Private(2, member).to_string().contains(&format!("\"{member}\"")));
    }
    let twice = json!({"keys": [and(json!({"kid": "a"}))["keys"][1], and(json!({"kid": "a"}))["keys"][1]]});
    let small = json!({"keys": [{"kty": "RSA", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([0xff_u8; 128])}]});
    // RFC 8017 section 3.1: an even modulus, an even exponent, one that changes nothing.
    let rsa = |last: u8, e: &str| {
        let n = [&[0xff_u8; 255][..], &[last]].concat();
        json!({"keys": [{"kty": "RSA", "e": e, "n": URL_SAFE_NO_PAD.encode(n)}]})
    };
    // RFC 7748 section 6.1: of small order, so that nothing secret could be agreed on.
    let x25519 = |x: &str| json!({"keys": [{"kty": "OKP", "crv": "X25519", "x": x}]});
    for (set, wrong) in [
        (json!([]), BadKeySet::Shape),
        (json!({}), BadKeySet::Shape),
        (json!({"keys": {}}), BadKeySet::Shape),
        (json!({"keys": ["key"]}), BadKeySet::Shape),
        (json!({"keys": vec![&ec; MAX_KEYS + 1]}), BadKeySet::TooMany),
        (json!({"keys": [{"kty": "oct", "k": "AQ"}]}), BadKeySet::Private(1, "k")),
        (and(json!({"x": "AQAB"})), BadKeySet::Key(2)),
        (and(json!({"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="})), BadKeySet::Key(2)),
        (and(json!({"y": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})), BadKeySet::Key(2)),
        (and(json!({"kty": 1})), BadKeySet::Key(2)),
        (and(json!({"kid": {}})), BadKeySet::Key(2)),
        (json!({"keys": [{}]}), BadKeySet::Key(1)),
        (small, BadKeySet::Key(1)),
        (rsa(0x80, "AQAB"), BadKeySet::Key(1)),
        (rsa(0x81, "AQAA"), BadKeySet::Key(1)),
        (rsa(0x81, "AQ"), BadKeySet::Key(1)),
        (x25519("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), BadKeySet::Key(1)),
        (x25519("4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA"), BadKeySet::Key(1)),
        (x25519("7P___________________________________________38"), BadKeySet::Key(1)),
        (twice, BadKeySet::Twice("a".into())),
        (json!({"keys": [], "more": "x".repeat(MAX_SET_LEN)}), BadKeySet::TooLong),
    ] {
        let begun = real_now();
        assert_eq!(ForeignKeySet::from_value(&set), Err(wrong.clone()), "{wrong}");
        assert_eq!(ForeignKeySet::parse(set.to_string().as_bytes()), Err(wrong));
        assert!(begun.elapsed() < Duration::from_millis(50));
    }
    assert_eq!(ForeignKeySet::parse(b"nonsense"), Err(BadKeySet::Shape));
}
