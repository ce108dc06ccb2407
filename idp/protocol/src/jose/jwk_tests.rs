//! Keys and signatures of the specifications.

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
    let signature =
        URL_SAFE_NO_PAD.decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q").unwrap();
    assert!(jwk.verifies(message, &signature));
    assert!(!jwk.verifies(&message[1..], &signature));
}

#[test]
fn rfc7518_6_3_1_1_a_modulus_has_no_leading_zero_and_a_point_has_64_bytes() {
    let pkcs1 = [0x30, 0x81, 10, 2, 3, 0, 200, 1, 2, 3, 1, 0, 1];
    let PublicKey::Rsa { n, e } = PublicKey::rsa(&pkcs1).unwrap() else { panic!("an RSA key") };
    assert_eq!((n.0, e.0), (vec![200, 1], vec![1, 0, 1]));
    for len in 0..pkcs1.len() {
        assert_eq!(PublicKey::rsa(&pkcs1[..len]), Err(BadKey), "cut to {len}");
    }
    assert_eq!(PublicKey::rsa(&[pkcs1.as_slice(), &[0]].concat()), Err(BadKey));
    for bad in [vec![], vec![4; 64], vec![2; 65], vec![4; 66]] {
        assert_eq!(PublicKey::point(Curve::P256, &bad), Err(BadKey));
    }
}

#[test]
fn rfc8037_a_3_the_thumbprint_of_ed25519_and_a_4_its_signature() {
    let key: PublicKey =
        serde_json::from_str(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#).unwrap();
    assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature =
        URL_SAFE_NO_PAD.decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg").unwrap();
    assert!(key.is_sound() && key.verifies(Algorithm::EdDsa, message, &signature));
    assert!(!key.verifies(Algorithm::EdDsa, &message[1..], &signature));
}

#[test]
fn rfc7518_3_1_a_key_signs_only_with_the_algorithms_of_its_type() {
    use Algorithm::{EdDsa, Es256, Es384, Ps256, Rs256};
    let ec = |crv, len: usize| PublicKey::point(crv, &[vec![4], vec![7; len]].concat()).unwrap();
    let okp = |crv| PublicKey::octets(crv, &[7; 32]).unwrap();
    let modulus = Base64Url(vec![0xff; 256]);
    for (key, fitting) in [
        (PublicKey::Rsa { n: modulus, e: Base64Url(vec![1, 0, 1]) }, vec![Rs256, Ps256]),
        (ec(Curve::P256, 64), vec![Es256]),
        (ec(Curve::P384, 96), vec![Es384]),
        (okp(OkpCurve::Ed25519), vec![EdDsa]),
        (okp(OkpCurve::X25519), vec![]),
    ] {
        for algorithm in Algorithm::ALL {
            let fits = fitting.contains(&algorithm);
            assert_eq!(Jwk::new(key.clone(), algorithm).is_ok(), fits, "{key:?} {algorithm:?}");
            assert!(!key.verifies(algorithm, b"message", &[0; 64]));
            let json = serde_json::json!({"kid": "a", "alg": algorithm, "use": "sig"});
            let mut whole = serde_json::to_value(&key).unwrap();
            whole.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
            assert_eq!(serde_json::from_value::<Jwk>(whole).is_ok(), fits);
        }
    }
}

#[test]
fn rfc8725_3_4_a_point_off_its_curve_and_a_small_modulus_are_no_keys() {
    assert!(!PublicKey::point(Curve::P256, &[vec![4], vec![7; 64]].concat()).unwrap().is_sound());
    assert!(!PublicKey::point(Curve::P384, &[vec![4], vec![7; 96]].concat()).unwrap().is_sound());
    let rsa = |bytes: usize, first: u8| {
        let mut n = vec![0xff; bytes];
        n[0] = first;
        PublicKey::Rsa { n: Base64Url(n), e: Base64Url(vec![1, 0, 1]) }
    };
    for (key, sound) in [(rsa(256, 0x80), true), (rsa(256, 0x7f), false), (rsa(128, 0xff), false), (rsa(1025, 1), false)] {
        assert_eq!(key.is_sound(), sound, "{key:?}");
    }
    for len in [0, 31, 33] {
        assert_eq!(PublicKey::octets(OkpCurve::Ed25519, &vec![1; len]), Err(BadKey));
    }
}
