//! What clients publish and ask for in documents of their own: keys, request objects, single claims, resources.

use super::pen::PEN;
use super::programs::{CLIENTS, ISSUER, decided, refused_in_words, turned_away};
use super::{lines, text};
use poterne_protocol::authorize::request_object::{self, Members, Object};
use poterne_protocol::claims::request::{self as claims_request, ClaimsRequest};
use poterne_protocol::client::Client;
use poterne_protocol::error::TokenError;
use poterne_protocol::jose::foreign::{BadKeySet, ForeignKey, ForeignKeySet, ForeignUse, MAX_KEYS, MAX_SET_LEN};
use poterne_protocol::jose::jwe::{self, RANDOM_LEN, Recipient};
use poterne_protocol::jose::jwk::PublicKey;
use poterne_protocol::jose::{Algorithm, ContentEncryption, KeyManagement};
use poterne_protocol::resource;
use poterne_protocol::scope::Scope;
use poterne_protocol::time::Timestamp;
use poterne_protocol::wire::Params;
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use url::Url;

/// Of RFC 7517 appendix A.1 and RFC 8037 appendix A, a generator, keys that are none, and secrets.
pub(super) const KEY_SETS: &[&str] = &[
    r#"{"keys":[{"kty":"RSA","kid":"r","use":"sig","alg":"RS256","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEPs2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}]}"#,
    r#"{"keys":[{"kty":"EC","kid":"e","use":"enc","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},{"kty":"EC","crv":"P-384","x":"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3","y":"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"}]}"#,
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},{"kty":"OKP","crv":"X25519","alg":"ECDH-ES","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"},{"kty":"WHO","q":"1"}]}"#,
    r#"{"keys":[{"kty":"OKP","crv":"X25519","use":"enc","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}"#,
    r#"{"keys":[{"kty":"OKP","crv":"X25519","x":"4Ot6fDtBuK4WVuP68Z_EatoJjeucMrH9hmIFFl9JuAA"},{"kty":"OKP","crv":"X25519","x":"7P___________________________________________38"}]}"#,
    concat!(
        r#"{"keys":[{"kty":"RSA","e":"AQ","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEPs2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W"#,
        r#"-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lF"#,
        r#"d2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgg"}]}"#
    ),
    r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"},{"kty":"EC","crv":"P-256","x":"AAAA","y":"","d":"AA"},{"kty":"RSA","n":"AAAA","e":"AQ"}]}"#,
];

/// Keys that are taken are sound, public, and what they are for can be done with them; written again they are the same.
pub(super) fn key_set(data: &[u8]) {
    let (read, value) = (ForeignKeySet::parse(data), serde_json::from_slice::<Value>(data));
    match (&read, &value) {
        (Err(BadKeySet::TooLong), _) => assert!(data.len() > MAX_SET_LEN),
        (_, Err(_)) => assert_eq!(read, Err(BadKeySet::Shape)),
        // Numbers and escapes may grow by being written.
        (_, Ok(value)) => assert!(ForeignKeySet::from_value(value) == read || value.to_string().len() > MAX_SET_LEN),
    }
    let Ok(set) = read else { return };
    assert!(set.keys().len() <= MAX_KEYS && set.keys().iter().all(|key| is_strong(&key.key)), "{set:?}");
    let again = ForeignKeySet::from_value(&json!({ "keys": set.keys().iter().map(written).collect::<Vec<_>>() }));
    assert_eq!(again.as_ref(), Ok(&set));
    for algorithm in Algorithm::ALL {
        let Ok(key) = set.verifying(algorithm, None) else { continue };
        assert!(key.key.fits(algorithm) && key.key_use != ForeignUse::Encryption, "{key:?}");
        assert!(!key.key.verifies(algorithm, b"message", &[0; 64]) && !key.key.verifies(algorithm, b"message", b""), "{key:?}");
    }
    for (way, content) in KeyManagement::ALL.into_iter().zip(ContentEncryption::ALL.into_iter().cycle()) {
        let Some(key) = set.encrypting(way) else { continue };
        let sealed = jwe::encrypt_claims(b"{}", Recipient { key, way, content }, &[7; RANDOM_LEN]);
        assert!(sealed.as_ref().is_ok_and(|sealed| sealed.split('.').count() == 5), "{key:?} {sealed:?}");
    }
}

