//! The decision, as a table.

use super::*;
use crate::authorize::request::parse;
use crate::client::tests::portal;
use crate::scope::Scope;
use crate::wire::Params;
use serde_json::json;

const NOW: i64 = 10_000;

fn request(more: &str) -> AuthorizationRequest {
    let query =
        format!("client_id=flex&redirect_uri=https%3A%2F%2Fflex.example%2Fcb&response_type=code&scope=openid%20email{more}");
    parse(&Params::parse(query.as_bytes()).unwrap(), &portal(&json!({"require_pkce": false}))).unwrap()
}

/// Marie, signed in so many seconds ago.
#[expect(clippy::unnecessary_wraps, reason = "the tables hold sessions and their absence")]
fn marie(seconds_ago: i64) -> Option<SessionFacts<'static>> {
    Some(SessionFacts {
        subject: "marie",
        authenticated_at: Timestamp::from_secs(NOW - seconds_ago),
        level: Level::Single,
        reachable: Level::Multi,
        served: true,
        terms_accepted: true,
    })
}

fn facts(session: Option<SessionFacts<'static>>) -> Facts<'static> {
    let (hint, highest, consent) = (Hint::None, Level::Multi, Consent::ByOperator);
    Facts { session, authenticated_in_flow_at: None, chosen_in_flow: false, hint, highest, consent }
}

fn step(more: &str, facts: &Facts<'_>) -> Step {
    next_step(&request(more), facts, Timestamp::from_secs(NOW))
}

fn code(step: &Step) -> Option<&'static str> {
    match step {
        Step::Refuse(error) => Some(error.code.as_str()),
        _ => None,
    }
}

#[test]
fn core_3_1_2_3_who_is_asked_to_sign_in() {
    for (more, session, expected) in [
        ("", None, Step::SignIn(SignIn::Fresh)),
        ("", marie(9000), Step::Finish),
        ("&prompt=login", None, Step::SignIn(SignIn::Fresh)),
        ("&prompt=login", marie(0), Step::SignIn(SignIn::Reauthenticate)),
        ("&prompt=select_account", marie(0), Step::SignIn(SignIn::SelectAccount)),
        ("&prompt=select_account", None, Step::SignIn(SignIn::SelectAccount)),
        ("&prompt=login%20select_account", None, Step::SignIn(SignIn::Fresh)),
        ("&prompt=login%20select_account", marie(0), Step::SignIn(SignIn::Reauthenticate)),
        ("&prompt=create", None, Step::SignIn(SignIn::Create)),
        ("&prompt=create", marie(0), Step::SignIn(SignIn::Create)),
        ("&max_age=60", marie(60), Step::Finish),
        ("&max_age=60", marie(61), Step::SignIn(SignIn::Reauthenticate)),
        ("&max_age=0", marie(0), Step::SignIn(SignIn::Reauthenticate)),
        ("&max_age=60", marie(-5), Step::Finish),
        ("&prompt=none", marie(9000), Step::Finish),
    ] {
        assert_eq!(step(more, &facts(session)), expected, "{more} {session:?}");
    }
}

#[test]
fn core_3_1_2_6_prompt_none_never_leads_to_a_page() {
    for (more, session, hint, expected) in [
        ("&prompt=none", None, Hint::None, "login_required"),
        ("&prompt=none&max_age=60", marie(61), Hint::None, "login_required"),
        ("&prompt=none&max_age=0", marie(0), Hint::None, "login_required"),
        ("&prompt=none", marie(0), Hint::Subject("sophie"), "login_required"),
        ("&prompt=none", None, Hint::Subject("marie"), "login_required"),
        ("&prompt=none", marie(0), Hint::Unreadable, "login_required"),
    ] {
        let facts = Facts { hint, ..facts(session) };
        assert_eq!(code(&step(more, &facts)), Some(expected), "{more} {session:?} {hint:?}");
    }
    let unasked = Facts { consent: Consent::Earlier(None), ..facts(marie(0)) };
    assert_eq!(code(&step("&prompt=none", &unasked)), Some("consent_required"));
}

