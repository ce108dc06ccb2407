//! Request objects: who may send which, what counts inside, and what is refused.

use super::*;
use crate::authorize::request::{Refusal, parse};
use crate::client::tests::portal;
use serde_json::json;

const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const ISSUER: &str = "https://i.example";

fn client(changes: &Value) -> Client {
    let mut all = json!({"jwks_uri": "https://flex.example/jwks", "request_uris": ["https://flex.example/r", "https://flex.example/s#abc"]});
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
        if value.is_null() {
            all.as_object_mut().unwrap().remove(name);
        }
    }
    portal(&all)
}

fn params(query: &str) -> Params {
    Params::parse(query.as_bytes()).unwrap()
}

fn encoded(pairs: &[(&str, &str)]) -> Params {
    params(&form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

fn members(json: &str) -> Result<Members, serde_json::Error> {
    serde_json::from_str(json)
}

#[test]
fn core_6_who_may_send_which_object() {
    let none = json!({"jwks_uri": null});
    let no_uris = json!({"request_uris": []});
    for (changes, query, code) in [
        (&json!({}), "request=a&request_uri=https%3A%2F%2Fflex.example%2Fr", "invalid_request"),
        (&none, "request=a", "request_not_supported"),
        (&none, "request_uri=https%3A%2F%2Fflex.example%2Fr", "request_uri_not_supported"),
        (&no_uris, "request_uri=https%3A%2F%2Fflex.example%2Fr", "request_uri_not_supported"),
        (&json!({}), "request_uri=https%3A%2F%2Fflex.example%2Fr%2F", "invalid_request_uri"),
        (&json!({}), "request_uri=https%3A%2F%2Fflex.example%2Fr%3Fa", "invalid_request_uri"),
        (&json!({}), "request_uri=HTTPS%3A%2F%2Fflex.example%2Fr", "invalid_request_uri"),
        (&json!({}), "request_uri=https%3A%2F%2Fflex.example%2Fs", "invalid_request_uri"),
        (&json!({}), "request_uri=https%3A%2F%2Fflex.example%2Fs%23abd", "invalid_request_uri"),
        (&json!({}), "request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax", "invalid_request_uri"),
    ] {
        assert_eq!(asked(&params(query), &client(changes)).unwrap_err().code.as_str(), code, "{changes} {query}");
    }
    assert_eq!(asked(&params("scope=openid"), &client(&none)), Ok(None));
    assert_eq!(asked(&params("request=a.b.c"), &client(&json!({}))), Ok(Some(Object::Value("a.b.c"))));
}

#[test]
fn core_6_2_a_fragment_says_whether_there_is_something_newer_and_never_that_something_is_wrong() {
    let client = client(&json!({}));
    let hash = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
    let uri = format!("https://flex.example/r#{hash}");
    let query = encoded(&[("request_uri", uri.as_str())]);
    let Ok(Some(Object::Reference(address))) = asked(&query, &client) else { panic!("registered but for its fragment") };
    assert_eq!((address.place, address.has_fragment()), ("https://flex.example/r", true));
    assert!(address.is_of(b"abc") && !address.is_of(b"abd"));
    let query = encoded(&[("request_uri", "https://flex.example/s#abc")]);
    let Ok(Some(Object::Reference(address))) = asked(&query, &client) else { panic!("registered") };
    assert!(address.has_fragment() && !address.is_of(b"abc"), "a fragment that is no hash is of nothing in particular");
    let query = encoded(&[("request_uri", "https://flex.example/r")]);
    let Ok(Some(Object::Reference(address))) = asked(&query, &client) else { panic!("registered") };
    assert!(!address.has_fragment() && !address.is_of(b"anything"));
}

#[test]
fn core_6_1_what_is_inside_wins() {
    let client = client(&json!({}));
    let beside = encoded(&[
        ("client_id", "flex"),
        ("response_type", "code"),
        ("state", "beside"),
        ("nonce", "beside"),
        ("redirect_uri", "https://evil.example/"),
        ("request", "x"),
    ]);
    let inside = r#"{"iss":"flex","aud":["https://i.example"],"exp":1000060,"client_id":"flex","response_type":"code",
        "redirect_uri":"https://flex.example/cb","state":"inside","max_age":300,"scope":"openid","code_challenge_method":"S256",
        "code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","claims":{"id_token":{"email":null}},"unknown":"x"}"#;
    let merged = merged(&beside, &members(inside).unwrap(), &client, ISSUER, NOW).unwrap();
    for (name, value) in
        [("state", Some("inside")), ("nonce", Some("beside")), ("request", None), ("max_age", Some("300")), ("iss", None)]
    {
        assert_eq!(merged.get(name), value, "{name}");
    }
    let request = parse(&merged, &client).unwrap();
    assert_eq!(request.reply_to.redirect_uri.as_str(), "https://flex.example/cb");
}

#[test]
fn core_6_1_what_an_object_may_not_say() {
    let client = client(&json!({}));
    let beside = encoded(&[("client_id", "flex"), ("response_type", "code"), ("request", "x")]);
    for (inside, words) in [
        (r#"{"client_id":"other"}"#, "client_id"),
        (r#"{"response_type":"code token"}"#, "response_type"),
        (r#"{"request":"a.b.c"}"#, "request stands inside"),
        (r#"{"request_uri":"https://flex.example/r"}"#, "request_uri stands inside"),
        (r#"{"iss":"other"}"#, "iss"),
        (r#"{"sub":"flex"}"#, "sub is the client_id"),
        (r#"{"aud":"https://i.example/"}"#, "aud"),
        (r#"{"aud":7}"#, "malformed"),
        (r#"{"exp":1000000}"#, "expired"),
        (r#"{"exp":"soon"}"#, "malformed"),
        (r#"{"nbf":1000011}"#, "not valid yet"),
        (r#"{"iat":1000011}"#, "not valid yet"),
        (r#"{"state":["a"]}"#, "state"),
        (r#"{"state":null}"#, "state"),
        (r#"{"scope":{"a":1}}"#, "scope"),
        (r#"{"prompt":true}"#, "prompt"),
        (r#"{"state":"a\u0000"}"#, "NUL"),
        (r#"{"registration":true}"#, "registration"),
    ] {
        let error = merged(&beside, &members(inside).unwrap(), &client, ISSUER, NOW).err().unwrap();
        assert_eq!(error.code, Code::InvalidRequestObject, "{inside}");
        assert!(error.description.as_str().contains(words), "{inside}: {}", error.description.as_str());
    }
    for twice in [r#"{"state":"a","state":"b"}"#, r#"{"aud":"a","aud":"b"}"#, "[]", "7"] {
        assert!(members(twice).is_err(), "{twice}");
    }
    let fine = merged(&beside, &members(r#"{"response_type":"code"}"#).unwrap(), &client, ISSUER, NOW);
    assert!(fine.is_ok());
}

#[test]
fn rfc6749_3_1_what_nobody_knows_inside_is_ignored_whatever_it_is() {
    let client = client(&json!({}));
    let beside = encoded(&[("client_id", "flex"), ("response_type", "code"), ("request", "x")]);
    let inside = r#"{"state":"inside","x1":{"a":[1]},"x2":["a","b"],"x3":true,"x4":null,"x5":"a\u0000","x6":7}"#;
    let merged = merged(&beside, &members(inside).unwrap(), &client, ISSUER, NOW).unwrap();
    assert_eq!(merged.get("state"), Some("inside"));
    for name in ["x1", "x2", "x3", "x4", "x5", "x6"] {
        assert_eq!(merged.get(name), None, "{name}");
    }
}

#[test]
fn core_7_2_1_registration_inside_is_refused_by_name() {
    let client = client(&json!({}));
    let back = ("redirect_uri", "https://flex.example/cb");
    let beside = encoded(&[("client_id", "flex"), ("response_type", "code"), ("request", "x"), back]);
    for inside in [r#"{"registration":{"client_name":"x"}}"#, r#"{"registration":{}}"#, r#"{"registration":"{}"}"#] {
        let merged = merged(&beside, &members(inside).unwrap(), &client, ISSUER, NOW).unwrap();
        let Refusal::Redirect { error, .. } = parse(&merged, &client).unwrap_err() else { panic!("a redirect") };
        assert_eq!(error.code, Code::RegistrationNotSupported, "{inside}");
    }
}

#[test]
fn core_6_an_object_that_is_not_trusted_names_no_way_back() {
    let two = client(&json!({"redirect_uris": ["https://flex.example/cb", "https://flex.example/other"]}));
    let refusal = refused(&params("client_id=flex&state=s"), &two, invalid("no"));
    let Refusal::Page(page) = refusal else { panic!("a page") };
    assert_eq!(page.code(), "invalid_request_object");
    let named = encoded(&[("client_id", "flex"), ("state", "s"), ("redirect_uri", "https://flex.example/other")]);
    let Refusal::Redirect { to, error } = refused(&named, &two, invalid("no")) else { panic!("a redirect") };
    assert_eq!((to.redirect_uri.as_str(), to.state.as_deref()), ("https://flex.example/other", Some("s")));
    assert_eq!(error.code, Code::InvalidRequestObject);
}
