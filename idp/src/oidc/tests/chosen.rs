//! Tokens as each client chose them: signed by its algorithm, encrypted to its key.

use super::{Browser, FLEX_BACK, ISSUER, World, claims};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, IssuerUrl};
use poterne_protocol::client::{Client, GrantType, ResponseType};
use poterne_protocol::jose::jwk::PublicKey;
use poterne_protocol::jose::keyset::KeySet;
use poterne_protocol::jose::{Algorithm, ContentEncryption, KeyManagement};
use serde_json::{Value, json};

/// Changes what «flex» registered, in a realm with keys of all algorithms.
pub(in crate::oidc) async fn flex_has(world: &World, change: impl Fn(&mut Client)) {
    let mut document = world.manage().document("lindenhof").await.unwrap().unwrap();
    document.signing_algorithms = Algorithm::ALL.to_vec();
    let flex = document.clients.iter_mut().find(|client| client.client_id == "flex").unwrap();
    change(flex);
    world.manage().apply_realm(document).await.unwrap();
}

async fn marie(world: &World) -> Browser {
    let marie = world.person("Marie").await;
    world.signed_in(marie).await
}

fn header(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

/// The claims of a compact token, once a published key verifies it.
async fn verified(world: &World, token: &str) -> Value {
    let keys: KeySet = serde_json::from_str(&world.ask("GET", "/jwks", &[], "").await.body).unwrap();
    let key = keys.find(header(token)["kid"].as_str().unwrap()).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(header(token)["alg"], key.alg.as_str());
    assert!(key.verifies(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()));
    claims(token)
}

#[tokio::test]
async fn core_3_1_3_7_an_id_token_is_signed_by_the_algorithm_that_the_client_registered() {
    let world = World::new().await;
    let mut browser = marie(&world).await;
    for (algorithm, foreign) in [
        (Algorithm::Rs256, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
        (Algorithm::Ps256, CoreJwsSigningAlgorithm::RsaSsaPssSha256),
        (Algorithm::Es256, CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        (Algorithm::Es384, CoreJwsSigningAlgorithm::EcdsaP384Sha384),
        (Algorithm::EdDsa, CoreJwsSigningAlgorithm::EdDsa),
    ] {
        flex_has(&world, |flex| {
            flex.id_token_signed_response_alg = algorithm;
            flex.access_token_signed_response_alg = algorithm;
            flex.userinfo_signed_response_alg = Some(algorithm);
            flex.response_types = vec![ResponseType::Code, ResponseType::CodeIdTokenToken];
            flex.grant_types = vec![GrantType::AuthorizationCode, GrantType::Implicit, GrantType::RefreshToken];
        })
        .await;
        let request = World::request("flex", &[("response_type", "code id_token token")]);
        let answer = world.open(&mut browser, &format!("/authorize?{request}")).await;
        let fragment = answer.location().split_once('#').unwrap().1.to_owned();
        let param = |name: &str| {
            let found = form_urlencoded::parse(fragment.as_bytes()).find(|(key, _)| key == name);
            found.unwrap_or_else(|| panic!("{name} in {fragment}")).1.into_owned()
        };
        let (id_token, access_token, code) = (param("id_token"), param("access_token"), param("code"));
        let told = verified(&world, &id_token).await;
        assert_eq!(header(&id_token)["alg"], algorithm.as_str());
        // OpenID Connect Core sections 3.3.2.11: by the hash of this algorithm.
        assert_eq!(told["at_hash"], algorithm.half_hash(&access_token), "{algorithm:?}");
        assert_eq!(told["c_hash"], algorithm.half_hash(&code), "{algorithm:?}");

        let keys: CoreJsonWebKeySet = serde_json::from_str(&world.ask("GET", "/jwks", &[], "").await.body).unwrap();
        let (issuer, at) = (IssuerUrl::new(ISSUER.into()).unwrap(), world.now().secs());
        let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new("flex".into()), issuer, keys)
            .set_allowed_algs([foreign])
            .set_time_fn(move || chrono::DateTime::from_timestamp(at, 0).unwrap());
        let read: CoreIdToken = id_token.parse().unwrap();
        read.claims(&verifier, |_: Option<&openidconnect::Nonce>| Ok(())).unwrap();

        let person = world.userinfo(&access_token).await;
        assert_eq!((person.status.as_u16(), person.headers["content-type"].as_bytes()), (200, &b"application/jwt"[..]));
        assert_eq!(person.headers["cache-control"], "no-store");
        let info = verified(&world, &person.body).await;
        // OpenID Connect Core section 5.3.2.
        assert_eq!((&info["iss"], &info["aud"], &info["sub"]), (&json!(ISSUER), &json!("flex"), &told["sub"]));
        assert_eq!(info["email"], "marie@mail.example");
        assert!(header(&person.body).get("typ").is_none(), "it is no ID token");
        let silent = World::request("flex", &[("prompt", "none"), ("id_token_hint", &person.body)]);
        let answer = world.open(&mut browser, &format!("/authorize?{silent}")).await;
        assert_eq!(answer.param("error").as_deref(), Some("login_required"), "and no hint");
    }
    assert!(FLEX_BACK.starts_with("https://flex.example/"));
}

/// A client that reads RSA-OAEP-256 with A256GCM.
pub(in crate::oidc) struct Reader(PrivateDecryptingKey);

impl Reader {
    pub(in crate::oidc) fn new() -> Self {
        Self(PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap())
    }

    pub(in crate::oidc) fn jwks(&self) -> Value {
        let der: Pkcs8V1Der<'_> = self.0.as_der().unwrap();
        let pair = RsaKeyPair::from_pkcs8(der.as_ref()).unwrap();
        let mut key = serde_json::to_value(PublicKey::rsa(pair.public_key().as_ref()).unwrap()).unwrap();
        key["kid"] = json!("enc-1");
        key["use"] = json!("enc");
        json!({"keys": [key]})
    }

    pub(in crate::oidc) fn read(&self, token: &str) -> String {
        let parts: Vec<&str> = token.split('.').collect();
        let [aad, key, iv, sealed, tag] = parts.as_slice() else { panic!("five parts: {token}") };
        let [key, iv, sealed, tag] = [key, iv, sealed, tag].map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        let own = OaepPrivateDecryptingKey::new(self.0.clone()).unwrap();
        let mut cek = vec![0; own.min_output_size()];
        let cek = own.decrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut cek, None).unwrap();
        let mut plain = [sealed, tag].concat();
        let nonce = Nonce::try_assume_unique_for_key(&iv).unwrap();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, cek).unwrap());
        String::from_utf8(key.open_in_place(nonce, Aad::from(aad.as_bytes()), &mut plain).unwrap().to_vec()).unwrap()
    }
}

