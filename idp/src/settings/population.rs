//! A population is data: which fields identify, what is asked, when terms are accepted, which factors are allowed.

use crate::lang::Localised;
use serde::{Deserialize, Serialize};

/// A kind of people who enroll the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Short name in URLs and claims: lower-case letters, digits and hyphens.
    pub key: String,
    /// What the population is called, as heading and in the choice of populations.
    pub name: Localised,
    /// One sentence that helps to choose.
    #[serde(default)]
    pub description: Localised,
    /// What identifies a person or organisation beside the code.
    #[serde(rename = "identifier")]
    pub identifiers: Vec<IdentifierField>,
    /// The activation code.
    pub code: CodeSettings,
    /// The terms of use, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// What is asked in step 2 beside e-mail and password.
    #[serde(default)]
    pub user_data: UserData,
    /// What a password must satisfy.
    #[serde(default)]
    pub password: PasswordRule,
    /// Identifying fields whose value may be typed instead of the e-mail at sign-in (V-03). Only AVS numbers identify one person alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub login_aliases: Vec<String>,
    /// The second factors to choose from, in this order; none where `second_factor` says so.
    #[serde(default = "both_factors")]
    pub factors: Vec<FactorKind>,
    /// Whether a second factor is asked. That it is not must be said, beside the empty list.
    #[serde(default, skip_serializing_if = "is_required")]
    pub second_factor: SecondFactor,
    /// Whether an operator may make accounts without a letter and without a code (`poterne account create`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accounts_by_command: bool,
    /// Countries (ISO 3166 two letters) whose mobile numbers may receive codes.
    #[serde(default = "neighbours")]
    pub sms_countries: Vec<String>,
}

fn both_factors() -> Vec<FactorKind> {
    vec![FactorKind::Sms, FactorKind::Totp]
}

fn neighbours() -> Vec<String> {
    ["CH", "LI", "FR", "DE", "IT", "AT", "ES", "PT"].map(str::to_owned).to_vec()
}

/// One identifying field of step 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierField {
    /// The field's name in forms and in the registry, such as `avs_number`.
    pub field: String,
    /// How it is written, checked and compared.
    pub kind: IdentifierKind,
    /// What it is called, where the kind's own label does not fit.
    #[serde(default)]
    pub label: Localised,
    /// Where to find it.
    #[serde(default)]
    pub hint: Localised,
}

/// How an identifying field is written, checked and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// The Swiss social-insurance number: 13 digits, prefix 756, EAN-13 check digit.
    AvsNumber,
    /// A calendar day, typed dd.mm.yyyy.
    Date,
    /// A number of the fund's own: digits and separators, compared by its digits.
    Number,
    /// The Swiss company identification number: CHE and nine digits.
    Uid,
    /// A company's name, compared after folding case, accents, punctuation and legal form.
    CompanyName,
    /// Any other text, compared without regard to case and outer space.
    Text,
}

/// The activation code of a population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSettings {
    /// What the code is called.
    pub label: Localised,
    /// Where to find it.
    #[serde(default)]
    pub hint: Localised,
    /// Days a code stays valid, to the end of the last day in the realm's time zone.
    #[serde(default = "valid_days")]
    pub valid_days: u32,
    /// Whether codes end in a check character. Codes brought along from an older system do not.
    #[serde(default = "yes")]
    pub check_character: bool,
}

const fn valid_days() -> u32 {
    150
}

const fn yes() -> bool {
    true
}

/// Terms of use, in versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// When somebody new accepts them.
    #[serde(default)]
    pub accept: AcceptTerms,
    /// The versions, the oldest first.
    #[serde(rename = "version")]
    pub versions: Vec<TermsVersion>,
}