fn written(key: &ForeignKey) -> Value {
    let mut all = json!(key.key);
    let key_use = match key.key_use {
        ForeignUse::Signature => Some("sig"),
        ForeignUse::Encryption => Some("enc"),
        ForeignUse::Any => None,
    };
    for (name, value) in [("kid", key.kid.as_deref()), ("alg", key.alg.as_deref()), ("use", key_use)] {
        if let Some(value) = value {
            all.as_object_mut().and_then(|all| all.insert(name.to_owned(), value.into()));
        }
    }
    all
}

/// RFC 7518 sections 3.3 and 6.2.1, RFC 8017 section 3.1.
fn is_strong(key: &PublicKey) -> bool {
    match key {
        PublicKey::Rsa { n, e } => {
            let (n, e) = (n.as_bytes(), e.as_bytes());
            let odd = [n, e].iter().all(|number| number.last().is_some_and(|byte| byte % 2 == 1) && number.first() != Some(&0));
            odd && (256..=1024).contains(&n.len()) && (n.len() > 256 || n.first() >= Some(&0x80)) && e != [1]
        }
        PublicKey::Ec { crv, x, y } => [x, y].iter().all(|number| number.as_bytes().len() == crv.coordinate_len()),
        PublicKey::Okp { x, .. } => x.as_bytes().len() == 32,
    }
}

/// The clients of the other properties, which may send request objects as well.
static SIGNING: LazyLock<Vec<Client>> = LazyLock::new(|| {
    let uris = vec!["https://flex.example/r".to_owned(), "https://flex.example/s#abc".to_owned()];
    let signing = |client: &Client| Client { jwks: Some(json!(PEN.keys)), request_uris: uris.clone(), ..client.clone() };
    CLIENTS.iter().map(signing).collect()
});

pub(super) const OBJECTS: &[&str] = &[
    "client_id=flex&response_type=code&scope=openid&redirect_uri=http://127.0.0.1/cb&request=a.b.c\n{\"iss\":\"flex\",\"aud\":\"https://id.example/lac\",\
     \"client_id\":\"flex\",\"redirect_uri\":\"https://flex.example/app/cb?tab=1\",\"state\":\"s\\r\\n\",\"max_age\":0,\"nonce\":\"n\",\"claims\":{\"userinfo\":{}}}",
    "client_id=flex&response_type=code+id_token&request_uri=https%3A%2F%2Fflex.example%2Fr%23abc\n{\"response_type\":\"id_token code\",\
     \"scope\":\"openid email\",\"nonce\":\"n\",\"redirect_uri\":\"http://127.0.0.1:4711/cb\",\"exp\":1000001,\"nbf\":1,\"resource\":[\"urn:a\",\"urn:b\"]}",
    "client_id=flex&state=1&state=2&scope=openid\n{\"state\":\"3\",\"prompt\":\"\",\"request_uri\":\"x\"}",
    "client_id=flex&request=x&request_uri=y\n{\"sub\":\"flex\",\"exp\":1e300,\"prompt\":[\"none\"]}",
    "client_id=flex\n{\"state\":\"1\",\"state\":\"2\"}",
    "client_id=flex\n{\"resource\":[\"urn:a\",1,1.5e3,\"\",\"urn:a\"],\"registration\":{},\"max_age\":-0.0}",
];

/// What stands inside wins, what stands beside is left as it was, and the request that comes of it is a request like any other.
pub(super) fn request_object(data: &[u8]) {
    let (query, inside) = lines(data);
    let (Ok(params), Ok(members)) = (Params::parse(query), serde_json::from_slice::<Members>(inside)) else { return };
    let said: Map<String, Value> = serde_json::from_slice(inside).unwrap_or_default();
    for client in SIGNING.iter() {
        match request_object::asked(&params, client) {
            Ok(Some(Object::Reference(address))) => {
                assert!(["https://flex.example/r", "https://flex.example/s"].contains(&address.place));
            }
            Ok(_) => {}
            Err(error) => turned_away(request_object::refused(&params, client, error)),
        }
        let merged = match request_object::merged(&params, &members, client, ISSUER, Timestamp::from_secs(1_000_000)) {
            Ok(merged) => merged,
            Err(error) => {
                turned_away(request_object::refused(&params, client, error));
                continue;
            }
        };
        assert!(merged.get("request").is_none() && merged.get("request_uri").is_none());
        assert!(
            said.get("iss").is_none_or(|iss| iss == "flex" || iss.is_null()) && said.get("sub").is_none_or(|sub| sub != "flex")
        );
        for name in ["client_id", "redirect_uri", "state", "nonce", "scope", "prompt", "code_challenge"] {
            let (inside, beside) = (said.get(name).and_then(Value::as_str), params.get(name));
            let expected = if said.contains_key(name) { inside.filter(|text| !text.is_empty()) } else { beside };
            let counted = said.get(name).is_some_and(Value::is_number);
            assert!(counted || params.is_repeated(name) || merged.get(name) == expected, "{name}: {:?}", merged.get(name));
        }
        decided(&merged, client);
    }
}

