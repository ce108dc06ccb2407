//! Claims about a person by scope (OpenID Connect Core sections 5.1 and 5.4) or by name (section 5.5): what the person has, never null, never empty.

use super::request::Opened;
use super::{ORG, POPULATION};
use crate::time::Timestamp;
use openidconnect::core::CoreGenderClaim;
use openidconnect::{
    AdditionalClaims, EndUserBirthday, EndUserEmail, EndUserFamilyName, EndUserGivenName, EndUserName, EndUserPhoneNumber,
    EndUserTimezone, LanguageTag, StandardClaims, SubjectIdentifier, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The standard claims about a person.
pub type PersonClaims = StandardClaims<CoreGenderClaim>;

/// The JSON answer of the userinfo endpoint (OpenID Connect Core section 5.3.2).
pub type UserInfo = UserInfoClaims<MoreClaims, CoreGenderClaim>;

/// The organisation on whose behalf an account was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// The fund's own key for it.
    pub registry_no: String,
    /// Its name, as the fund writes it.
    pub name: String,
}

/// Claims beside the standard ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoreClaims {
    /// See [`POPULATION`].
    #[serde(rename = "urn:poterne:population", default, skip_serializing_if = "Option::is_none")]
    pub population: Option<String>,
    /// See [`ORG`].
    #[serde(rename = "urn:poterne:org", default, skip_serializing_if = "Option::is_none")]
    pub org: Option<Organisation>,
    /// What the host adds; see [`super::extra`].
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl AdditionalClaims for MoreClaims {}

/// What is known of a person. An empty text counts as unknown.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// First names.
    pub given_name: String,
    /// Last names.
    pub family_name: String,
    /// As OpenID writes it: `female`, `male` or another word.
    pub gender: String,
    /// `YYYY-MM-DD`.
    pub birthdate: String,
    /// A name of the time zone database.
    pub zoneinfo: String,
    /// A language tag.
    pub locale: String,
    /// When any of this last changed.
    pub updated_at: Option<Timestamp>,
    /// The address for mails.
    pub email: String,
    /// Whether the person has shown that mails reach them.
    pub email_verified: bool,
    /// E.164.
    pub phone_number: String,
    /// Whether the person has shown that messages reach them.
    pub phone_number_verified: bool,
    /// The key of the population that the account enrolled in.
    pub population: String,
    /// The organisation on whose behalf it did.
    pub organisation: Option<Organisation>,
}

/// The standard claims that are opened.
#[must_use]
pub fn claims(subject: &str, person: &Person, opened: Opened<'_>) -> PersonClaims {
    let mut claims = PersonClaims::new(SubjectIdentifier::new(subject.to_owned()));
    claims = profile(claims, person, opened);
    if let Some(email) = known(&person.email).filter(|_| opened.opens("email")) {
        claims = claims.set_email(Some(EndUserEmail::new(email)));
    }
    if known(&person.email).is_some() && opened.opens("email_verified") {
        claims = claims.set_email_verified(Some(person.email_verified));
    }
    if let Some(number) = known(&person.phone_number).filter(|_| opened.opens("phone_number")) {
        claims = claims.set_phone_number(Some(EndUserPhoneNumber::new(number)));
    }
    if known(&person.phone_number).is_some() && opened.opens("phone_number_verified") {
        claims = claims.set_phone_number_verified(Some(person.phone_number_verified));
    }
    claims
}

/// The claims beside the standard ones that are opened, and those of the host.
#[must_use]
pub fn more_claims(person: &Person, opened: Opened<'_>, extra: Map<String, Value>) -> MoreClaims {
    MoreClaims {
        population: known(&person.population).filter(|_| opened.opens(POPULATION)),
        org: person.organisation.clone().filter(|_| opened.opens(ORG)),
        extra,
    }
}

/// The userinfo answer for an access token's subject.
#[must_use]
pub fn user_info(subject: &str, person: &Person, opened: Opened<'_>, extra: Map<String, Value>) -> UserInfo {
    UserInfo::new(claims(subject, person, opened), more_claims(person, opened, extra))
}

fn profile(claims: PersonClaims, person: &Person, opened: Opened<'_>) -> PersonClaims {
    let text = |name: &str, value: &str| known(value).filter(|_| opened.opens(name));
    let name = format!("{} {}", person.given_name, person.family_name);
    let updated_at = person.updated_at.filter(|_| opened.opens("updated_at"));
    claims
        .set_name(text("name", &name).map(|text| EndUserName::new(text).into()))
        .set_given_name(text("given_name", &person.given_name).map(|text| EndUserGivenName::new(text).into()))
        .set_family_name(text("family_name", &person.family_name).map(|text| EndUserFamilyName::new(text).into()))
        .set_gender(text("gender", &person.gender).map(CoreGenderClaim::new))
        .set_birthdate(text("birthdate", &person.birthdate).map(EndUserBirthday::new))
        .set_zoneinfo(text("zoneinfo", &person.zoneinfo).map(EndUserTimezone::new))
        .set_locale(text("locale", &person.locale).map(LanguageTag::new))
        .set_updated_at(updated_at.and_then(|at| chrono::DateTime::from_timestamp(at.secs(), 0)))
}

