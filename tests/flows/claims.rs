//! What relying parties learn of a person: the fund's own claims by scope or by name, levels that are insisted on, and what a host adds.

use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::subjects::Subject;
use crate::support::{World, flows};
use poterne_idp::RealmDocument;
use serde_json::{Value, json};

const POPULATION: &str = "urn:poterne:population";
const ORG: &str = "urn:poterne:org";

/// Takes the scope `poterne` from every client's registration.
async fn without_the_scope(world: &World) {
    let mut document = world.document();
    for client in &mut document.clients {
        client.scope = client.scope.clone().without("poterne");
    }
    world.manage().apply_realm(document).await.expect("it is applied");
}

/// The answers of token endpoint and userinfo for whoever just came back to the portal.
async fn learnt(portal: &Portal, page: &crate::support::browser::Page) -> (Value, Value) {
    let tokens = portal.tokens_from(page).await;
    let info = portal.userinfo(&tokens.text("access_token")).await;
    assert_eq!(info.status, 200, "{info:?}");
    (payload(&tokens.text("id_token")), info.json)
}

/// Marie, who is signed in.
async fn marie(world: &World, portal: &Portal) -> crate::support::browser::Browser {
    let marie = world.invite(Person::marie()).await;
    let mut browser = world.browser();
    browser.enroll_by_sms(world, &marie, portal).await;
    browser
}

fn asked(claims: &Value) -> String {
    claims.to_string()
}

