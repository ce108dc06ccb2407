//! Every way a request can be wrong, and who is told.

use super::*;
use crate::authorize::reply::ResponseMode;
use crate::client::tests::portal;
use serde_json::json;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A sound request of the portal, with some parameters changed; `None` leaves one out.
fn query(changes: &[(&str, Option<&str>)]) -> String {
    let mut pairs = vec![
        ("client_id", "flex"),
        ("redirect_uri", "https://flex.example/cb"),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn ask(query: &str, client: &Client) -> Result<AuthorizationRequest, Refusal> {
    let params = Params::parse(query.as_bytes()).unwrap();
    client_id(&params).map_err(Refusal::Page)?;
    parse(&params, client)
}

fn refused(query: &str, client: &Client) -> (ReplyTo, AuthorizationError) {
    match ask(query, client) {
        Err(Refusal::Redirect { to, error }) => (to, error),
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn core_3_1_2_1_a_sound_request_is_kept_whole() {
    let wishes = [
        ("prompt", Some("login consent")),
        ("max_age", Some("300")),
        ("ui_locales", Some("rm de-CH")),
        ("acr_values", Some("urn:poterne:level:multi")),
        ("login_hint", Some("marie@example.ch")),
        ("id_token_hint", Some("x.y.z")),
        ("display", Some("popup")),
        ("unknown", Some("ignored")),
    ];
    let mut request = ask(&query(&wishes), &portal(&json!({}))).unwrap();
    assert_eq!(request.reply_to.redirect_uri.as_str(), "https://flex.example/cb");
    assert_eq!((request.reply_to.state.as_deref(), request.nonce.as_deref()), (Some("s"), Some("n")));
    assert_eq!(request.prompt, [Prompt::Login, Prompt::Consent]);
    assert_eq!(request.max_age, Some(Duration::from_secs(300)));
    assert_eq!(request.ui_locales, ["rm", "de-CH"]);
    assert_eq!(request.scope.to_string(), "openid email");
    assert!(request.code_challenge.is_some());
    // The hint is read before the request is kept.
    assert_eq!(request.id_token_hint.take().as_deref(), Some("x.y.z"));
    let json = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizationRequest>(&json).unwrap(), request);
}

#[test]
fn rfc6749_4_1_2_1_without_a_trusted_redirect_uri_there_is_only_a_page() {
    let one = portal(&json!({}));
    let two = portal(&json!({"redirect_uris": ["https://flex.example/1", "https://flex.example/2"]}));
    for (query, client, error) in [
        (query(&[("client_id", None)]), &one, PageError::NoClient),
        (query(&[("client_id", Some(""))]), &one, PageError::NoClient),
        (query(&[]) + "&client_id=other", &one, PageError::Repeated),
        (query(&[]) + "&redirect_uri=https%3A%2F%2Fflex.example%2Fcb", &one, PageError::Repeated),
        (query(&[("redirect_uri", None)]), &two, PageError::RedirectUri(RedirectRefusal::Missing)),
        (query(&[("redirect_uri", Some("https://evil.example/"))]), &one, PageError::RedirectUri(RedirectRefusal::Unregistered)),
        (
            query(&[("redirect_uri", Some("https://flex.example/cb?x"))]),
            &one,
            PageError::RedirectUri(RedirectRefusal::Unregistered),
        ),
    ] {
        assert_eq!(ask(&query, client), Err(Refusal::Page(error)), "{query}");
    }
}

#[test]
fn b1_3_a_foreign_redirect_uri_is_a_page_whatever_else_is_wrong() {
    let foreign = ("redirect_uri", Some("https://evil.example/"));
    for wrong in [
        ("response_type", None),
        ("response_type", Some("token")),
        ("scope", Some("email")),
        ("prompt", Some("none login")),
        ("max_age", Some("x")),
        ("request", Some("x")),
        ("code_challenge", None),
    ] {
        let result = ask(&query(&[foreign, wrong]), &portal(&json!({})));
        assert_eq!(result, Err(Refusal::Page(PageError::RedirectUri(RedirectRefusal::Unregistered))), "{wrong:?}");
    }
}

#[test]
fn rfc6749_4_1_2_1_every_other_error_goes_back_to_the_client() {
    for (changes, code, words) in [
        (vec![("request", Some("x"))], Code::RequestNotSupported, "request is not supported"),
        (vec![("request_uri", Some("urn:x"))], Code::RequestUriNotSupported, "request_uri is not supported"),
        (vec![("registration", Some("{}"))], Code::RegistrationNotSupported, "registration is not supported"),
        (vec![("response_type", None)], Code::InvalidRequest, "response_type is missing"),
        (vec![("response_type", Some("CODE"))], Code::UnsupportedResponseType, "response_type is not supported"),
        (vec![("response_mode", Some("web_message"))], Code::InvalidRequest, "response_mode is not supported"),
        (vec![("scope", None)], Code::InvalidScope, "scope must hold openid"),
        (vec![("scope", Some("email"))], Code::InvalidScope, "scope must hold openid"),
        (vec![("scope", Some("openid \"x\""))], Code::InvalidScope, "scope is malformed"),
        (vec![("prompt", Some("none login"))], Code::InvalidRequest, "prompt=none stands alone"),
        (vec![("prompt", Some("dance"))], Code::InvalidRequest, "prompt has an unknown value"),
        (vec![("max_age", Some("-1"))], Code::InvalidRequest, "max_age is not a number of seconds"),
        (vec![("max_age", Some("+1"))], Code::InvalidRequest, "max_age is not a number of seconds"),
        (vec![("max_age", Some("99999999999"))], Code::InvalidRequest, "max_age is not a number of seconds"),
        (vec![("code_challenge", None), ("code_challenge_method", None)], Code::InvalidRequest, "code_challenge is required"),
        (vec![("code_challenge_method", Some("plain"))], Code::InvalidRequest, "code_challenge_method must be S256"),
    ] {
        let (to, error) = refused(&query(&changes), &portal(&json!({})));
        assert_eq!((error.code, error.description.as_str()), (code, words), "{changes:?}");
        assert_eq!((to.state.as_deref(), to.mode), (Some("s"), ResponseMode::Query), "{changes:?}");
    }
    let (_, error) = refused(&query(&[]), &portal(&json!({"response_types": []})));
    assert_eq!(error.code, Code::UnauthorizedClient);
}

#[test]
fn b1_6_a_repeated_parameter_is_invalid_request() {
    for name in
        ["response_type", "scope", "state", "nonce", "prompt", "max_age", "code_challenge", "ui_locales", "request", "other"]
    {
        let (to, error) = refused(&format!("{}&{name}=a&{name}=b", query(&[])), &portal(&json!({})));
        assert_eq!((error.code, error.description.as_str()), (Code::InvalidRequest, format!("{name} is repeated").as_str()));
        assert_eq!(to.state.is_none(), name == "state", "neither of two states comes back");
    }
}

#[test]
fn multiple_response_types_5_an_error_of_a_hybrid_request_goes_in_the_fragment() {
    for (changes, mode) in [
        (vec![("response_type", Some("code id_token"))], ResponseMode::Fragment),
        (vec![("response_type", Some("token"))], ResponseMode::Fragment),
        (vec![("response_mode", Some("fragment")), ("scope", None)], ResponseMode::Fragment),
        (vec![("response_type", Some("none"))], ResponseMode::Query),
    ] {
        assert_eq!(refused(&query(&changes), &portal(&json!({}))).0.mode, mode, "{changes:?}");
    }
    let request = ask(&query(&[("response_mode", Some("fragment"))]), &portal(&json!({}))).unwrap();
    assert_eq!(request.reply_to.mode, ResponseMode::Fragment);
}

#[test]
fn core_3_1_2_1_wishes_never_cause_an_error() {
    let long = "x ".repeat(200);
    for (name, value) in [
        ("display", "hologram"),
        ("ui_locales", long.as_str()),
        ("claims_locales", "??"),
        ("acr_values", "urn:nobody:knows"),
        ("login_hint", "\u{1}\"><script>"),
        ("claims", "{}"),
        ("id_token_hint", "nonsense"),
    ] {
        let request = ask(&query(&[(name, Some(value))]), &portal(&json!({}))).unwrap();
        assert!(request.ui_locales.len() <= MAX_LIST && request.display.is_none(), "{name}");
    }
}

#[test]
fn core_3_1_2_1_an_encrypted_hint_is_refused_by_name() {
    let (_, error) = refused(&query(&[("id_token_hint", Some("a.b.c.d.e"))]), &portal(&json!({})));
    assert_eq!(error.description.as_str(), "id_token_hint is encrypted: send the signed token that is inside");
}

#[test]
fn core_3_1_2_1_levels_are_the_requests_else_those_of_claims_else_the_clients_own() {
    let client = portal(&json!({"default_acr_values": ["own"]}));
    let wished = r#"{"id_token":{"acr":{"values":["claimed",7]}}}"#;
    let insisted = r#"{"id_token":{"acr":{"essential":true,"values":["claimed"]}}}"#;
    for (asked, claims, expected) in [
        (Some("a b"), Some(wished), vec!["a", "b"]),
        (None, Some(wished), vec!["claimed"]),
        (None, Some(insisted), vec!["own"]),
        (None, None, vec!["own"]),
    ] {
        let request = ask(&query(&[("acr_values", asked), ("claims", claims)]), &client).unwrap();
        assert_eq!(request.acr_values, expected);
    }
}

#[test]
fn core_11_offline_access_needs_a_client_that_refreshes_and_consent() {
    let refresh = ["authorization_code", "refresh_token"];
    for (grants, first_party, prompt, granted) in [
        (&refresh[..], true, None, true),
        (&refresh[..], false, None, false),
        (&refresh[..], false, Some("consent"), true),
        (&refresh[..1], true, Some("consent"), false),
    ] {
        let client = portal(&json!({"grant_types": grants, "first_party": first_party, "scope": "openid offline_access"}));
        let request = ask(&query(&[("scope", Some("openid offline_access")), ("prompt", prompt)]), &client).unwrap();
        assert_eq!(request.scope.contains("offline_access"), granted, "{grants:?} {first_party} {prompt:?}");
    }
}

#[test]
fn registration_2_the_clients_default_max_age_holds_where_none_is_asked() {
    let client = portal(&json!({"default_max_age": 60}));
    let max_age = |value| ask(&query(&[("max_age", value)]), &client).unwrap().max_age;
    assert_eq!((max_age(None), max_age(Some("0"))), (Some(Duration::from_secs(60)), Some(Duration::ZERO)));
}

#[test]
fn core_3_1_2_1_a_request_without_a_redirect_uri_is_a_page() {
    let refused = ask(&query(&[("redirect_uri", None)]), &portal(&json!({})));
    assert!(matches!(refused, Err(Refusal::Page(_))), "{refused:?}");
}

/// What waits while a person signs in is bounded, and the client is told which parameter is too long. A `state` comes back whole with the
/// error (RFC 6749 section 4.1.2.1).
#[test]
fn what_is_longer_than_anybody_needs_is_refused_by_name() {
    let client = portal(&json!({}));
    for (name, most, unit) in [
        ("state", 2048, "bytes"),
        ("nonce", 512, "bytes"),
        ("login_hint", 256, "characters"),
        ("ui_locales", 512, "bytes"),
        ("claims_locales", 512, "bytes"),
        ("acr_values", 512, "bytes"),
    ] {
        let (fits, long) = ("x".repeat(most), "x".repeat(most + 1));
        assert!(ask(&query(&[(name, Some(&fits))]), &client).is_ok(), "{name}");
        let (to, error) = refused(&query(&[(name, Some(&long))]), &client);
        assert_eq!(error.code, Code::InvalidRequest);
        assert_eq!(error.description.as_str(), format!("{name} is longer than {most} {unit}"));
        assert_eq!(to.state.as_deref(), Some(if name == "state" { long.as_str() } else { "s" }));
    }
    assert!(ask(&query(&[("login_hint", Some(&"é".repeat(256)))]), &client).is_ok(), "letters count, not bytes");
}

#[test]
fn the_text_of_a_hint_is_not_kept_but_what_it_says_is() {
    let mut request = ask(&query(&[("id_token_hint", Some("x.y.z"))]), &portal(&json!({}))).unwrap();
    assert_eq!((request.id_token_hint.as_deref(), &request.hinted), (Some("x.y.z"), &Hinted::Nothing));
    request.hinted = Hinted::Subject("marie".into());
    let json = serde_json::to_string(&request).unwrap();
    assert!(!json.contains("x.y.z"), "{json}");
    let kept: AuthorizationRequest = serde_json::from_str(&json).unwrap();
    assert_eq!((kept.id_token_hint, kept.hinted), (None, Hinted::Subject("marie".into())));
}

#[test]
fn a_state_of_any_length_we_read_comes_back_intact() {
    let state = "é&=%+ ".repeat(100);
    let request = ask(&query(&[("state", Some(&state))]), &portal(&json!({}))).unwrap();
    assert_eq!(request.reply_to.state.as_deref(), Some(state.as_str()));
}