#[test]
fn a_sign_in_of_this_flow_satisfies_prompt_and_max_age() {
    let at = |seconds_ago| Some(Timestamp::from_secs(NOW - seconds_ago));
    for more in ["&prompt=login", "&max_age=0", "&max_age=1", "&prompt=create", "&prompt=select_account"] {
        let done = Facts { authenticated_in_flow_at: at(20), ..facts(marie(20)) };
        assert_eq!(step(more, &done), Step::Finish, "{more}");
        let older = Facts { authenticated_in_flow_at: at(20), ..facts(marie(21)) };
        assert!(matches!(step(more, &older), Step::SignIn(_)), "{more}: an older session is not what was proven here");
    }
    let ended = Facts { authenticated_in_flow_at: at(20), ..facts(None) };
    assert_eq!(step("&prompt=create", &ended), Step::SignIn(SignIn::Fresh));
}

#[test]
fn core_3_1_2_1_a_choice_of_this_flow_satisfies_select_account_and_nothing_else() {
    let chosen = |session| Facts { chosen_in_flow: true, ..facts(session) };
    assert_eq!(step("&prompt=select_account", &chosen(marie(9000))), Step::Finish);
    assert_eq!(step("&prompt=select_account&max_age=60", &chosen(marie(61))), Step::SignIn(SignIn::Reauthenticate));
    assert_eq!(step("&prompt=select_account%20login", &chosen(marie(0))), Step::SignIn(SignIn::Reauthenticate));
    assert_eq!(step("&prompt=select_account", &chosen(None)), Step::SignIn(SignIn::Fresh), "the session has ended meanwhile");
}

#[test]
fn core_3_1_2_1_id_token_hint_of_somebody_else_is_login_required() {
    for (session, hint, expected) in [
        (marie(0), Hint::Subject("marie"), None),
        (marie(0), Hint::Subject("sophie"), Some("login_required")),
        (marie(0), Hint::Unreadable, None),
        (None, Hint::Subject("sophie"), None),
    ] {
        assert_eq!(code(&step("", &Facts { hint, ..facts(session) })), expected, "{hint:?}");
    }
    let other =
        Facts { hint: Hint::Subject("sophie"), authenticated_in_flow_at: Some(Timestamp::from_secs(NOW)), ..facts(marie(0)) };
    assert_eq!(code(&step("&prompt=login", &other)), Some("login_required"), "after signing in as another");
}

#[test]
fn core_3_1_2_4_consent_is_asked_once_and_again_when_the_scope_grows() {
    let agreed = |text| Agreed { scope: Scope::parse(text).unwrap(), ..Agreed::default() };
    let [narrow, wide] = ["openid", "openid email"].map(agreed);
    let named = Agreed { claims: ["name".to_owned()].into(), ..wide.clone() };
    let by_name = claims(&json!({"userinfo": {"name": null}}));
    let opened = claims(&json!({"id_token": {"email": null}}));
    for (more, consent, expected) in [
        ("", Consent::ByOperator, Step::Finish),
        ("&prompt=consent", Consent::ByOperator, Step::Finish),
        ("", Consent::Earlier(None), Step::Consent),
        ("", Consent::Earlier(Some(&narrow)), Step::Consent),
        ("", Consent::Earlier(Some(&wide)), Step::Finish),
        (&by_name, Consent::Earlier(Some(&wide)), Step::Consent),
        (&by_name, Consent::Earlier(Some(&named)), Step::Finish),
        (&opened, Consent::Earlier(Some(&wide)), Step::Finish),
        ("&prompt=consent", Consent::Earlier(Some(&wide)), Step::Consent),
        ("&prompt=consent", Consent::InFlow, Step::Finish),
    ] {
        assert_eq!(step(more, &Facts { consent, ..facts(marie(0)) }), expected, "{more} {consent:?}");
    }
}

#[test]
fn a_person_of_another_population_is_told_where_to_go() {
    let session = marie(0).map(|session| SessionFacts { served: false, terms_accepted: false, ..session });
    assert_eq!(step("", &facts(session)), Step::NotServed);
    assert_eq!(code(&step("&prompt=none", &facts(session))), Some("access_denied"));
}

#[test]
fn x_07_terms_are_accepted_before_the_client_gets_anything() {
    let session = marie(0).map(|session| SessionFacts { terms_accepted: false, ..session });
    assert_eq!(step("", &facts(session)), Step::AcceptTerms);
    assert_eq!(code(&step("&prompt=none", &facts(session))), Some("interaction_required"));
}

/// The parameter `claims`, as a query has it.
fn claims(asked: &serde_json::Value) -> String {
    url::form_urlencoded::Serializer::new(String::from("&")).append_pair("claims", &asked.to_string()).finish()
}

