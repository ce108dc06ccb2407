//! The vectors of the specifications, and a reader that knows the private halves.

use super::*;
use crate::jose::foreign::{ForeignKeySet, ForeignUse};
use aws_lc_rs::cipher::{DecryptionContext, PaddedBlockDecryptingKey};
use aws_lc_rs::encoding::{AsBigEndian, Curve25519SeedBin, EcPrivateKeyBin};
use aws_lc_rs::rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use serde_json::{Value, json};

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn rfc7516_a_1_a256gcm() {
    let cek = [
        177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46, 34, 105, 47, 130,
        203, 46, 122, 234, 64, 252,
    ];
    let iv = [227, 197, 117, 252, 2, 219, 233, 68, 180, 225, 77, 219];
    let plain = b"The true sign of intelligence is not knowledge but imagination.";
    let (sealed, tag) = a256gcm(&cek, &iv, b"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ", plain).unwrap();
    assert_eq!(base64url(&sealed), "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A");
    assert_eq!(base64url(&tag), "XFBoMYUZodetZdvTiFvSkQ");
}

#[test]
fn rfc7516_a_3_a128kw_with_a128cbc_hs256() {
    let cek = [
        4, 211, 31, 197, 84, 157, 252, 254, 11, 100, 157, 250, 63, 170, 106, 206, 107, 124, 212, 45, 111, 107, 9, 219, 200, 177,
        0, 240, 143, 156, 44, 207,
    ];
    let iv = [3, 22, 60, 12, 43, 67, 104, 105, 108, 108, 105, 99, 111, 116, 104, 101];
    let wrapped = a128kw(&bytes("GawgguFyGrWKav7AX4VKUg"), &cek).unwrap();
    assert_eq!(base64url(&wrapped), "6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ");
    let aad = b"eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0";
    let (sealed, tag) = a128cbc_hs256(&cek, &iv, aad, b"Live long and prosper.").unwrap();
    assert_eq!(base64url(&sealed), "KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY");
    assert_eq!(base64url(&tag), "U0m_YmjN04DJvceFICbCVQ");
}

#[test]
fn rfc7518_c_the_key_that_alice_and_bob_agree_on() {
    let bob = json!({"kty": "EC", "crv": "P-256", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"});
    let bob: PublicKey = serde_json::from_value(bob).unwrap();
    let alice = PrivateKey::from_private_key(&ECDH_P256, &bytes("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo")).unwrap();
    let epk = serde_json::to_value(public_half(&alice, &bob).unwrap()).unwrap();
    assert_eq!(
        epk,
        json!({"kty": "EC", "crv": "P-256", "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
        "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"})
    );
    let mut key = [0; 16];
    concat_kdf(&shared_secret(&alice, &bob).unwrap(), "A128GCM", [b"Alice", b"Bob"], &mut key).unwrap();
    assert_eq!(base64url(&key), "VqqN6vgjbSBcIijNcacQGg");
}

/// A reader of each kind.
enum Reader {
    Rsa(PrivateDecryptingKey),
    Agreement(PrivateKey, Vec<u8>),
}

fn readers() -> Vec<(Reader, PublicKey)> {
    let rsa = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let der = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&rsa).unwrap();
    let public = PublicKey::rsa(RsaKeyPair::from_pkcs8(der.as_ref()).unwrap().public_key().as_ref()).unwrap();
    let agreement = |algorithm, key: fn(&[u8]) -> PublicKey| {
        let own = PrivateKey::generate(algorithm).unwrap();
        let public = key(own.compute_public_key().unwrap().as_ref());
        let seed = if algorithm == &X25519 {
            AsBigEndian::<Curve25519SeedBin<'_>>::as_be_bytes(&own).unwrap().as_ref().to_vec()
        } else {
            AsBigEndian::<EcPrivateKeyBin<'_>>::as_be_bytes(&own).unwrap().as_ref().to_vec()
        };
        (Reader::Agreement(own, seed), public)
    };
    vec![
        (Reader::Rsa(rsa), public),
        agreement(&ECDH_P256, |point| PublicKey::point(Curve::P256, point).unwrap()),
        agreement(&ECDH_P384, |point| PublicKey::point(Curve::P384, point).unwrap()),
        agreement(&X25519, |key| PublicKey::octets(OkpCurve::X25519, key).unwrap()),
    ]
}

/// Reads a token as its reader would (RFC 7516 section 5.2): the header and what was encrypted.
fn decrypt(token: &str, reader: &Reader) -> (Value, Vec<u8>) {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, key, iv, sealed, tag] = parts.as_slice() else { panic!("five parts: {token}") };
    let said: Value = serde_json::from_slice(&bytes(header)).unwrap();
    let text = |name: &str| said[name].as_str().unwrap();
    let cek = match reader {
        Reader::Rsa(own) => {
            let own = OaepPrivateDecryptingKey::new(own.clone()).unwrap();
            let mut cek = vec![0; own.min_output_size()];
            own.decrypt(&OAEP_SHA256_MGF1SHA256, &bytes(key), &mut cek, None).unwrap().to_vec()
        }
        Reader::Agreement(own, _) => {
            let z = shared_secret(own, &serde_json::from_value(said["epk"].clone()).unwrap()).unwrap();
            let direct = text("alg") == "ECDH-ES";
            let mut derived = vec![0; if direct { 32 } else { 16 }];
            concat_kdf(&z, if direct { text("enc") } else { text("alg") }, [b"", b""], &mut derived).unwrap();
            if direct {
                assert_eq!(*key, "", "RFC 7516 section 5.1 step 5");
                derived
            } else {
                let mut cek = vec![0; 40];
                AesKek::new(&key_wrap::AES_128, &derived).unwrap().unwrap(&bytes(key), &mut cek).unwrap().to_vec()
            }
        }
    };
    let plain = if text("enc") == "A256GCM" {
        let mut plain = [bytes(sealed), bytes(tag)].concat();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &cek).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&bytes(iv)).unwrap();
        key.open_in_place(nonce, Aad::from(header.as_bytes()), &mut plain).unwrap().to_vec()
    } else {
        let iv: [u8; 16] = bytes(iv).try_into().unwrap();
        let key = UnboundCipherKey::new(&cipher::AES_128, &cek[16..]).unwrap();
        let mut plain = bytes(sealed);
        let context = DecryptionContext::Iv128(FixedLength::from(&iv));
        let plain = PaddedBlockDecryptingKey::cbc_pkcs7(key).unwrap().decrypt(&mut plain, context).unwrap().to_vec();
        let (_, right) = a128cbc_hs256(&cek, &iv, header.as_bytes(), &plain).unwrap();
        assert_eq!(right, bytes(tag), "RFC 7518 section 5.2.2.2 step 2");
        plain
    };
    (said, plain)
}

