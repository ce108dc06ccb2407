//! Standard claims of a person beyond what an account knows by itself (OpenID Connect Core section 5.1): what the fund or the
//! person chose to tell. They lie as sealed JSON with the account.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use url::Url;

/// Most bytes that one of these claims may have.
pub const LONGEST: usize = 500;

/// A postal address (OpenID Connect Core section 5.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The whole of it as it stands on a letter, lines separated by newlines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// Town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Canton.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// Further standard claims. Unknown keys are refused; what is left out is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherClaims {
    /// Middle names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// How friends say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// How the person would like to be named; not unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// The person's profile page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The person's picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The person's web page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// `female`, `male` or another word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// `YYYY-MM-DD`; a year of `0000` is left out, `YYYY` alone is a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// A name of the time zone database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// Where the person lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// E.164, a number to call. It has nothing to do with the one that gets codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Whether the person has shown that it is theirs.
    #[serde(default)]
    pub phone_number_verified: bool,
}

/// What cannot be told of anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{name} {fault}")]
pub struct BadClaim {
    /// The claim.
    pub name: &'static str,
    /// What is wrong with it.
    pub fault: &'static str,
}

impl Address {
    fn texts(&self) -> [(&'static str, Option<&str>); 6] {
        [
            ("address.formatted", self.formatted.as_deref()),
            ("address.street_address", self.street_address.as_deref()),
            ("address.locality", self.locality.as_deref()),
            ("address.region", self.region.as_deref()),
            ("address.postal_code", self.postal_code.as_deref()),
            ("address.country", self.country.as_deref()),
        ]
    }
}

impl FurtherClaims {
    fn texts(&self) -> [(&'static str, Option<&str>); 10] {
        [
            ("middle_name", self.middle_name.as_deref()),
            ("nickname", self.nickname.as_deref()),
            ("preferred_username", self.preferred_username.as_deref()),
            ("profile", self.profile.as_deref()),
            ("picture", self.picture.as_deref()),
            ("website", self.website.as_deref()),
            ("gender", self.gender.as_deref()),
            ("birthdate", self.birthdate.as_deref()),
            ("zoneinfo", self.zoneinfo.as_deref()),
            ("phone_number", self.phone_number.as_deref()),
        ]
    }

    /// Every mistake, in words for whoever gives the claims; empty when there is none.
    #[must_use]
    pub fn check(&self) -> Vec<BadClaim> {
        let mut mistakes = Vec::new();
        let in_address = self.address.as_ref().map(Address::texts);
        for (name, text) in self.texts().into_iter().chain(in_address.into_iter().flatten()) {
            let fault = text.and_then(|text| fault(name, text));
            mistakes.extend(fault.map(|fault| BadClaim { name, fault }));
        }
        if self.phone_number_verified && self.phone_number.is_none() {
            mistakes.push(BadClaim { name: "phone_number_verified", fault: "needs a phone_number" });
        }
        mistakes
    }
}

fn fault(name: &str, text: &str) -> Option<&'static str> {
    let line = |c: char| c.is_control() && !(c == '\n' && matches!(name, "address.formatted" | "address.street_address"));
    if text.trim().is_empty() {
        return Some("is empty: leave it out");
    }
    if text.len() > LONGEST {
        return Some("is longer than 500 bytes");
    }
    if text.contains(line) {
        return Some("holds control characters");
    }
    match name {
        "profile" | "picture" | "website" if !is_web(text) => Some("is no http or https address"),
        "birthdate" if !is_birthdate(text) => Some("is neither YYYY-MM-DD nor YYYY"),
        "zoneinfo" if !is_zone(text) => Some("is no name of the time zone database, such as Europe/Zurich"),
        "phone_number" if !is_e164(text) => Some("is no number in international form, such as +41215550110"),
        _ => None,
    }
}

fn is_web(text: &str) -> bool {
    // Parsers of URLs pass over blanks around, and over slashes that are missing; whoever is told the address may not.
    let plain = ["http://", "https://"].iter().any(|start| text.starts_with(start)) && !text.contains(char::is_whitespace);
    plain && Url::parse(text).is_ok_and(|url| url.has_host())
}

/// Section 5.1: ISO 8601-1 `YYYY-MM-DD`; the year may be `0000`, or stand alone.
fn is_birthdate(text: &str) -> bool {
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split('-').collect::<Vec<_>>().as_slice() {
        [year] => digits(year, 4),
        // The parser of dates takes signs, and months of one digit.
        [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
        }
        _ => false,
    }
}

/// The form of such a name: which zones there are changes every year.
fn is_zone(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte));
    text.split('/').all(part)
}

