//! docs/PROTOCOL.md beside the code: its lists are complete, its example of the metadata is the metadata.

use crate::support::World;
use poterne_idp::{Policy, routes_of_a_realm};
use poterne_protocol::authorize::reply::ResponseMode;
use poterne_protocol::claims::level::Level;
use poterne_protocol::claims::{SUPPORTED, names_of, request};
use poterne_protocol::client::{ClientAuthMethod, GrantType, ResponseType};
use poterne_protocol::error::{AuthorizationErrorCode, BearerErrorCode, RegistrationErrorCode, TokenErrorCode};
use poterne_protocol::scope;
use serde_json::Value;

const PAGE: &str = include_str!("../docs/PROTOCOL.md");
const DOCUMENTED: &str = "https://id.example.ch/lindenhof";

/// The part of the page between two headings.
fn part(heading: &str) -> &'static str {
    let rest = PAGE.split(&format!("## {heading}\n")).nth(1).unwrap_or_else(|| panic!("no part {heading}"));
    rest.split("\n## ").next().unwrap_or_default()
}

/// What stands in backticks in the first column of the table below this heading row.
fn first_column(text: &str, head: &str) -> Vec<String> {
    let table = text.split(head).nth(1).unwrap_or_else(|| panic!("no table {head}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

fn sorted<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    names.sort();
    names
}

fn said(names: &[String]) -> Vec<String> {
    sorted(names.iter().map(String::as_str))
}

#[tokio::test]
async fn the_example_of_the_metadata_is_the_metadata() {
    let world = World::on_sqlite().await;
    let metadata = world.one_e().get("/.well-known/openid-configuration").await.json;
    let metadata = serde_json::to_string(&metadata).expect("JSON").replace(&world.issuer, DOCUMENTED);
    let metadata: Value = serde_json::from_str(&metadata).expect("JSON");
    let block = part("The issuer, and where everything is").split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
    let documented: Value = serde_json::from_str(block.expect("an example")).expect("JSON");
    let fresh = serde_json::to_string_pretty(&metadata).expect("JSON");
    assert_eq!(documented, metadata, "docs/PROTOCOL.md should have:\n{fresh}");
}

#[test]
fn endpoints_scopes_and_claims_are_complete() {
    let table = part("The issuer, and where everything is");
    assert!(routes_of_a_realm().contains(&"/ui/account") && table.contains("`/ui/account"), "the person's own account");
    let outside =
        routes_of_a_realm().iter().filter(|path| !path.starts_with("/ui/") && !path.starts_with("/assets") && **path != "/");
    for path in outside {
        let path = path.split("/{").next().unwrap_or_default();
        assert!(table.contains(&format!("`{path}`")), "{path} is missing on the page");
    }
    let scopes = part("Scopes and claims");
    assert_eq!(said(&first_column(scopes, "| scope | opens at userinfo |")), sorted(scope::SUPPORTED));
    for name in names_of("poterne").chain(names_of("email")).chain(["name", "given_name", "family_name", "locale"]) {
        assert!(SUPPORTED.contains(&name) && scopes.contains(&format!("`{name}`")), "{name}");
    }
    for name in ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"] {
        assert!(SUPPORTED.contains(&name) && part("The ID token").contains(&format!("`{name}`")), "{name}");
    }
    for level in Level::ALL {
        assert!(part("The ID token").contains(level.as_str()), "{}", level.as_str());
    }
}

#[test]
fn methods_and_grants_are_complete() {
    let methods = first_column(part("Being registered"), "| `token_endpoint_auth_method` | for | how |");
    assert_eq!(said(&methods), sorted(ClientAuthMethod::ALL.map(ClientAuthMethod::as_str)));
    for grant in GrantType::ALL {
        assert!(PAGE.contains(&format!("`{}`", grant.as_str())) || PAGE.contains(grant.as_str()), "{}", grant.as_str());
    }
}

#[test]
fn answers_are_complete() {
    let answers = part("Signing somebody in");
    let types = first_column(answers, "| `response_type` | brings | travels by |");
    assert_eq!(said(&types), sorted(ResponseType::ALL.map(ResponseType::as_str)));
    let modes = first_column(answers, "| `response_mode` | how |");
    assert_eq!(said(&modes), sorted(ResponseMode::ALL.map(ResponseMode::as_str)));
}

#[test]
fn every_error_that_is_given_is_on_the_page_and_no_other() {
    use AuthorizationErrorCode as Code;
    let errors = part("Errors");
    // What the specification knows and nothing of ours gives yet.
    let unused = [Code::AccountSelectionRequired];
    let given = Code::ALL.iter().filter(|code| !unused.contains(code)).map(|code| code.as_str());
    assert_eq!(said(&first_column(errors, "| `error` of the authorization endpoint | the mistake |")), sorted(given));
    let token = TokenErrorCode::ALL.iter().map(|code| code.as_str());
    assert_eq!(said(&first_column(errors, "| `error` of the token endpoint | status | the mistake |")), sorted(token));
    let registration = RegistrationErrorCode::ALL.iter().map(|code| code.as_str());
    let said_of_registration = first_column(part("Being registered"), "| `error` of registration | the mistake |");
    assert_eq!(said(&said_of_registration), sorted(registration));
    let bearer = BearerErrorCode::ALL.iter().map(|code| code.as_str());
    assert_eq!(said(&first_column(errors, "| `error` of userinfo | status | the mistake |")), sorted(bearer));
}

#[test]
fn lifetimes_are_those_of_the_policy() {
    let policy = Policy::default();
    let minute = 60;
    for (row, seconds) in [
        ("| authorization code | 1 minute,", (policy.authorization_code_seconds, minute)),
        ("| access token | 5 minutes |", (policy.access_token_seconds, 5 * minute)),
        ("| ID token | 5 minutes |", (policy.id_token_seconds, 5 * minute)),
        ("| refresh token | 30 days,", (policy.refresh_token_seconds, 30 * 24 * 60 * minute)),
        ("| session at the provider | 12 hours, 1 hour", (policy.session_seconds, 12 * 60 * minute)),
    ] {
        assert!(part("Access and refresh tokens").contains(row), "{row}");
        assert_eq!(seconds.0, seconds.1, "{row}");
    }
    assert_eq!((policy.session_idle_seconds, policy.key_lead_seconds), (60 * minute, 60 * minute));
}

#[test]
fn the_example_of_claims_is_understood() {
    let block = PAGE.split("```json claims\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let registered = scope::Scope::parse("openid email poterne").expect("scopes");
    let asked = request::parse(block, &registered).expect("a request for claims");
    assert_eq!(asked.wanted.id_token.into_iter().collect::<Vec<_>>(), ["urn:poterne:population"]);
    assert_eq!(asked.wanted.userinfo.into_iter().collect::<Vec<_>>(), ["email"]);
    assert_eq!(asked.levels, Some(vec![Level::Multi]));
}

/// The client of the page is one that the fund's document takes.
#[test]
fn the_example_of_a_client_is_accepted() {
    let client =
        part("Being registered").split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let fund = include_str!("../examples/lindenhof.toml");
    let without_clients = fund.split("[[client]]").next().expect("a fund");
    let read = poterne_idp::RealmDocument::parse(&format!("{without_clients}\n{client}"));
    assert_eq!(read.expect("a document").clients.len(), 1);
}

/// Who asks where the rule is finds it: every file of the table of profiles is there, and every profile.
#[test]
fn the_rules_of_the_certification_profiles_are_where_the_page_says() {
    let table = part("By certification profile");
    let profiles = [
        "basic",
        "implicit",
        "hybrid",
        "form post (basic, implicit, hybrid)",
        "config",
        "dynamic",
        "third-party-initiated login",
        "RP-initiated logout",
        "session management",
        "front-channel logout",
        "back-channel logout",
    ];
    for profile in profiles {
        assert!(table.contains(&format!("\n| {profile} | ")), "{profile}");
    }
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
    for row in rows {
        let rule = row.split('|').nth(4).unwrap_or_else(|| panic!("no rule in {row}"));
        let files: Vec<&str> = rule.split('`').skip(1).step_by(2).collect();
        assert!(!files.is_empty(), "no file in {row}");
        for file in files {
            assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file).is_file(), "{file} of {row}");
        }
    }
}