pub(super) const WANTED: &[&str] = &[
    r#"{"id_token":{"email":null,"acr":{"essential":true,"values":["urn:poterne:level:multi","x"]},"sub":{"value":"marie"}},"userinfo":{"name":{"essential":true},"sub":{"values":["marie","urs"]}}}"#,
    r#"{"id_token":{"acr":{"values":["urn:poterne:level:multi"]},"sub":{"value":1}}}"#,
    r#"{"userinfo":null,"id_token":{"birthdate":{},"acr":{"essential":"yes"}},"x":[]}"#,
    r#"{"userinfo":[],"id_token":{"email":1}}"#,
];

/// A client is granted no claim that its scopes do not open, and never more by being registered for less; what is kept reads as itself.
pub(super) fn claims_parameter(data: &[u8]) {
    let Some(asked) = text(data) else { return };
    let scopes =
        ["openid profile email address phone", "openid email", "openid"].map(|words| Scope::parse(words).unwrap_or_default());
    let read = scopes.each_ref().map(|scope| claims_request::parse(asked, scope));
    let [Ok(all), Ok(some), Ok(none)] = &read else {
        // What is wrong is so whoever asks.
        return assert!(read.iter().all(|one| Some(one) == read.first()), "{read:?}");
    };
    assert!(none.wanted.is_empty() && asked.len() <= 4_096, "{none:?}");
    for (request, scope) in [all, some, none].into_iter().zip(&scopes) {
        let again = serde_json::to_vec(request).map(|json| serde_json::from_slice::<ClaimsRequest>(&json));
        assert!(matches!(&again, Ok(Ok(again)) if again == request), "{again:?}");
        assert_eq!(request.wanted.clone().narrowed(scope), request.wanted);
        assert!(
            request.wanted.id_token.is_subset(&all.wanted.id_token) && request.wanted.userinfo.is_subset(&all.wanted.userinfo)
        );
        assert_eq!((&request.levels, &request.subjects), (&all.levels, &all.subjects), "who and how is no matter of scopes");
    }
    assert!(all.levels.is_none() || all.wished_levels.is_empty());
}

pub(super) const RESOURCES: &[&str] = &[
    "resource=https%3A%2F%2Fwages.example%2Fapi&resource=urn%3Afiles&resource=https%3A%2F%2Fwages.example%2Fapi",
    "resource=https%3A%2F%2Fid.example%2Flac",
    "resource=https://a.example/%23x&resource=/api",
    "resource=&resource=urn:",
];

/// A token is never for more than was named, was granted and is registered.
pub(super) fn resources(data: &[u8]) {
    let (Ok(params), Some(client)) = (Params::parse(data), CLIENTS.first()) else { return };
    let registered = ["https://wages.example/api", "urn:files", ISSUER].map(str::to_owned).to_vec();
    let client = Client { resources: registered.clone(), ..client.clone() };
    let named = match resource::named(&params) {
        Ok(named) => named,
        Err(refusal) => return refused_in_words(&TokenError::invalid_target(refusal)),
    };
    for uri in &named {
        let url = Url::parse(uri);
        assert!(url.is_ok_and(|url| url.fragment().is_none()) && uri.is_ascii() && !uri.contains([' ', '"', '#']), "{uri:?}");
        assert!(params.all("resource").any(|sent| sent == uri) && named.iter().filter(|other| *other == uri).count() == 1);
    }
    assert!(named.len() <= resource::MOST);
    if let Ok(asked) = resource::asked(&params, &client) {
        assert!(asked == named && asked.iter().all(|uri| registered.contains(uri)));
    }
    for granted in [&[][..], registered.get(..1).unwrap_or_default(), &registered] {
        let Ok(told) = resource::narrowed(granted, &named, &client, ISSUER) else { continue };
        assert!(
            !told.is_empty() && told.iter().all(|uri| granted.contains(uri) || granted.is_empty() && uri == ISSUER),
            "{told:?}"
        );
        assert!(named.is_empty() || told.iter().all(|uri| named.contains(uri)), "{told:?}");
    }
}
