use super::*;
use crate::client::{ClientAuthMethod, ResponseType, SubjectType};
use crate::jose::Algorithm;
use crate::scope::Scope;
use serde_json::json;

const ALGORITHMS: [Algorithm; 2] = [Algorithm::Rs256, Algorithm::Es256];

fn open() -> Policy {
    Policy { open: true, ..Policy::default() }
}

fn read_with(policy: &Policy, members: &Value) -> Result<Client, RegistrationError> {
    let named = ["lindenhof".to_owned()];
    let rules = Rules { policy, algorithms: &ALGORITHMS, client_id: "made-by-us", taken_sectors: &named };
    read(members.as_object().cloned().unwrap_or_default(), &rules)
}

fn asked(changes: &Value) -> Value {
    let mut asked = json!({"redirect_uris": ["https://rp.example/cb"]});
    for (key, value) in changes.as_object().into_iter().flatten() {
        asked[key] = value.clone();
    }
    asked
}

#[track_caller]
fn registered(policy: &Policy, changes: &Value) -> Client {
    read_with(policy, &asked(changes)).unwrap_or_else(|error| panic!("{changes}: {error:?}"))
}

#[track_caller]
fn refused(policy: &Policy, changes: &Value) -> (&'static str, String) {
    let error = read_with(policy, &asked(changes)).map(|client| panic!("{changes}: {client:?}")).unwrap_err();
    (error.code.as_str(), error.description.as_str().to_owned())
}

#[test]
fn registration_2_what_is_left_out_has_the_default_of_the_specification() {
    let told = told(&registered(&open(), &json!({}))).unwrap();
    let expected = json!({
        "client_id": "made-by-us",
        "client_name": "rp.example",
        "redirect_uris": ["https://rp.example/cb"],
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "application_type": "web",
        "id_token_signed_response_alg": "RS256",
        "scope": registered(&open(), &json!({})).scope.to_string(),
        "subject_type": "pairwise",
    });
    assert_eq!(Value::Object(told), expected);
    let scope = registered(&open(), &json!({})).scope;
    assert!(scope.contains("openid") && !scope.contains("offline_access") && !scope.contains("poterne"), "{scope}");
}

#[test]
fn registration_2_every_member_is_kept_and_told() {
    let everything = json!({
        "application_type": "web",
        "backchannel_logout_session_required": true,
        "backchannel_logout_uri": "https://rp.example/back",
        "client_name": "RP",
        "client_uri": "https://rp.example/",
        "contacts": ["ops@rp.example"],
        "default_acr_values": ["urn:poterne:level:multi"],
        "default_max_age": 600,
        "frontchannel_logout_session_required": true,
        "frontchannel_logout_uri": "https://rp.example/front",
        "grant_types": ["authorization_code", "refresh_token"],
        "id_token_encrypted_response_alg": "RSA-OAEP-256",
        "id_token_encrypted_response_enc": "A256GCM",
        "id_token_signed_response_alg": "ES256",
        "initiate_login_uri": "https://rp.example/login",
        "jwks_uri": "https://rp.example/jwks",
        "logo_uri": "https://rp.example/logo.png",
        "policy_uri": "https://rp.example/policy",
        "post_logout_redirect_uris": ["https://rp.example/bye"],
        "redirect_uris": ["https://rp.example/cb"],
        "request_object_signing_alg": "ES256",
        "request_uris": ["https://rp.example/r#abc"],
        "require_auth_time": true,
        "response_types": ["code"],
        "scope": "openid email offline_access",
        "sector_identifier_uri": "https://rp.example/sector.json",
        "software_id": "4NRB1-0XZABZI9E6-5SM3R",
        "software_version": "2.2",
        "subject_type": "pairwise",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "RS256",
        "tos_uri": "https://rp.example/tos",
        "userinfo_encrypted_response_alg": "ECDH-ES",
        "userinfo_encrypted_response_enc": "A128CBC-HS256",
        "userinfo_signed_response_alg": "RS256",
    });
    let mut told = told(&registered(&open(), &everything)).unwrap();
    told.remove("client_id");
    assert_eq!(Value::Object(told.clone()), everything);
    let mut names: Vec<&str> = told.keys().map(String::as_str).chain(["jwks"]).collect();
    names.sort_unstable();
    assert_eq!(names, MEMBERS);
}