fn known(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Scope;
    use serde_json::json;
    use std::collections::BTreeSet;

    fn marie() -> Person {
        Person {
            given_name: "Marie".into(),
            family_name: "Favre".into(),
            birthdate: "1984-03-12".into(),
            locale: "fr".into(),
            updated_at: Some(Timestamp::from_secs(1_700_000_000)),
            email: "marie@example.ch".into(),
            email_verified: true,
            phone_number: "+41791234567".into(),
            ..Person::default()
        }
    }

    fn shown(person: &Person, scope: &str) -> Value {
        named(person, scope, &[])
    }

    fn named(person: &Person, scope: &str, names: &[&str]) -> Value {
        let (scope, names) = (Scope::parse(scope).unwrap(), names.iter().map(|name| (*name).to_owned()).collect());
        serde_json::to_value(user_info("s", person, Opened { scope: &scope, names: &names }, Map::new())).unwrap()
    }

    fn bakery() -> Person {
        let organisation = Organisation { registry_no: "E10428".into(), name: "Boulangerie du Lac Sàrl".into() };
        Person { population: "employer".into(), organisation: Some(organisation), ..marie() }
    }

    #[test]
    fn core_5_4_each_scope_opens_its_claims() {
        let marie = marie();
        assert_eq!(shown(&marie, "openid"), json!({"sub": "s"}));
        assert_eq!(
            shown(&marie, "openid email phone"),
            json!({"sub": "s", "email": "marie@example.ch", "email_verified": true,
                "phone_number": "+41791234567", "phone_number_verified": false})
        );
        assert_eq!(
            shown(&marie, "openid profile"),
            json!({"sub": "s", "name": "Marie Favre", "given_name": "Marie", "family_name": "Favre",
                "birthdate": "1984-03-12", "locale": "fr", "updated_at": 1_700_000_000})
        );
    }

    #[test]
    fn core_5_3_2_nothing_is_null_or_empty() {
        assert_eq!(shown(&Person::default(), "openid profile email phone"), json!({"sub": "s"}));
        let blank = Person { given_name: " ".into(), family_name: "Favre".into(), ..Person::default() };
        assert_eq!(shown(&blank, "openid profile"), json!({"sub": "s", "name": "Favre", "family_name": "Favre"}));
    }

    #[test]
    fn the_scope_poterne_opens_population_and_organisation() {
        let org = json!({"registry_no": "E10428", "name": "Boulangerie du Lac Sàrl"});
        assert_eq!(
            shown(&bakery(), "openid poterne"),
            json!({"sub": "s", "urn:poterne:population": "employer", "urn:poterne:org": org})
        );
        let insured = Person { population: "insured".into(), ..marie() };
        assert_eq!(shown(&insured, "openid poterne"), json!({"sub": "s", "urn:poterne:population": "insured"}));
        assert_eq!(shown(&bakery(), "openid"), json!({"sub": "s"}));
    }

    #[test]
    fn core_5_5_a_claim_can_be_asked_for_by_its_name_alone() {
        assert_eq!(
            named(&bakery(), "openid", &["urn:poterne:population"]),
            json!({"sub": "s", "urn:poterne:population": "employer"})
        );
        assert_eq!(named(&marie(), "openid", &["email"]), json!({"sub": "s", "email": "marie@example.ch"}));
        assert_eq!(named(&marie(), "openid", &["family_name"]), json!({"sub": "s", "family_name": "Favre"}));
    }

    #[test]
    fn a_hosts_claims_stand_beside_ours() {
        let (scope, names) = (Scope::parse("openid").unwrap(), BTreeSet::new());
        let extra = json!({"plan": {"kind": "1e"}}).as_object().unwrap().clone();
        let info = user_info("s", &marie(), Opened { scope: &scope, names: &names }, extra);
        assert_eq!(serde_json::to_value(info).unwrap(), json!({"sub": "s", "plan": {"kind": "1e"}}));
    }

    #[test]
    fn every_claim_shown_is_in_the_metadata() {
        let all = Person { gender: "female".into(), zoneinfo: "Europe/Zurich".into(), ..bakery() };
        let shown = shown(&all, "openid profile email phone poterne");
        for name in shown.as_object().unwrap().keys() {
            assert!(crate::claims::SUPPORTED.contains(&name.as_str()), "{name}");
        }
    }
}