/// One version of terms of use. Once published it never changes: a change is a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsVersion {
    /// A number that rises.
    pub number: u32,
    /// The day from which it applies, in the realm's time zone.
    pub effective_from: chrono::NaiveDate,
    /// Whether people who accepted an earlier version are asked again.
    #[serde(default = "yes")]
    pub ask_again: bool,
    /// The day from which they are asked again at their next sign-in; without it, from `effective_from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_again_from: Option<chrono::NaiveDate>,
    /// The text: paragraphs parted by empty lines; a line that begins with `# ` is a heading.
    pub text: Localised,
}

impl Terms {
    /// The version in force on a day: what is shown and accepted then.
    #[must_use]
    pub fn current(&self, today: chrono::NaiveDate) -> Option<&TermsVersion> {
        self.versions.iter().rev().find(|version| version.effective_from <= today)
    }

    /// The version that one must have accepted, that one or a later one, to use a portal on a day.
    #[must_use]
    pub fn required(&self, today: chrono::NaiveDate) -> Option<&TermsVersion> {
        let first = self.versions.first().map(|version| version.number);
        let asked = |version: &&TermsVersion| {
            let from = version.ask_again_from.unwrap_or(version.effective_from).max(version.effective_from);
            Some(version.number) == first && version.effective_from <= today || version.ask_again && from <= today
        };
        self.versions.iter().rev().find(asked)
    }
}

/// When somebody new accepts the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcceptTerms {
    /// In step 1, with the code.
    #[default]
    Identification,
    /// At the first sign-in to a portal, before it gets its answer.
    FirstSignIn,
}

/// What step 2 asks beside e-mail and password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserData {
    /// Title, last name and first name.
    #[serde(default)]
    pub name: bool,
    /// The password a second time.
    #[serde(default)]
    pub repeat_password: bool,
}

/// What a password must satisfy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordRule {
    /// Least number of characters.
    pub min_length: usize,
    /// Whether digits, lower case, upper case and special characters must all occur.
    pub character_groups: bool,
}

impl Default for PasswordRule {
    fn default() -> Self {
        Self { min_length: 8, character_groups: false }
    }
}

/// Whether people of a population prove a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Everybody has one.
    #[default]
    Required,
    /// Nobody is asked for one: the password alone opens the account.
    None,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_required(second_factor: &SecondFactor) -> bool {
    *second_factor == SecondFactor::Required
}

/// A kind of second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// A code by SMS to a confirmed number.
    Sms,
    /// A code of an authenticator app (RFC 6238).
    Totp,
}

impl FactorKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Sms, Self::Totp];

    /// The name in forms, settings and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Totp => "totp",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32) -> chrono::NaiveDate {
        chrono::NaiveDate::from_ymd_opt(2026, month, 1).unwrap()
    }

    fn version(number: u32, from: u32, ask_again: bool, ask_again_from: Option<u32>) -> TermsVersion {
        let (effective_from, ask_again_from) = (day(from), ask_again_from.map(day));
        TermsVersion { number, effective_from, ask_again, ask_again_from, text: Localised::default() }
    }

    #[test]
    fn a_version_is_in_force_from_its_day_and_asked_for_again_from_its_own() {
        let versions =
            vec![version(1, 1, false, None), version(2, 3, false, None), version(3, 5, true, Some(7)), version(4, 9, true, None)];
        let terms = Terms { accept: AcceptTerms::Identification, versions };
        let numbers = |month| {
            let number = |version: Option<&TermsVersion>| version.map(|version| version.number);
            (number(terms.current(day(month))), number(terms.required(day(month))))
        };
        assert_eq!(numbers(2), (Some(1), Some(1)));
        assert_eq!(numbers(4), (Some(2), Some(1)), "a version that asks nobody again");
        assert_eq!(numbers(6), (Some(3), Some(1)), "in force, asked for later");
        assert_eq!(numbers(8), (Some(3), Some(3)));
        assert_eq!(numbers(10), (Some(4), Some(4)));
        let before = chrono::NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        assert!(terms.current(before).is_none() && terms.required(before).is_none(), "not in force yet");
    }
}
