//! What clients register of themselves, the documents that speak for their sectors, and what is told of a person.

use super::text;
use poterne_protocol::claims::further::FurtherClaims;
use poterne_protocol::client::{ApplicationType, Client, ClientAuthMethod, GrantType, Mistake, SubjectType};
use poterne_protocol::error::RegistrationError;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::registration::{self, MEMBERS, Policy, Rules};
use poterne_protocol::scope::Scope;
use poterne_protocol::session_state::origin;
use serde_json::Value;
use std::sync::LazyLock;

/// As safe as can be; and of a realm for tests, which lets through what it may.
static POLICIES: LazyLock<[Policy; 2]> = LazyLock::new(|| {
    let scope = Scope::parse("openid profile email offline_access api").unwrap_or_default();
    let loose = Policy {
        require_pkce: false,
        public_subjects: true,
        loopback: true,
        grant_types: GrantType::ALL.to_vec(),
        scope,
        ..Policy::default()
    };
    [Policy::default(), loose]
});

pub(super) const REGISTRATIONS: &[&str] = &[
    r#"{"redirect_uris":["https://rp.example/cb"]}"#,
    r#"{"redirect_uris":["https://rp.example/cb","https://rp.example/2"],"client_name":"RP","client_name#de":"RP","grant_types":["authorization_code","implicit","refresh_token"],"response_types":["code","id_token token","code id_token"],"scope":"openid email offline_access unknown","contacts":["ops@rp.example"],"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]},"token_endpoint_auth_signing_alg":"ES256","id_token_encrypted_response_alg":"ECDH-ES","default_max_age":0,"require_auth_time":true,"default_acr_values":["a"],"logo_uri":"https://rp.example/l.png","client_uri":"https://rp.example/"}"#,
    r#"{"redirect_uris":["ch.example.app:/cb","http://127.0.0.1/cb"],"application_type":"native","token_endpoint_auth_method":"none"}"#,
    r#"{"redirect_uris":["https://a.example/cb","https://b.example/cb"],"sector_identifier_uri":"https://a.example/all.json","backchannel_logout_uri":"https://a.example/out","backchannel_logout_session_required":true,"frontchannel_logout_uri":"https://b.example/out","request_uris":["https://a.example/r#x"],"subject_type":"pairwise","jwks_uri":"https://a.example/k","userinfo_encrypted_response_alg":"RSA-OAEP-256","userinfo_signed_response_alg":"ES256","initiate_login_uri":"https://a.example/in","software_id":"x","software_version":"1","policy_uri":"https://a.example/p","tos_uri":"","post_logout_redirect_uris":null}"#,
    r#"{"grant_types":["client_credentials"],"scope":"api","token_endpoint_auth_method":"client_secret_jwt"}"#,
    r#"{"grant_types":["client_credentials"],"scope":"unknown","client_name":"  "}"#,
    r#"{"redirect_uris":["https:/rp.example/cb"],"post_logout_redirect_uris":["HTTPS://rp.example/bye","https:///rp.example/"]}"#,
    r#"{"redirect_uris":["http://localhost:8081/cb"],"response_types":["token"],"grant_types":["implicit"],"software_statement":"a.b.c"}"#,
    r#"{"redirect_uris":["https://rp.example/cb"],"first_party":true,"populations":["insured"],"sector":"lindenhof","require_pkce":false,"access_token_seconds":999999}"#,
];

/// What is registered has no mistakes and nothing that only an operator gives; told to its client and sent back it is the same
/// registration. What is refused is refused with the member's name.
pub(super) fn client_registration(data: &[u8]) {
    let members = match registration::members(data) {
        Ok(members) => members,
        Err(error) => return assert!(error.description.as_str().contains("body")),
    };
    let (algorithms, taken) = ([Algorithm::Rs256, Algorithm::Es256], ["rp.example".to_owned(), "lindenhof".to_owned()]);
    for policy in &*POLICIES {
        let taken_sectors = if policy.loopback { &[][..] } else { taken.get(1..).unwrap_or_default() };
        let rules = Rules { policy, algorithms: &algorithms, client_id: "made-by-us", taken_sectors };
        match registration::read(members.clone(), &rules) {
            Ok(client) => holds(&client, &rules),
            Err(error) => names_a_member(&error),
        }
        let strict = Rules { taken_sectors: &taken, ..rules };
        if let Ok(client) = registration::read(members.clone(), &strict) {
            let pairwise = client.subject_type == SubjectType::Pairwise;
            assert!(!pairwise || client.sector().is_none_or(|sector| !taken.contains(&sector)), "{client:?}");
        }
    }
    let update = registration::check_update(&members, "made-by-us");
    assert!(update.is_err() || members.get("client_id").is_none_or(|id| id == "made-by-us"));
}