#[test]
fn rfc7591_2_what_only_the_operator_says_cannot_be_said_by_a_client() {
    let plain = registered(&open(), &json!({}));
    let greedy = json!({
        "client_id": "lindenhof-flex", "client_secret": "mine", "first_party": true, "populations": ["insured"], "origin": "document",
        "serves_resources": ["https://api.example"], "resources": ["https://api.example"], "sector": "lindenhof", "require_pkce": false,
        "access_token_format": "opaque", "access_token_seconds": 999_999, "id_token_seconds": 999_999, "refresh_token_seconds": 999_999,
        "access_token_signed_response_alg": "RS256", "nobody_knows": [1, 2], "client_name#de": "Rolle",
    });
    assert_eq!(registered(&open(), &greedy), plain);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn rfc7591_3_2_2_each_mistake_has_its_code_and_names_its_member() {
    let policy = open();
    for (changes, code, words) in [
        (json!({"redirect_uris": null}), "invalid_redirect_uri", "redirect_uris is empty"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri", "redirect_uris is empty"),
        (json!({"redirect_uris": "https://rp.example/cb"}), "invalid_redirect_uri", "redirect_uris must be an array"),
        (json!({"redirect_uris": [1]}), "invalid_redirect_uri", "redirect_uris must be an array"),
        (json!({"redirect_uris": ["https://rp.example/cb#x"]}), "invalid_redirect_uri", "has a fragment"),
        (json!({"redirect_uris": ["http://rp.example/cb"]}), "invalid_redirect_uri", "is http"),
        (json!({"redirect_uris": ["http://localhost:8080/cb"]}), "invalid_redirect_uri", "https"),
        (json!({"redirect_uris": ["https://localhost/cb"]}), "invalid_redirect_uri", "loopback"),
        (json!({"redirect_uris": ["ch.example.app:/cb"]}), "invalid_redirect_uri", "native"),
        (json!({"redirect_uris": ["javascript:alert(1)"], "application_type": "native"}), "invalid_redirect_uri", "native"),
        (json!({"redirect_uris": ["http://rp.example/cb"], "application_type": "native"}), "invalid_redirect_uri", "http"),
        (
            json!({"redirect_uris": ["https://localhost/cb"], "response_types": ["id_token"], "subject_type": "pairwise"}),
            "invalid_redirect_uri",
            "must be https and not localhost",
        ),
        (
            json!({"grant_types": ["authorization_code"], "response_types": ["code id_token"]}),
            "invalid_client_metadata",
            "grant_types must hold implicit",
        ),
        (json!({"post_logout_redirect_uris": ["https://rp.example/#x"]}), "invalid_client_metadata", "post_logout_redirect_uris"),
        (json!({"post_logout_redirect_uris": ["http://localhost/"]}), "invalid_client_metadata", "post_logout_redirect_uris"),
        (
            json!({"token_endpoint_auth_method": "tls_client_auth"}),
            "invalid_client_metadata",
            "token_endpoint_auth_method must be one of",
        ),
        (json!({"grant_types": ["password"]}), "invalid_client_metadata", "grant_types must be an array of"),
        (
            json!({"grant_types": ["client_credentials"], "redirect_uris": null}),
            "invalid_client_metadata",
            "grant_types is not open",
        ),
        (json!({"response_types": ["none"]}), "invalid_client_metadata", "response_types must be an array of"),
        (json!({"application_type": "browser"}), "invalid_client_metadata", "application_type must be one of web, native"),
        (json!({"subject_type": "public"}), "invalid_client_metadata", "subject_type must be pairwise"),
        (json!({"scope": "email"}), "invalid_client_metadata", "scope must hold openid"),
        (json!({"scope": ["openid"]}), "invalid_client_metadata", "scope must be words"),
        (json!({"default_max_age": "600"}), "invalid_client_metadata", "default_max_age must be a number"),
        (json!({"default_max_age": -1}), "invalid_client_metadata", "default_max_age must be a number"),
        (json!({"require_auth_time": "true"}), "invalid_client_metadata", "require_auth_time must be true or false"),
        (json!({"contacts": "ops@rp.example"}), "invalid_client_metadata", "contacts must be an array"),
        (json!({"client_name": 7}), "invalid_client_metadata", "client_name must be a string"),
        (
            json!({"jwks": "x", "token_endpoint_auth_method": "private_key_jwt"}),
            "invalid_client_metadata",
            "jwks: the key set is not a JSON object",
        ),
        (json!({"token_endpoint_auth_method": "private_key_jwt"}), "invalid_client_metadata", "needs jwks"),
        (
            json!({"id_token_signed_response_alg": "none"}),
            "invalid_client_metadata",
            "id_token_signed_response_alg must be one of",
        ),
        (json!({"request_object_signing_alg": "none"}), "invalid_client_metadata", "request_object_signing_alg must be one of"),
        (
            json!({"id_token_encrypted_response_alg": "RSA1_5"}),
            "invalid_client_metadata",
            "id_token_encrypted_response_alg must be one of",
        ),
        (
            json!({"userinfo_encrypted_response_alg": "ECDH-ES"}),
            "invalid_client_metadata",
            "userinfo_encrypted_response_alg needs jwks",
        ),
        (json!({"request_object_encryption_alg": "RSA-OAEP"}), "invalid_client_metadata", "request_object_encryption_alg asks"),
        (json!({"initiate_login_uri": "http://localhost/login"}), "invalid_client_metadata", "initiate_login_uri must be https"),
        (json!({"request_uris": ["http://localhost/r"]}), "invalid_client_metadata", "request_uris must be https"),
        (json!({"logo_uri": "/logo.png"}), "invalid_client_metadata", "logo_uri must be https"),
        (json!({"software_statement": "abc"}), "invalid_software_statement", "software_statement"),
        (json!({"software_statement": 1}), "invalid_software_statement", "software_statement"),
        (json!({"software_statement": "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln"}), "unapproved_software_statement", "nobody"),
    ] {
        let said = refused(&policy, &changes);
        assert!(said.0 == code && said.1.contains(words), "{changes}: {said:?}");
    }
    assert!(members(b"[]").is_err() && members(b"{\"a\":").is_err() && members(b"").is_err());
}

#[test]
fn registration_2_native_clients_live_on_devices() {
    let uris = json!(["ch.example.app:/cb", "http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb"]);
    let native =
        registered(&open(), &json!({"redirect_uris": uris, "application_type": "native", "token_endpoint_auth_method": "none"}));
    assert_eq!(native.sector().as_deref(), Some("made-by-us"), "two applications cannot compare people");
    assert!(native.require_pkce && native.client_name == "made-by-us");
    let public = registered(&Policy { require_pkce: false, ..open() }, &json!({"token_endpoint_auth_method": "none"}));
    assert!(public.require_pkce, "RFC 9700 section 2.1.1");
    assert!(!registered(&Policy { require_pkce: false, ..open() }, &json!({})).require_pkce);
}

#[test]
fn core_8_1_a_pairwise_client_of_several_hosts_needs_a_sector_document() {
    let uris = json!(["https://a.example/1", "https://b.example/2"]);
    let (code, words) = refused(&open(), &json!({"redirect_uris": uris}));
    assert!(code == "invalid_client_metadata" && words.contains("sector_identifier_uri"), "{words}");
    let with = json!({"redirect_uris": uris, "sector_identifier_uri": "https://c.example/all.json"});
    assert_eq!(registered(&open(), &with).sector().as_deref(), Some("c.example"));
    let public = Policy { public_subjects: true, ..open() };
    assert_eq!(registered(&public, &json!({"redirect_uris": uris})).subject_type, SubjectType::Public);
    assert_eq!(registered(&public, &json!({"subject_type": "pairwise"})).subject_type, SubjectType::Pairwise);
    let (_, words) = refused(&open(), &json!({"redirect_uris": ["https://lindenhof/cb"]}));
    assert!(words.contains("sector of a client of the operator's"), "{words}");
    let listed = |document: &str| check_sector(document.as_bytes(), &["https://a.example/1".to_owned()]);
    assert_eq!(listed(r#"["https://b.example/2", "https://a.example/1"]"#), Ok(()));
    for wrong in ["", "{}", "[1]", "[]", r#"["https://a.example/1/"]"#, r#""https://a.example/1""#] {
        assert_eq!(listed(wrong).unwrap_err().code, Code::InvalidClientMetadata, "{wrong}");
    }
}

#[test]
fn a_realm_says_what_is_open_to_registration() {
    let narrow = Policy {
        redirect_hosts: vec!["*.fund.example".into(), "rp.example".into()],
        auth_methods: vec![ClientAuthMethod::PrivateKeyJwt, ClientAuthMethod::ClientSecretBasic],
        response_types: vec![ResponseType::Code],
        algorithms: vec![Algorithm::Rs256],
        scope: Scope::parse("openid email").unwrap(),
        ..open()
    };
    for (changes, words) in [
        (json!({"redirect_uris": ["https://fund.example/cb"]}), "host that is not open"),
        (json!({"redirect_uris": ["https://xfund.example/cb"]}), "host that is not open"),
        (json!({"redirect_uris": ["https://rp.example.evil.example/cb"]}), "host that is not open"),
        (json!({"token_endpoint_auth_method": "none"}), "token_endpoint_auth_method is not open"),
        (json!({"response_types": ["code id_token"]}), "response_types is not open"),
        (json!({"id_token_signed_response_alg": "ES256"}), "id_token_signed_response_alg is not open"),
    ] {
        let said = refused(&narrow, &changes).1;
        assert!(said.contains(words), "{changes}: {said}");
    }
    let client =
        registered(&narrow, &json!({"redirect_uris": ["https://a.fund.example/cb"], "scope": "openid email phone admin"}));
    assert_eq!(client.scope.to_string(), "openid email", "what is not open is not registered, and the answer says so");
    let schemes = Policy { redirect_schemes: vec!["ch.example.app".into()], ..open() };
    assert!(refused(&schemes, &json!({})).1.contains("scheme that is not open"));
    let testing = Policy { loopback: true, ..open() };
    let local =
        json!({"redirect_uris": ["http://localhost:8081/cb", "https://localhost:8443/cb"], "response_types": ["id_token"]});
    registered(&testing, &local);
}

#[test]
fn core_4_a_sign_in_that_begins_elsewhere_is_https_whatever_may_be_on_loopback() {
    let testing = Policy { loopback: true, ..open() };
    for uri in ["http://localhost:8081/login", "http://127.0.0.1/login"] {
        let said = refused(&testing, &json!({"initiate_login_uri": uri}));
        assert_eq!(said, ("invalid_client_metadata", "initiate_login_uri must be https".to_owned()), "{uri}");
    }
    registered(&testing, &json!({"initiate_login_uri": "https://localhost:8443/login"}));
}

#[test]
fn rfc7591_5_nobody_shows_pages_and_pictures_of_a_host_that_its_answers_do_not_go_to() {
    for key in ["client_uri", "logo_uri", "policy_uri", "tos_uri"] {
        for (uris, uri) in [
            (json!(["https://rp.example/cb"]), "https://flex.lindenhof.example/x"),
            (json!(["https://rp.example/cb"]), "https://rp.example.evil.example/x"),
            (json!(["ch.example.app:/cb"]), "https://rp.example/x"),
        ] {
            let native = uris[0].as_str().is_some_and(|uri| uri.starts_with("ch."));
            let kind = if native { "native" } else { "web" };
            let said = refused(&open(), &json!({"redirect_uris": uris, "application_type": kind, key: uri}));
            assert!(said.0 == "invalid_client_metadata" && said.1.starts_with(&format!("{key} must have the host")), "{said:?}");
        }
        registered(&open(), &json!({key: "https://rp.example:8443/x"}));
    }
}

#[test]
fn rfc7592_2_2_an_update_names_its_own_client_and_nothing_that_is_ours() {
    let check = |members: Value| check_update(members.as_object().unwrap(), "me");
    assert_eq!(check(json!({"client_id": "me", "client_secret": "s", "client_name": "x"})), Ok(()));
    for members in [
        json!({"client_id": "other"}),
        json!({"client_id": 1}),
        json!({"client_id": "me", "registration_access_token": "x"}),
        json!({"client_id": "me", "registration_client_uri": "x"}),
        json!({"client_id": "me", "client_secret_expires_at": 0}),
        json!({"client_id": "me", "client_id_issued_at": 0}),
    ] {
        assert_eq!(check(members.clone()).unwrap_err().code, Code::InvalidClientMetadata, "{members}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the time that passes is what is measured")]
fn oversized_members_are_refused_quickly() {
    let long = "x".repeat(60_000);
    let began = std::time::Instant::now();
    for changes in [
        json!({"client_name": long}),
        json!({"redirect_uris": [format!("https://rp.example/{long}")]}),
        json!({"redirect_uris": (0..3_000).map(|n| format!("https://rp.example/{n}")).collect::<Vec<_>>()}),
        json!({"scope": "openid ".repeat(8_000) + &"a ".repeat(4_000)}),
        json!({"jwks": {"keys": vec![json!({"kty": "RSA", "n": "AQ", "e": "AQ"}); 2_000]}}),
        json!({"contacts": vec!["a"; 9_000]}),
    ] {
        drop(read_with(&open(), &asked(&changes)));
    }
    assert!(began.elapsed().as_millis() < 6 * 50, "{:?}", began.elapsed());
    refused(&open(), &json!({"redirect_uris": (0..51).map(|n| format!("https://rp.example/{n}")).collect::<Vec<_>>()}));
}

#[test]
fn a_registration_has_room_for_what_is_honest_and_the_longest_member_is_named() {
    let keys = |length: usize| json!({"jwks": {"keys": [{"kty": "OKP", "pad": "x".repeat(length)}]}});
    let (code, words) = refused(&open(), &keys(16 * 1024));
    assert_eq!(code, "invalid_client_metadata");
    assert_eq!(words, "jwks is longer than 16384 bytes: publish the keys and name their jwks_uri");
    let uris: Vec<String> = (0..50).map(|nth| format!("https://rp.example/{nth:02}/{}", "x".repeat(800))).collect();
    let (code, words) = refused(&open(), &json!({"redirect_uris": uris}));
    assert_eq!(
        (code, words.as_str()),
        ("invalid_client_metadata", "redirect_uris is too long: a registration has at most 32768 bytes")
    );
    let uris: Vec<String> = (0..50).map(|nth| format!("https://rp.example/{nth:02}/{}", "x".repeat(500))).collect();
    assert_eq!(registered(&open(), &json!({"redirect_uris": uris})).redirect_uris.len(), 50);
}

#[test]
fn rfc7592_2_2_a_service_that_was_told_no_scope_gets_none_by_sending_it_back() {
    let policy = Policy {
        grant_types: vec![crate::client::GrantType::ClientCredentials],
        scope: Scope::parse("openid api").unwrap_or_default(),
        ..open()
    };
    let service = |scope: Value| {
        let mut asked = json!({"grant_types": ["client_credentials"], "token_endpoint_auth_method": "client_secret_basic"});
        asked["scope"] = scope;
        read_with(&policy, &asked).unwrap()
    };
    assert_eq!(service(json!(null)).scope.to_string(), "api", "what is left out has the default");
    let none = service(json!("unknown"));
    assert_eq!(none.scope.to_string(), "");
    assert_eq!(read_with(&policy, &Value::Object(told(&none).unwrap())).unwrap(), none);
}
