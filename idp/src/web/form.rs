//! A form as a page shows it: what the person typed is kept, what is wrong with it is said above and beside the field.

use minijinja::Value;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is wrong with an answer. The words are `fault-…` in the locales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was typed.
    Required,
    /// Longer than the field takes, in characters.
    TooLong(u32),
    /// An AVS number that is not 13 digits beginning with 756.
    AvsFormat,
    /// An AVS number whose check digit does not fit.
    AvsCheckDigit,
    /// Not a date written dd.mm.yyyy.
    DateFormat,
    /// A date no calendar has, or one in the future.
    DateImpossible,
    /// Not CHE and nine digits.
    UidFormat,
    /// A company number (UID) whose check digit does not fit.
    UidCheckDigit,
    /// A number without digits, or with letters.
    NumberFormat,
    /// An activation code of the wrong length.
    CodeLength,
    /// An activation code with a character outside the alphabet, such as O or 0.
    CodeAlphabet,
    /// An activation code whose check character does not fit: mistyped.
    CodeCheck,
    /// One answer for unknown person, wrong code, another's code and locked (`decisions.md` 14).
    NotRecognised,
    /// Said only to who gave matching identifiers and the exact code: its time is over.
    CodeExpired,
    /// Said only to who gave matching identifiers and the exact code: a newer one, issued on this day, replaced it.
    CodeReplaced {
        /// Day of the month.
        day: u32,
        /// Month.
        month: u32,
        /// Year.
        year: u32,
    },
    /// An activation code for the page of another population, which the page names.
    CodeElsewhere,
    /// The terms were not accepted.
    TermsNotAccepted,
    /// Not an e-mail address.
    EmailFormat,
    /// A password shorter than the policy asks, in characters.
    PasswordShort(u32),
    /// A password without all four groups of characters (V-18).
    PasswordGroups,
    /// A password that is easy to guess.
    PasswordWeak,
    /// One of the most common passwords.
    PasswordCommon,
    /// A password that contains the user name.
    PasswordHasName,
    /// The repeated password differs.
    PasswordsDiffer,
    /// A six-digit code that is not six digits.
    DigitsFormat,
    /// A six-digit code that is not the one sent or shown.
    DigitsWrong,
    /// A six-digit code that came too late; a new one was sent.
    DigitsExpired,
    /// The last try at this six-digit code; a new one must be asked for.
    DigitsUsedUp,
    /// A new code was asked for too soon, in seconds still to wait.
    ResendTooSoon(u32),
    /// No more codes today.
    ResendUsedUp,
    /// Not a telephone number.
    PhoneFormat,
    /// A number that cannot receive text messages, or to which none are sent.
    PhoneNoSms,
    /// No choice was made.
    NothingChosen,
    /// Unknown user name or wrong password.
    WrongLogin,
    /// Too many wrong tries, in minutes still to wait.
    TooManyTries(u32),
    /// Not the account's present password.
    WrongPassword,
    /// The new password is the present one.
    PasswordSame,
}

impl Fault {
    /// One of each, for the tests of the locales.
    #[cfg(test)]
    pub const ALL: [Self; 37] = [
        Self::Required,
        Self::TooLong(100),
        Self::AvsFormat,
        Self::AvsCheckDigit,
        Self::DateFormat,
        Self::DateImpossible,
        Self::UidFormat,
        Self::UidCheckDigit,
        Self::NumberFormat,
        Self::CodeLength,
        Self::CodeAlphabet,
        Self::CodeCheck,
        Self::NotRecognised,
        Self::CodeExpired,
        Self::CodeReplaced { day: 5, month: 11, year: 2026 },
        Self::CodeElsewhere,
        Self::TermsNotAccepted,
        Self::EmailFormat,
        Self::PasswordShort(8),
        Self::PasswordGroups,
        Self::PasswordWeak,
        Self::PasswordCommon,
        Self::PasswordHasName,
        Self::PasswordsDiffer,
        Self::DigitsFormat,
        Self::DigitsWrong,
        Self::DigitsExpired,
        Self::DigitsUsedUp,
        Self::ResendTooSoon(45),
        Self::ResendUsedUp,
        Self::PhoneFormat,
        Self::PhoneNoSms,
        Self::NothingChosen,
        Self::WrongLogin,
        Self::TooManyTries(10),
        Self::WrongPassword,
        Self::PasswordSame,
    ];