flows! {
    async fn the_scope_poterne_tells_the_population_of_an_insured_person(world) {
        let flex = world.flex().await;
        let mut browser = marie(world, &flex).await;
        browser.visit(&flex.sign_in_with(&[("scope", "openid poterne")])).await;
        let (id_token, info) = learnt(&flex, &browser.page).await;
        assert_eq!(info[POPULATION], "insured", "{info}");
        assert!(info.get(ORG).is_none(), "nobody but herself: {info}");
        assert!(id_token.get(POPULATION).is_none(), "userinfo has it: {id_token}");
        browser.visit(&flex.sign_in_with(&[("scope", "openid")])).await;
        let (_, info) = learnt(&flex, &browser.page).await;
        assert!(info.get(POPULATION).is_none(), "{info}");
    }

    async fn the_scope_poterne_tells_the_organisation_of_an_employers_administrator(world) {
        let (bakery, portal, mut browser) = (world.send_code_to(Subject::boulangerie()).await, world.employers().await, world.browser());
        browser.enroll_as_by_sms(world, &bakery, &portal).await;
        browser.visit(&portal.sign_in_with(&[("scope", "openid profile poterne")])).await;
        let (_, info) = learnt(&portal, &browser.page).await;
        assert_eq!(info[POPULATION], "employer", "{info}");
        assert_eq!(info[ORG], json!({"registry_no": "E10428", "name": "Boulangerie du Lac Sàrl"}));
        assert_eq!(info["name"], "Sophie Rochat", "the person keeps her own name: {info}");
        let by_name = asked(&json!({"id_token": {ORG: null, POPULATION: {"essential": true}}}));
        browser.visit(&portal.sign_in_with(&[("scope", "openid"), ("claims", &by_name)])).await;
        let (id_token, info) = learnt(&portal, &browser.page).await;
        assert_eq!(id_token[ORG]["registry_no"], "E10428", "{id_token}");
        assert_eq!(id_token[POPULATION], "employer", "{id_token}");
        assert!(info.get(ORG).is_none(), "asked for in the ID token alone: {info}");
    }

    async fn core_5_5_claims_are_asked_for_by_name_and_stay_with_the_grant(world) {
        let one_e = world.one_e();
        let mut browser = marie(world, &one_e).await;
        let by_name = asked(&json!({"id_token": {POPULATION: null, "given_name": null, "picture": null}, "userinfo": {"email": null}}));
        browser.visit(&one_e.sign_in_with(&[("scope", "openid"), ("claims", &by_name)])).await;
        let tokens = one_e.tokens_from(&browser.page).await;
        let id_token = payload(&tokens.text("id_token"));
        assert_eq!((&id_token[POPULATION], &id_token["given_name"]), (&json!("insured"), &json!("Marie")), "{id_token}");
        assert!(id_token.get("picture").is_none() && id_token.get("email").is_none() && id_token.get("name").is_none(), "{id_token}");
        let info = one_e.userinfo(&tokens.text("access_token")).await.json;
        assert_eq!(info["email"], "marie@post.example");
        assert!(info.get("name").is_none() && info.get(POPULATION).is_none(), "{info}");
        world.wait(60);
        let fresh = one_e.refresh(&tokens.text("refresh_token")).await;
        assert_eq!(payload(&fresh.text("id_token"))[POPULATION], "insured", "{fresh:?}");
        assert_eq!(one_e.userinfo(&fresh.text("access_token")).await.json["email"], "marie@post.example");
    }

    async fn a_client_that_is_not_registered_for_the_scope_gets_neither_claim(world) {
        without_the_scope(world).await;
        let flex = world.flex().await;
        let mut browser = marie(world, &flex).await;
        let by_name = asked(&json!({"id_token": {POPULATION: null, ORG: {"essential": true}}, "userinfo": {POPULATION: null}}));
        browser.visit(&flex.sign_in_with(&[("scope", "openid poterne"), ("claims", &by_name)])).await;
        let tokens = flex.tokens_from(&browser.page).await;
        assert_eq!(tokens.text("scope"), "openid");
        for said in [payload(&tokens.text("id_token")), flex.userinfo(&tokens.text("access_token")).await.json] {
            assert!(said.get(POPULATION).is_none() && said.get(ORG).is_none(), "{said}");
        }
    }

    async fn claims_that_cannot_be_read_are_an_error_at_the_portal(world) {
        let (flex, mut browser) = (world.flex().await, world.browser());
        for bad in ["email", "[]", r#"{"id_token":{"email":true}}"#, r#"{"userinfo":{"acr":{"essential":1}}}"#] {
            browser.visit(&flex.sign_in_with(&[("claims", bad)])).await;
            let error = (browser.page.parameter("error"), browser.page.parameter("code"));
            assert_eq!(error, (Some("invalid_request".into()), None), "{bad}");
        }
    }

    async fn core_5_5_1_1_a_level_is_insisted_on(world) {
        let flex = world.flex().await;
        let mut browser = marie(world, &flex).await;
        let level = |name: &str| asked(&json!({"id_token": {"acr": {"essential": true, "values": [format!("urn:poterne:level:{name}")]}}}));
        browser.visit(&flex.sign_in_with(&[("claims", &level("multi"))])).await;
        let (id_token, _) = learnt(&flex, &browser.page).await;
        assert_eq!(id_token["acr"], "urn:poterne:level:multi");
        browser.visit(&flex.sign_in_with(&[("claims", &level("gold"))])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("unmet_authentication_requirements"));
        for prompt in ["", "none"] {
            browser.visit(&flex.sign_in_with(&[("claims", &level("phishing-resistant")), ("prompt", prompt)])).await;
            assert_eq!(browser.page.parameter("error").as_deref(), Some("unmet_authentication_requirements"), "nobody here can");
        }
    }

    async fn core_5_5_1_a_sub_with_a_value_is_the_only_one_that_will_do(world) {
        let flex = world.flex().await;
        let mut browser = marie(world, &flex).await;
        browser.visit(&flex.sign_in()).await;
        let (id_token, _) = learnt(&flex, &browser.page).await;
        let sub = |value: &Value| asked(&json!({"id_token": {"sub": {"value": value}}}));
        browser.visit(&flex.sign_in_with(&[("claims", &sub(&id_token["sub"])), ("prompt", "none")])).await;
        assert!(browser.page.parameter("code").is_some(), "{}", browser.page.url);
        browser.visit(&flex.sign_in_with(&[("claims", &sub(&json!("somebody"))), ("prompt", "none")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("login_required"));
    }

    async fn the_metadata_lists_scope_claims_and_the_parameter(world) {
        let metadata = world.flex().await.get("/.well-known/openid-configuration").await.json;
        let lists = |list: &str, name: &str| metadata[list].as_array().is_some_and(|names| names.contains(&json!(name)));
        assert!(lists("scopes_supported", "poterne"), "{metadata}");
        assert!(lists("claims_supported", POPULATION) && lists("claims_supported", ORG), "{metadata}");
        assert_eq!(metadata["claims_parameter_supported"], true);
    }

    async fn a_realm_whose_clients_have_the_scope_is_written_and_read_again(world) {
        let text = world.document().to_toml().expect("TOML");
        assert_eq!(RealmDocument::parse(&text).expect("a document"), world.document());
        assert!(text.contains("openid email poterne profile"), "the example clients may ask for it: {text}");
    }
}
