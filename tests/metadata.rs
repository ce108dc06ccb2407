//! Discovery and the tests: every member of the metadata is exercised by a test that is named here, and every endpoint there is has a
//! member. A member without an entry fails, and so does an entry whose test is gone.

use crate::support::world::World;
use poterne_idp::{RealmDocument, routes_of_a_realm};
use serde_json::Value;
use std::path::Path;

/// Of every member: the file and the test that exercises what it says.
const SHOWN: &[(&str, &str, &str)] = &[
    ("acr_values_supported", "tests/flows/claims.rs", "core_5_5_1_1_a_level_is_insisted_on"),
    ("authorization_endpoint", "tests/interop/openid-client.test.mjs", "code with PKCE and client_secret_basic"),
    ("authorization_response_iss_parameter_supported", "tests/interop/test_authlib.py", "test_code_with_basic_and_with_post"),
    ("backchannel_logout_session_supported", "tests/interop/openid-client.test.mjs", "back-channel logout brings a logout token"),
    ("backchannel_logout_supported", "tests/interop/openid-client.test.mjs", "back-channel logout brings a logout token"),
    ("check_session_iframe", "idp/src/oidc/check_session/rules.rs", "session_management_3_3_the_page_is_framed_by_https_origins"),
    ("claim_types_supported", "tests/interop/test_authlib.py", "test_code_with_basic_and_with_post"),
    ("claims_parameter_supported", "tests/flows/claims.rs", "core_5_5_claims_are_asked_for_by_name_and_stay_with_the_grant"),
    ("claims_supported", "tests/interop/openid-client.test.mjs", "userinfo has every standard claim"),
    ("code_challenge_methods_supported", "idp/protocol/src/pkce.rs", "rfc7636_4_3_only_s256_is_accepted"),
    ("display_values_supported", "idp/protocol/src/authorize/request_tests.rs", "core_3_1_2_1_wishes_never_cause_an_error"),
    ("end_session_endpoint", "tests/interop/openid-client.test.mjs", "RP-initiated logout leads back with state"),
    ("frontchannel_logout_session_supported", "tests/flows/logout.rs", "front_channel_3_the_other_portals_pages_are_loaded"),
    ("frontchannel_logout_supported", "tests/flows/logout.rs", "front_channel_3_the_other_portals_pages_are_loaded"),
    ("grant_types_supported", "tests/flows/services.rs", "rfc6749_4_4_a_service_gets_a_token_for_itself_and_none_for_people"),
    ("id_token_encryption_alg_values_supported", "tests/interop/openid-client.test.mjs", "ID token and userinfo encrypted with"),
    ("id_token_encryption_enc_values_supported", "tests/interop/openid-client.test.mjs", "ID token and userinfo encrypted with"),
    ("id_token_signing_alg_values_supported", "tests/interop/openid-client.test.mjs", "ID token and userinfo in ${alg}"),
    ("introspection_endpoint", "tests/interop/openid-client.test.mjs", "introspection and revocation"),
    ("introspection_endpoint_auth_methods_supported", "tests/interop/test_authlib.py", "test_introspection_and_revocation"),
    ("issuer", "tests/conform.rs", "a_conformance_run_starts_from_nothing_alice_signs_in"),
    ("jwks_uri", "tests/conform.rs", "the_key_set_follows_a_rotation"),
    ("prompt_values_supported", "idp/protocol/src/authorize/step_tests.rs", "core_3_1_2_3_who_is_asked_to_sign_in"),
    ("registration_endpoint", "tests/interop/openid-client.test.mjs", "a client registers itself"),
    ("request_object_signing_alg_values_supported", "tests/interop/openid-client.test.mjs", "a signed request object"),
    ("request_parameter_supported", "tests/interop/test_authlib.py", "test_a_request_object_says_what_counts"),
    ("request_uri_parameter_supported", "tests/interop/openid-client.test.mjs", "a request object by request_uri"),
    (
        "require_request_uri_registration",
        "idp/src/oidc/tests/request_objects.rs",
        "core_6_2_a_signed_request_by_reference_is_fetched",
    ),
    ("response_modes_supported", "tests/flows/answers.rs", "a_long_state_comes_back_as_it_was_in_every_mode"),
    ("response_types_supported", "tests/interop/test_authlib.py", "test_hybrid_and_implicit_answers"),
    ("revocation_endpoint", "tests/interop/openid-client.test.mjs", "introspection and revocation"),
    ("revocation_endpoint_auth_methods_supported", "tests/interop/test_authlib.py", "test_introspection_and_revocation"),
    ("scopes_supported", "tests/interop/test_authlib.py", "test_code_with_basic_and_with_post"),
    ("subject_types_supported", "idp/src/oidc/token/tests.rs", "portals_of_different_sectors_know_the_same_person"),
    ("token_endpoint", "tests/interop/openid-client.test.mjs", "code with PKCE and client_secret_basic"),
    ("token_endpoint_auth_methods_supported", "tests/interop/openid-client.test.mjs", "client_secret_jwt"),
    (
        "token_endpoint_auth_signing_alg_values_supported",
        "tests/interop/openid-client.test.mjs",
        "private_key_jwt, a signed request",
    ),
    ("ui_locales_supported", "tests/flows/languages.rs", "the_browser_the_portal_and_the_switch_choose_the_language"),
    ("userinfo_encryption_alg_values_supported", "tests/interop/test_authlib.py", "test_signed_and_encrypted_userinfo"),
    ("userinfo_encryption_enc_values_supported", "tests/interop/test_authlib.py", "test_signed_and_encrypted_userinfo"),
    ("userinfo_endpoint", "tests/interop/openid-client.test.mjs", "userinfo has every standard claim"),
    ("userinfo_signing_alg_values_supported", "tests/interop/openid-client.test.mjs", "ID token and userinfo in ${alg}"),
];