#[tokio::test]
async fn core_10_2_what_a_client_wants_encrypted_is_signed_first_and_read_by_its_key_alone() {
    let (world, reader) = (World::new().await, Reader::new());
    let mut browser = marie(&world).await;
    flex_has(&world, |flex| {
        flex.jwks = Some(reader.jwks());
        flex.id_token_encrypted_response_alg = Some(KeyManagement::RsaOaep256);
        flex.id_token_encrypted_response_enc = Some(ContentEncryption::A256Gcm);
        flex.userinfo_encrypted_response_alg = Some(KeyManagement::RsaOaep256);
        flex.userinfo_encrypted_response_enc = Some(ContentEncryption::A256Gcm);
    })
    .await;
    let tokens = world.tokens(&mut browser, "flex", &[]).await;
    let (id_token, access_token) = (tokens["id_token"].as_str().unwrap(), tokens["access_token"].as_str().unwrap());
    let said = json!({"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "enc-1", "cty": "JWT"});
    assert_eq!(header(id_token), said);
    let inner = reader.read(id_token);
    assert_eq!(verified(&world, &inner).await["aud"], "flex");
    // A hint is what was inside: the provider has no key to read the rest (OpenID Connect Core section 3.1.2.1).
    let silent = |hint: &str| format!("/authorize?{}", World::request("flex", &[("prompt", "none"), ("id_token_hint", hint)]));
    assert!(world.open(&mut browser, &silent(&inner)).await.param("code").is_some());
    let answer = world.open(&mut browser, &silent(id_token)).await;
    assert_eq!(answer.param("error").as_deref(), Some("invalid_request"));
    assert!(answer.param("error_description").unwrap().contains("encrypted"), "by name");

    let person = world.userinfo(access_token).await;
    assert_eq!(person.headers["content-type"], "application/jwt");
    assert!(header(&person.body).get("cty").is_none(), "not signed: only encrypted");
    let info: Value = serde_json::from_str(&reader.read(&person.body)).unwrap();
    assert_eq!((&info["email"], &info["aud"]), (&json!("marie@mail.example"), &json!("flex")));

    flex_has(&world, |flex| flex.userinfo_signed_response_alg = Some(Algorithm::Es384)).await;
    let person = world.userinfo(access_token).await;
    assert_eq!(header(&person.body), said);
    assert_eq!(verified(&world, &reader.read(&person.body)).await["email"], "marie@mail.example");
}

#[tokio::test]
async fn core_10_2_without_a_key_to_encrypt_to_nothing_leaves_in_clear() {
    let world = World::new().await;
    let mut browser = marie(&world).await;
    let tokens = world.tokens(&mut browser, "flex", &[]).await;
    flex_has(&world, |flex| {
        flex.jwks = Some(Reader::new().jwks());
        flex.userinfo_encrypted_response_alg = Some(KeyManagement::EcdhEs);
    })
    .await;
    let person = world.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert!(person.status.is_server_error() && !person.body.contains("marie"), "{}", person.body);
}

#[tokio::test]
async fn discovery_3_the_metadata_names_the_algorithms_that_the_realm_has_keys_for() {
    let world = World::new().await;
    let listed = async || {
        let document = world.ask("GET", "/.well-known/openid-configuration", &[], "").await.json();
        assert_eq!(document["userinfo_signing_alg_values_supported"], document["id_token_signing_alg_values_supported"]);
        document["id_token_signing_alg_values_supported"].clone()
    };
    assert_eq!(listed().await, json!(["RS256", "ES256"]));
    flex_has(&world, |_| {}).await;
    assert_eq!(listed().await, json!(["RS256", "PS256", "ES256", "ES384", "EdDSA"]));
    let keys = world.ask("GET", "/jwks", &[], "").await.json();
    let keys = keys["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 10, "one in use and the next one of each");
    for key in &keys {
        assert!(key["kid"].is_string() && key["alg"].is_string() && key["use"] == "sig", "{key}");
        let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
        assert!(private.iter().all(|member| key.get(member).is_none()), "{key}");
    }
    let kids: std::collections::BTreeSet<_> = keys.iter().map(|key| key["kid"].to_string()).collect();
    assert_eq!(kids.len(), 10, "every key has a name of its own");
}