/// `+`, then at most fifteen digits; an extension may follow as RFC 3966 writes it (section 5.1).
fn is_e164(text: &str) -> bool {
    let (number, extension) = text.split_once(";ext=").map_or((text, None), |(number, extension)| (number, Some(extension)));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    number.strip_prefix('+').is_some_and(|number| number.len() >= 6 && digits(number, 15))
        && extension.is_none_or(|text| digits(text, 10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(changes: &Value) -> FurtherClaims {
        serde_json::from_value(changes.clone()).unwrap()
    }

    #[test]
    fn core_5_1_what_has_its_form_is_taken() {
        for claims in [
            json!({}),
            json!({"birthdate": "1984-03-12", "zoneinfo": "Europe/Zurich", "phone_number": "+41215550110", "phone_number_verified": true}),
            json!({"birthdate": "0000-03-12", "phone_number": "+1 (604) 555-1234;ext=5678".replace([' ', '(', ')', '-'], "")}),
            json!({"birthdate": "1984", "gender": "female", "profile": "https://lac.example/marie", "middle_name": "Élodie"}),
            json!({"address": {"formatted": "Rue du Lac 1\n1003 Lausanne", "country": "CH"}}),
        ] {
            let read = read(&claims);
            assert_eq!(read.check(), [], "{claims}");
            let written = serde_json::to_value(&read).unwrap();
            assert_eq!(serde_json::from_value::<FurtherClaims>(written).unwrap(), read);
        }
    }

    #[test]
    fn core_5_1_every_mistake_is_named() {
        for (claims, words) in [
            (json!({"nickname": " "}), "nickname is empty"),
            (json!({"nickname": "x".repeat(501)}), "nickname is longer"),
            (json!({"nickname": "a\nb"}), "nickname holds control"),
            (json!({"address": {"locality": "a\nb"}}), "address.locality holds control"),
            (json!({"picture": "javascript:alert(1)"}), "picture is no http"),
            (json!({"website": "lac.example"}), "website is no http"),
            (json!({"birthdate": "12.03.1984"}), "birthdate is neither"),
            (json!({"birthdate": "1984-02-30"}), "birthdate is neither"),
            (json!({"birthdate": "+1984-3-12"}), "birthdate is neither"),
            (json!({"birthdate": "-984-03-12"}), "birthdate is neither"),
            (json!({"profile": " https://lac.example/"}), "profile is no http"),
            (json!({"website": "https:lac.example"}), "website is no http"),
            (json!({"zoneinfo": "Central European Time"}), "zoneinfo is no name"),
            (json!({"phone_number": "021 555 01 10"}), "phone_number is no number"),
            (json!({"phone_number_verified": true}), "phone_number_verified needs"),
        ] {
            let mistakes: Vec<String> = read(&claims).check().iter().map(ToString::to_string).collect();
            assert!(matches!(mistakes.as_slice(), [only] if only.starts_with(words)), "{claims}: {mistakes:?}");
        }
        assert!(serde_json::from_value::<FurtherClaims>(json!({"sub": "x"})).is_err());
        assert!(serde_json::from_value::<FurtherClaims>(json!({"address": {"street": "x"}})).is_err());
    }
}