#[test]
fn rfc7516_5_every_way_to_every_fitting_key_is_read_back_and_no_other_is_written() {
    let random: [u8; RANDOM_LEN] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    for (reader, public) in readers() {
        for way in KeyManagement::ALL {
            for content in ContentEncryption::ALL {
                let key = ForeignKey { key: public.clone(), kid: Some("a".into()), alg: None, key_use: ForeignUse::Encryption };
                let to = Recipient { key: &key, way, content };
                let written = nest("a.signed.token", to, &random);
                if matches!(reader, Reader::Rsa(_)) != (way == KeyManagement::RsaOaep256) {
                    assert_eq!(written, Err(JweError::Key), "{way:?} {public:?}");
                    continue;
                }
                let (header, plain) = decrypt(&written.unwrap(), &reader);
                assert_eq!(plain, b"a.signed.token");
                let members = [header["alg"].as_str(), header["enc"].as_str(), header["kid"].as_str(), header["cty"].as_str()];
                assert_eq!(members, [Some(way.as_str()), Some(content.as_str()), Some("a"), Some("JWT")]);
                assert_eq!(header.get("epk").is_some(), way != KeyManagement::RsaOaep256);
                let (header, plain) = decrypt(&encrypt_claims(b"{}", to, &random).unwrap(), &reader);
                assert!(plain == b"{}" && header.get("cty").is_none());
            }
        }
    }
}

#[test]
fn rfc7518_4_6_1_1_an_ephemeral_key_serves_one_token_and_publishes_no_private_half() {
    let (reader, public) = readers().swap_remove(1);
    let set = json!({"keys": [public]});
    let set = ForeignKeySet::from_value(&set).unwrap();
    let key = set.encrypting(KeyManagement::EcdhEs).unwrap();
    let to = Recipient { key, way: KeyManagement::EcdhEs, content: ContentEncryption::A256Gcm };
    let [one, other] = [1, 2].map(|_| decrypt(&nest("t", to, &[7; RANDOM_LEN]).unwrap(), &reader).0);
    assert_ne!(one["epk"], other["epk"]);
    assert!(one.get("kid").is_none() && one["epk"].get("d").is_none());
    let Reader::Agreement(_, seed) = reader else { panic!("an elliptic curve") };
    assert!(!one.to_string().contains(&base64url(&seed)));
}
