//! What may be wrong with an answer, and the words for it.

use std::collections::BTreeMap;

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
    /// A company's name that is a legal form alone.
    CompanyName,
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
    pub const ALL: [Self; 38] = [
        Self::Required,
        Self::TooLong(100),
        Self::AvsFormat,
        Self::AvsCheckDigit,
        Self::DateFormat,
        Self::DateImpossible,
        Self::UidFormat,
        Self::UidCheckDigit,
        Self::NumberFormat,
        Self::CompanyName,
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
            Self::CompanyName => "fault-company-name",
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