/// The metadata of a realm that has everything on.
async fn metadata(world: &World) -> Value {
    let text = world.document().to_toml().expect("TOML");
    let text = text.replacen("languages =", "session_management = true\nlanguages =", 1);
    let document = RealmDocument::parse(&format!("{text}\n[registration]\nopen = true\n")).expect("a document");
    world.manage().apply_realm(document).await.expect("it is applied");
    world.one_e().get("/.well-known/openid-configuration").await.json
}

#[tokio::test]
async fn every_member_of_the_metadata_is_exercised_by_a_test_that_is_there() {
    let world = World::on_sqlite().await;
    let metadata = metadata(&world).await;
    let members = metadata.as_object().expect("an object");
    let missing: Vec<_> = members.keys().filter(|member| !SHOWN.iter().any(|(shown, ..)| shown == member)).collect();
    assert!(missing.is_empty(), "no test is named for {missing:?}");
    for (member, file, test) in SHOWN {
        assert!(members.contains_key(member), "{member} is not in the metadata any more");
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file);
        assert!(text.contains(test), "{member}: {file} has no {test}");
    }
}

#[tokio::test]
async fn every_endpoint_that_clients_call_is_advertised() {
    let world = World::on_sqlite().await;
    let metadata = metadata(&world).await;
    let members = metadata.as_object().expect("an object");
    let advertised: Vec<&str> = members.values().filter_map(Value::as_str).collect();
    // Where a registration is managed stands in the answer to it (RFC 7592 section 3).
    let elsewhere = |path: &str| path.starts_with("/.well-known") || path.starts_with("/register/");
    let outside = |path: &str| path != "/" && !path.starts_with("/ui/") && !path.starts_with("/assets");
    for path in routes_of_a_realm().iter().filter(|path| outside(path) && !elsewhere(path)) {
        let url = format!("{}{path}", world.issuer);
        assert!(advertised.contains(&url.as_str()), "{path} is on and not in the metadata");
    }
}
