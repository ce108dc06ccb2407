//! Claims about a person by scope (OpenID Connect Core sections 5.1 and 5.4) or by name (section 5.5): what the person has, never null, never empty.

use super::further::{Address, FurtherClaims};
use super::request::Opened;
use super::{ORG, POPULATION};
use crate::time::Timestamp;
use openidconnect::core::CoreGenderClaim;
use openidconnect::{
    AdditionalClaims, AddressClaim, AddressCountry, AddressLocality, AddressPostalCode, AddressRegion, EndUserBirthday,
    EndUserEmail, EndUserFamilyName, EndUserGivenName, EndUserMiddleName, EndUserName, EndUserNickname, EndUserPhoneNumber,
    EndUserPictureUrl, EndUserProfileUrl, EndUserTimezone, EndUserUsername, EndUserWebsiteUrl, FormattedAddress, LanguageTag,
    StandardClaims, StreetAddress, SubjectIdentifier, UserInfoClaims,
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
    /// A language tag.
    pub locale: String,
    /// When any of this last changed.
    pub updated_at: Option<Timestamp>,
    /// The address for mails.
    pub email: String,
    /// Whether the person has shown that mails reach them.
    pub email_verified: bool,
    /// What is known beyond.
    pub further: FurtherClaims,
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
    let further = &person.further;
    if let Some(number) = told(further.phone_number.as_ref()) {
        let verified = opened.opens("phone_number_verified").then_some(further.phone_number_verified);
        let number = opened.opens("phone_number").then(|| EndUserPhoneNumber::new(number));
        claims = claims.set_phone_number(number).set_phone_number_verified(verified);
    }
    if opened.opens("address") {
        claims = claims.set_address(further.address.as_ref().and_then(address));
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
    let name = [Some(&person.given_name), person.further.middle_name.as_ref(), Some(&person.family_name)];
    let name = name.into_iter().filter_map(told).collect::<Vec<_>>().join(" ");
    let updated_at = person.updated_at.filter(|_| opened.opens("updated_at"));
    let claims = claims
        .set_name(text("name", &name).map(|text| EndUserName::new(text).into()))
        .set_given_name(text("given_name", &person.given_name).map(|text| EndUserGivenName::new(text).into()))
        .set_family_name(text("family_name", &person.family_name).map(|text| EndUserFamilyName::new(text).into()))
        .set_locale(text("locale", &person.locale).map(LanguageTag::new))
        .set_updated_at(updated_at.and_then(|at| chrono::DateTime::from_timestamp(at.secs(), 0)));
    further(claims, &person.further, opened)
}

/// What of the profile no account knows by itself.
fn further(claims: PersonClaims, further: &FurtherClaims, opened: Opened<'_>) -> PersonClaims {
    let text = |name: &str, value: &Option<String>| told(value.as_ref()).filter(|_| opened.opens(name));
    claims
        .set_middle_name(text("middle_name", &further.middle_name).map(|text| EndUserMiddleName::new(text).into()))
        .set_nickname(text("nickname", &further.nickname).map(|text| EndUserNickname::new(text).into()))
        .set_preferred_username(text("preferred_username", &further.preferred_username).map(EndUserUsername::new))
        .set_profile(text("profile", &further.profile).map(|text| EndUserProfileUrl::new(text).into()))
        .set_picture(text("picture", &further.picture).map(|text| EndUserPictureUrl::new(text).into()))
        .set_website(text("website", &further.website).map(|text| EndUserWebsiteUrl::new(text).into()))
        .set_gender(text("gender", &further.gender).map(CoreGenderClaim::new))
        .set_birthdate(text("birthdate", &further.birthdate).map(EndUserBirthday::new))
        .set_zoneinfo(text("zoneinfo", &further.zoneinfo).map(EndUserTimezone::new))
}

/// Section 5.1.1; `None` when no part is known.
fn address(of: &Address) -> Option<AddressClaim> {
    let parts = [&of.formatted, &of.street_address, &of.locality, &of.region, &of.postal_code, &of.country];
    let [formatted, street, locality, region, postal_code, country] = parts.map(|part| told(part.as_ref()));
    let claim = AddressClaim {
        formatted: formatted.map(FormattedAddress::new),
        street_address: street.map(StreetAddress::new),
        locality: locality.map(AddressLocality::new),
        region: region.map(AddressRegion::new),
        postal_code: postal_code.map(AddressPostalCode::new),
        country: country.map(AddressCountry::new),
    };
    (claim != AddressClaim::default()).then_some(claim)
}

fn told(text: Option<&String>) -> Option<String> {
    text.and_then(|text| known(text))
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
            locale: "fr".into(),
            updated_at: Some(Timestamp::from_secs(1_700_000_000)),
            email: "marie@example.ch".into(),
            email_verified: true,
            further: FurtherClaims {
                birthdate: Some("1984-03-12".into()),
                phone_number: Some("+41791234567".into()),
                ..FurtherClaims::default()
            },
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

    /// Somebody of whom everything is known that the standard has a name for.
    fn alice() -> Person {
        let further = json!({"middle_name": "Ada", "nickname": "Al", "preferred_username": "alice", "profile": "https://op.example/alice",
            "picture": "https://op.example/alice.png", "website": "https://alice.example/", "gender": "female",
            "birthdate": "1984-03-12", "zoneinfo": "Europe/Zurich", "phone_number": "+41215550110", "phone_number_verified": true,
            "address": {"formatted": "Rue du Lac 1\n1003 Lausanne", "street_address": "Rue du Lac 1", "locality": "Lausanne",
                "region": "VD", "postal_code": "1003", "country": "CH"}});
        Person { further: serde_json::from_value(further).unwrap(), ..bakery() }
    }

    #[test]
    fn core_5_1_every_standard_claim_is_told_in_its_own_form() {
        let all = "openid profile email address phone";
        let shown = shown(&alice(), all);
        let standard = crate::claims::names_of("profile").chain(["email", "email_verified", "address", "phone_number"]);
        for name in standard.chain(["phone_number_verified"]) {
            assert!(shown.get(name).is_some(), "{name}: {shown}");
        }
        assert_eq!((&shown["name"], &shown["updated_at"]), (&json!("Marie Ada Favre"), &json!(1_700_000_000)));
        assert_eq!((&shown["phone_number_verified"], &shown["address"]["postal_code"]), (&json!(true), &json!("1003")));
        assert_eq!(named(&alice(), "openid", &["address"])["address"]["country"], "CH");
    }

    #[test]
    fn core_5_3_2_an_address_without_content_is_no_address() {
        let mut alice = alice();
        alice.further.address = Some(Address { locality: Some(" ".into()), ..Address::default() });
        assert_eq!(shown(&alice, "openid address"), json!({"sub": "s"}));
        alice.further.address =
            Some(Address { locality: Some("Lausanne".into()), region: Some(String::new()), ..Address::default() });
        assert_eq!(shown(&alice, "openid address"), json!({"sub": "s", "address": {"locality": "Lausanne"}}));
    }

    #[test]
    fn every_claim_shown_is_in_the_metadata() {
        let shown = shown(&alice(), "openid profile email address phone poterne");
        for name in shown.as_object().unwrap().keys() {
            assert!(crate::claims::SUPPORTED.contains(&name.as_str()), "{name}");
        }
    }
}
