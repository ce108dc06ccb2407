//! Standard claims by scope (OpenID Connect Core sections 5.1 and 5.4): what the person has, never null, never empty.

use crate::scope::Scope;
use crate::time::Timestamp;
use openidconnect::core::{CoreGenderClaim, CoreUserInfoClaims};
use openidconnect::{
    EmptyAdditionalClaims, EndUserBirthday, EndUserEmail, EndUserFamilyName, EndUserGivenName, EndUserName, EndUserPhoneNumber,
    EndUserTimezone, LanguageTag, StandardClaims, SubjectIdentifier,
};

/// The standard claims about a person.
pub type PersonClaims = StandardClaims<CoreGenderClaim>;

/// The JSON answer of the userinfo endpoint (OpenID Connect Core section 5.3.2).
pub type UserInfo = CoreUserInfoClaims;

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
}

/// The claims that the scope opens.
#[must_use]
pub fn claims(subject: &str, person: &Person, scope: &Scope) -> PersonClaims {
    let mut claims = PersonClaims::new(SubjectIdentifier::new(subject.to_owned()));
    if scope.contains("profile") {
        claims = profile(claims, person);
    }
    if let Some(email) = known(&person.email).filter(|_| scope.contains("email")) {
        claims = claims.set_email(Some(EndUserEmail::new(email))).set_email_verified(Some(person.email_verified));
    }
    if let Some(number) = known(&person.phone_number).filter(|_| scope.contains("phone")) {
        claims = claims
            .set_phone_number(Some(EndUserPhoneNumber::new(number)))
            .set_phone_number_verified(Some(person.phone_number_verified));
    }
    claims
}

/// The userinfo answer for an access token's subject and scope.
#[must_use]
pub fn user_info(subject: &str, person: &Person, scope: &Scope) -> UserInfo {
    UserInfo::new(claims(subject, person, scope), EmptyAdditionalClaims {})
}

fn profile(claims: PersonClaims, person: &Person) -> PersonClaims {
    let name = format!("{} {}", person.given_name, person.family_name);
    let updated_at = person.updated_at.and_then(|at| chrono::DateTime::from_timestamp(at.secs(), 0));
    claims
        .set_name(known(&name).map(|text| EndUserName::new(text).into()))
        .set_given_name(known(&person.given_name).map(|text| EndUserGivenName::new(text).into()))
        .set_family_name(known(&person.family_name).map(|text| EndUserFamilyName::new(text).into()))
        .set_gender(known(&person.gender).map(CoreGenderClaim::new))
        .set_birthdate(known(&person.birthdate).map(EndUserBirthday::new))
        .set_zoneinfo(known(&person.zoneinfo).map(EndUserTimezone::new))
        .set_locale(known(&person.locale).map(LanguageTag::new))
        .set_updated_at(updated_at)
}

fn known(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

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
        serde_json::to_value(user_info("s", person, &Scope::parse(scope).unwrap())).unwrap()
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
    fn every_claim_shown_is_in_the_metadata() {
        let all = Person { gender: "female".into(), zoneinfo: "Europe/Zurich".into(), ..marie() };
        let shown = shown(&all, "openid profile email phone");
        for name in shown.as_object().unwrap().keys() {
            assert!(crate::claims::SUPPORTED.contains(&name.as_str()), "{name}");
        }
    }
}