fn holds(client: &Client, rules: &Rules<'_>) {
    let mistakes = client.check();
    let harmless = |mistake: &Mistake| rules.policy.loopback && matches!(mistake, Mistake::ImplicitInTheOpen(_));
    assert!(mistakes.iter().all(harmless), "{mistakes:?}");
    assert!(
        !client.first_party && client.populations.is_empty() && client.resources.is_empty() && client.serves_resources.is_empty()
    );
    assert!(client.sector.as_ref().is_none_or(|sector| sector == "made-by-us") && client.client_id == "made-by-us");
    assert!(
        client.scope.is_within(&rules.policy.scope)
            && rules.policy.grant_types.contains(client.grant_types.first().unwrap_or(&GrantType::AuthorizationCode))
    );
    assert!(client.require_pkce || !rules.policy.require_pkce && client.token_endpoint_auth_method != ClientAuthMethod::None);
    assert!(rules.policy.public_subjects || client.subject_type == SubjectType::Pairwise);
    client.redirect_uris.iter().for_each(|uri| is_fine(uri, client, rules.policy));
    let json = serde_json::to_string(client).unwrap_or_default();
    assert!(serde_json::from_str::<Client>(&json).is_ok_and(|again| again == *client), "{json}");
    let told = registration::told(client).unwrap_or_default();
    assert!(told.keys().all(|name| MEMBERS.contains(&name.as_str()) || name == "client_id"), "{told:?}");
    assert!(registration::check_update(&told, "made-by-us").is_ok());
    let again = registration::read(told, rules);
    assert!(again.as_ref() == Ok(client), "{json} comes back as {again:?}");
}

/// https, or what is for native clients, or for tests; and its origin may stand in a policy of ours.
fn is_fine(uri: &str, client: &Client, policy: &Policy) {
    let native = client.application_type == ApplicationType::Native;
    let at_home = uri.starts_with("http://") && (native || policy.loopback);
    assert!(uri.starts_with("https://") || at_home || native && !uri.starts_with("http:"), "{uri:?}");
    assert!(!uri.contains(|c: char| !c.is_ascii_graphic()) && !uri.contains('#'), "{uri:?}");
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:/[]".contains(c);
    assert!(origin(uri).is_none_or(|origin| origin.chars().all(plain)), "{uri:?}");
}

fn names_a_member(error: &RegistrationError) {
    let words = error.description.as_str();
    let more = ["software_statement", "request_object_encryption_alg", "request_object_encryption_enc"];
    assert!(MEMBERS.iter().chain(&more).any(|name| words.contains(name)), "{words:?}");
    assert!(words.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)), "{words:?}");
}

pub(super) const SECTORS: &[&str] = &[
    r#"["https://a.example/cb","https://b.example/cb","https://c.example/cb"]"#,
    r#"["https://a.example/cb","https:\/\/b.example\/cb"]"#,
    r#"["https://a.example/cb/",1]"#,
    r#"{"redirect_uris":[]}"#,
    "[]",
];

/// A sector speaks for exactly what stands in its list.
pub(super) fn sector_document(data: &[u8]) {
    let wanted = ["https://a.example/cb", "https://b.example/cb"].map(str::to_owned);
    let listed = serde_json::from_slice::<Value>(data).ok().and_then(|value| Some(value.as_array()?.clone())).unwrap_or_default();
    let all = !listed.is_empty() && listed.iter().all(Value::is_string);
    let expected = all && wanted.iter().all(|uri| listed.iter().any(|entry| entry == uri));
    let said = registration::check_sector(data, &wanted);
    assert_eq!(said.is_ok(), expected, "{said:?}");
    assert!(said.err().is_none_or(|error| error.description.as_str().contains("sector_identifier_uri")));
}

pub(super) const PERSON_CLAIMS: &[&str] = &[
    r#"{"nickname":"Mimi","website":"https://mimi.example/","birthdate":"0000-03-12","zoneinfo":"Europe/Zurich","address":{"formatted":"Rue 1\n1000 Lausanne"},"phone_number":"+41791234501","phone_number_verified":true}"#,
    r#"{"picture":"javascript:alert(1)","birthdate":"2026-02-30","zoneinfo":"Mars/Base","gender":" ","middle_name":"a\nb"}"#,
    r#"{"birthdate":"+1984-3-12","phone_number":"079","website":" https:/x"}"#,
];

/// What may be told of a person reads as itself, and has no address that a page would run.
pub(super) fn person_claims(data: &[u8]) {
    let Some(Ok(claims)) = text(data).map(serde_json::from_str::<FurtherClaims>) else { return };
    let json = serde_json::to_string(&claims).unwrap_or_default();
    assert!(serde_json::from_str::<FurtherClaims>(&json).is_ok_and(|again| again == claims), "{json}");
    let mistakes = claims.check();
    assert!(mistakes.iter().all(|mistake| !mistake.name.is_empty() && !mistake.fault.is_empty()));
    if mistakes.is_empty() {
        for page in [&claims.profile, &claims.picture, &claims.website].into_iter().flatten() {
            let lower = page.to_ascii_lowercase();
            assert!(lower.starts_with("https://") || lower.starts_with("http://"), "{page:?}");
        }
        let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        let phone = claims.phone_number.as_deref().map(|number| number.split_once(";ext=").map_or(number, |(number, _)| number));
        assert!(
            phone.is_none_or(|number| number.strip_prefix('+').is_some_and(|number| digits(number, number.len()))),
            "{phone:?}"
        );
        let parts: Vec<&str> = claims.birthdate.as_deref().unwrap_or("0000").split('-').collect();
        let is_date = matches!(parts.as_slice(), [year] if digits(year, 4))
            || matches!(parts.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2));
        assert!(is_date, "{parts:?}");
    }
}