    /// The key of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Required => "fault-required",
            Self::TooLong(_) => "fault-too-long",
            Self::AvsFormat => "fault-avs-format",
            Self::AvsCheckDigit => "fault-avs-check-digit",
            Self::DateFormat => "fault-date-format",
            Self::DateImpossible => "fault-date-impossible",
            Self::UidFormat => "fault-uid-format",
            Self::UidCheckDigit => "fault-uid-check-digit",
            Self::NumberFormat => "fault-number-format",
            Self::CodeLength => "fault-code-length",
            Self::CodeAlphabet => "fault-code-alphabet",
            Self::CodeCheck => "fault-code-check",
            Self::NotRecognised => "fault-not-recognised",
            Self::CodeExpired => "fault-code-expired",
            Self::CodeReplaced { .. } => "fault-code-replaced",
            Self::CodeElsewhere => "fault-code-elsewhere",
            Self::TermsNotAccepted => "fault-terms-not-accepted",
            Self::EmailFormat => "fault-email-format",
            Self::PasswordShort(_) => "fault-password-short",
            Self::PasswordGroups => "fault-password-groups",
            Self::PasswordWeak => "fault-password-weak",
            Self::PasswordCommon => "fault-password-common",
            Self::PasswordHasName => "fault-password-has-name",
            Self::PasswordsDiffer => "fault-passwords-differ",
            Self::DigitsFormat => "fault-digits-format",
            Self::DigitsWrong => "fault-digits-wrong",
            Self::DigitsExpired => "fault-digits-expired",
            Self::DigitsUsedUp => "fault-digits-used-up",
            Self::ResendTooSoon(_) => "fault-resend-too-soon",
            Self::ResendUsedUp => "fault-resend-used-up",
            Self::PhoneFormat => "fault-phone-format",
            Self::PhoneNoSms => "fault-phone-no-sms",
            Self::NothingChosen => "fault-nothing-chosen",
            Self::WrongLogin => "fault-wrong-login",
            Self::TooManyTries(_) => "fault-too-many-tries",
            Self::WrongPassword => "fault-wrong-password",
            Self::PasswordSame => "fault-password-same",
        }
    }

    /// The arguments of its words.
    #[must_use]
    pub fn args(self) -> BTreeMap<&'static str, u32> {
        match self {
            Self::TooLong(max) => BTreeMap::from([("max", max)]),
            Self::PasswordShort(min) => BTreeMap::from([("min", min)]),
            Self::ResendTooSoon(seconds) => BTreeMap::from([("seconds", seconds)]),
            Self::TooManyTries(minutes) => BTreeMap::from([("minutes", minutes)]),
            Self::CodeReplaced { day, month, year } => BTreeMap::from([("day", day), ("month", month), ("year", year)]),
            _ => BTreeMap::new(),
        }
    }
}

/// A fault at a field, or of the form as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name, which is also its id; `None` for the form as a whole.
    pub field: Option<String>,
    /// The key of the words.
    pub key: &'static str,
    /// The arguments of the words.
    pub args: BTreeMap<&'static str, u32>,
}

impl FieldError {
    /// A fault at the field of this name.
    #[must_use]
    pub fn at(field: &str, fault: Fault) -> Self {
        Self { field: Some(field.to_owned()), key: fault.key(), args: fault.args() }
    }

    /// A fault that belongs to no single field.
    #[must_use]
    pub fn of_form(fault: Fault) -> Self {
        Self { field: None, key: fault.key(), args: fault.args() }
    }
}

/// A form: where it is posted, what stands in it, what is wrong. Passwords and codes by mail or SMS are never put back.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Form {
    /// The URL it is posted to.
    pub action: String,
    /// What was typed, by the field's name.
    pub values: BTreeMap<String, String>,
    /// What is wrong, in the order of the fields.
    pub errors: Vec<FieldError>,
}

impl Form {
    /// An empty form posted to `action`.
    #[must_use]
    pub fn to(action: impl Into<String>) -> Self {
        Self { action: action.into(), ..Self::default() }
    }

    /// The form with a field's value.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<String>) -> Self {
        self.values.insert(field.to_owned(), value.into());
        self
    }

    /// The form with a fault at a field.
    #[must_use]
    pub fn wrong(mut self, field: &str, fault: Fault) -> Self {
        self.errors.push(FieldError::at(field, fault));
        self
    }

    /// The form with a fault of its own.
    #[must_use]
    pub fn refused(mut self, fault: Fault) -> Self {
        self.errors.push(FieldError::of_form(fault));
        self
    }

    /// Whether something is wrong.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}

/// Sending a code again: asked for with the form's own button (`action` = `resend`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Resend {
    /// Seconds until another code may be asked for; 0 is now.
    pub wait_seconds: u32,
    /// Whether a code was just sent again, so that the page says so.
    pub just_sent: bool,
}

/// Whole minutes of a wait, as a page says them; never none.
#[must_use]
pub fn minutes(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs().div_ceil(60).max(1)).unwrap_or(u32::MAX)
}

/// Whole seconds of a wait, rounded up.
#[must_use]
pub fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

/// Template function `errors_of(form, field)`: the errors at one field.
pub(super) fn errors_of(form: &Value, field: &str) -> Result<Vec<Value>, minijinja::Error> {
    let errors = form.get_attr("errors")?;
    let mut found = Vec::new();
    for error in errors.try_iter()? {
        if error.get_attr("field")?.as_str() == Some(field) {
            found.push(error);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::{Lang, t};
    use fluent_templates::fluent_bundle::FluentValue;
    use std::collections::BTreeSet;

    #[test]
    fn every_fault_has_its_own_words_in_every_language() {
        let keys: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.key()).collect();
        assert_eq!(keys.len(), Fault::ALL.len());
        for lang in Lang::ALL {
            for fault in Fault::ALL {
                let args: Vec<(&str, FluentValue<'_>)> =
                    fault.args().into_iter().map(|(name, value)| (name, FluentValue::from(value))).collect();
                assert!(t(lang, fault.key(), &args).is_ok(), "{fault:?} in {lang:?}");
            }
        }
    }

    #[test]
    fn a_wait_is_told_in_whole_minutes_or_seconds_rounded_up() {
        for (millis, in_minutes, in_seconds) in
            [(0, 1, 0), (1, 1, 1), (59_999, 1, 60), (60_000, 1, 60), (61_000, 2, 61), (3_600_000, 60, 3_600)]
        {
            let wait = Duration::from_millis(millis);
            assert_eq!((minutes(wait), seconds(wait)), (in_minutes, in_seconds), "{millis}");
        }
    }
}