#[test]
fn core_5_5_1_1_an_essential_level_is_reached_or_refused() {
    let level = |values: &[&str]| claims(&json!({"id_token": {"acr": {"essential": true, "values": values}}}));
    let (single, multi) = (Level::Single.as_str(), Level::Multi.as_str());
    let here = |at: i64| Facts { authenticated_in_flow_at: Some(Timestamp::from_secs(NOW - at)), ..facts(marie(at)) };
    assert_eq!(step(&level(&[single]), &facts(marie(9))), Step::Finish);
    assert_eq!(step(&level(&[multi, single]), &facts(marie(9))), Step::Finish);
    assert_eq!(step(&level(&[multi]), &facts(None)), Step::SignIn(SignIn::Fresh));
    assert_eq!(step(&level(&[multi]), &facts(marie(9))), Step::SignIn(SignIn::Reauthenticate), "it may be reached");
    assert_eq!(code(&step(&level(&[multi]), &here(0))), Some("unmet_authentication_requirements"), "it was not");
    let strong = marie(9).map(|session| SessionFacts { level: Level::Multi, ..session });
    assert_eq!(step(&level(&[multi]), &facts(strong)), Step::Finish);
    let silent = format!("{}&prompt=none", level(&[multi]));
    assert_eq!(code(&step(&silent, &facts(marie(9)))), Some("login_required"));
    assert_eq!(code(&step(&level(&["urn:other:gold"]), &facts(None))), Some("unmet_authentication_requirements"));
    let phishing = level(&[Level::PhishingResistant.as_str()]);
    for session in [None, marie(9)] {
        assert_eq!(code(&step(&phishing, &facts(session))), Some("unmet_authentication_requirements"), "nobody here can");
    }
}

#[test]
fn core_3_1_2_1_a_wished_level_is_asked_for_once_and_never_refused() {
    let [single, multi, phishing] = [Level::Single, Level::Multi, Level::PhishingResistant].map(Level::as_str);
    let again = Step::SignIn(SignIn::Reauthenticate);
    let strong = marie(9).map(|session| SessionFacts { level: Level::Multi, ..session });
    let weak = marie(9).map(|session| SessionFacts { reachable: Level::Single, ..session });
    for (wished, session, expected) in [
        (vec![multi], marie(9), again.clone()),
        (vec![multi, single], marie(9), again.clone()),
        (vec![phishing, multi], marie(9), again),
        (vec![single, multi], marie(9), Step::Finish),
        (vec!["urn:other:gold"], marie(9), Step::Finish),
        (vec![phishing], marie(9), Step::Finish),
        (vec![multi], strong, Step::Finish),
        (vec![single], strong, Step::Finish),
        (vec![multi], weak, Step::Finish),
        (vec![multi], None, Step::SignIn(SignIn::Fresh)),
    ] {
        let asked = format!("&acr_values={}", wished.join("%20"));
        assert_eq!(step(&asked, &facts(session)), expected, "{wished:?}");
        let by_claims = claims(&json!({"id_token": {"acr": {"values": wished}}}));
        assert_eq!(step(&by_claims, &facts(session)), expected, "{wished:?}");
        if session.is_some() {
            assert_eq!(step(&format!("{asked}&prompt=none"), &facts(session)), Step::Finish, "{wished:?}");
        }
        let here = Facts { authenticated_in_flow_at: Some(Timestamp::from_secs(NOW - 9)), ..facts(marie(9)) };
        assert_eq!(step(&asked, &here), Step::Finish, "{wished:?}: it is answered with what was reached");
    }
}

#[test]
fn core_5_5_1_a_sub_with_a_value_lets_nobody_else_pass() {
    let asked = |sub: &str| claims(&json!({"id_token": {"sub": {"value": sub}}}));
    assert_eq!(step(&asked("marie"), &facts(marie(9))), Step::Finish);
    assert_eq!(code(&step(&asked("urs"), &facts(marie(9)))), Some("login_required"));
    assert_eq!(step(&asked("urs"), &facts(None)), Step::SignIn(SignIn::Fresh));
    let either = claims(&json!({"id_token": {"sub": {"values": ["urs", "marie"]}}}));
    assert_eq!(step(&either, &facts(marie(9))), Step::Finish);
    let nobody = claims(&json!({"id_token": {"sub": {"value": "urs"}}, "userinfo": {"sub": {"value": "marie"}}}));
    assert_eq!(code(&step(&nobody, &facts(marie(9)))), Some("login_required"));
}
