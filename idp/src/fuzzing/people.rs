//! What people type: names, numbers, codes.

use super::{has_control, text};
use crate::access::factor::sms::PhoneNumber;
use crate::access::factor::typed_digits;
use crate::directory::account::canonical_email;
use crate::directory::population::{format_avs, normal_form};
use crate::onboarding::code;
use crate::settings::IdentifierKind;
use chrono::{Datelike, NaiveDate};

pub(super) const CODES: &[&str] = &["CZ6E-P34V-K5DM", "cz6e p34v k5dm", "CZ6EP34VK5DO", "", "  -  ", "ÇZ6E‑P34V—K5DM"];

/// What is read is twelve characters of the alphabet, and reads as itself, however it is printed.
pub(super) fn activation_code(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    for checked in [false, true] {
        let Ok(read) = code::read(typed, checked) else { continue };
        assert!(
            read.expose().len() == 12 && read.expose().bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        );
        let again = code::read(code::grouped(&read).expose(), checked);
        assert!(again.is_ok_and(|again| again.expose() == read.expose()));
        assert!(code::read(typed, false).is_ok_and(|loose| loose.expose() == read.expose()));
    }
}

pub(super) const DIGITS: &[&str] = &["447683", "447 683", "447-683", "４４７６８３", "4476831", ""];

pub(super) fn six_digits(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    if let Some(digits) = typed_digits(typed) {
        assert!(digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(typed_digits(&digits).as_deref(), Some(digits.as_str()));
    }
}

pub(super) const EMAILS: &[&str] = &[
    "marie.favre@lac.example",
    " Élodie@CAFÉ.example ",
    "a+b@x.example",
    "J\u{30c}@x.example",
    "\"a@b\"@x.example",
    "marie@lac.example\r\nBcc: x@y.example",
    "İ@lac.example",
    "a@xn--caf-dma.example",
];

/// One spelling, which is its own, and nothing that could break a header.
pub(super) fn email(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    let Some(address) = canonical_email(typed) else { return };
    assert_eq!(canonical_email(&address).as_deref(), Some(address.as_str()), "{typed:?}");
    assert!(!has_control(&address) && !address.contains(char::is_whitespace), "{address:?}");
    let (local, domain) = address.split_once('@').unwrap_or_default();
    assert!(!local.is_empty() && domain.is_ascii() && domain.contains('.') && !domain.contains('@'), "{address:?}");
}

pub(super) const IDENTIFIERS: &[&str] = &[
    "756.0000.0000.19",
    "7569217076985",
    "12.03.1984",
    "00.00.1962",
    "29/2/1968",
    "CHE-109.322.551 MWST",
    "10001",
    "Straße  12 ﬁ",
    "İstanbul",
    "+1.+3.1984",
];

/// Every kind gives a normal form that is its own.
pub(super) fn identifiers(data: &[u8]) {
    let (Some(typed), Some(today)) = (text(data), NaiveDate::from_ymd_opt(2026, 11, 22)) else { return };
    let normal = |kind, typed: &str| normal_form(kind, typed, today).ok();
    for kind in [IdentifierKind::Number, IdentifierKind::Uid, IdentifierKind::Text] {
        let Some(value) = normal(kind, typed) else { continue };
        assert!(!value.contains(['\r', '\n', '\t']), "{value:?}");
        // What grows by being normalised may grow beyond what anybody types.
        assert!(
            value.chars().count() > 200 || normal(kind, &value) == Some(value.clone()),
            "{kind:?}: {typed:?} gives {value:?}"
        );
    }
    if let Some(number) = normal(IdentifierKind::AvsNumber, typed) {
        assert!(number.len() == 13 && number.starts_with("756"));
        assert_eq!(normal(IdentifierKind::AvsNumber, &format_avs(&number)), Some(number));
    }
    if let Some(date) = normal(IdentifierKind::Date, typed) {
        let [year, month, day]: [&str; 3] = date.split('-').collect::<Vec<_>>().try_into().unwrap_or_default();
        assert!(year.parse().is_ok_and(|year| (1880..=today.year()).contains(&year)), "{date}");
        assert_eq!(normal(IdentifierKind::Date, &format!("{day}.{month}.{year}")), Some(date.clone()), "{typed:?}");
    }
}

pub(super) const COMPANIES: &[&str] =
    &["Boulangerie du Lac Sàrl", "BOULANGERIE DU LAC S.à r.l.", "Elektro Moser & Co.", "Weiß AG", "İĞNE SA", "S.A.", "Ǆ ΑΣ.Α ﬁ"];

/// A folded name folds to itself.
pub(super) fn company_name(data: &[u8]) {
    let (Some(typed), Some(today)) = (text(data), NaiveDate::from_ymd_opt(2026, 11, 22)) else { return };
    let fold = |typed: &str| normal_form(IdentifierKind::CompanyName, typed, today).ok();
    let Some(folded) = fold(typed) else { return };
    assert!(!has_control(&folded) && !folded.is_empty() && !folded.contains("  "), "{folded:?}");
    assert!(
        folded.chars().count() > 200 || fold(&folded) == Some(folded.clone()),
        "{typed:?} folds to {folded:?}, {:?}",
        fold(&folded)
    );
}

pub(super) const PHONES: &[&str] = &[
    "079 123 45 01",
    "+41 (0)79 123 45 01",
    "0041 79 123-45-01",
    "+33 6 12 34 56 57",
    "+49 1512 3456789",
    "+39 312 345 6789",
    "+423 660 12 34",
    "079;ext=3",
    "021 555 01 10",
];

/// A number has one E.164 form, which reads as itself, as it is shown, and is never shown whole where it is masked.
pub(super) fn phone(data: &[u8]) {
    let Some(typed) = text(data) else { return };
    let countries = ["CH", "LI", "FR", "DE", "IT", "AT"].map(str::to_owned);
    let Ok(number) = PhoneNumber::parse(typed, &countries) else { return };
    let digits = number.e164().strip_prefix('+').unwrap_or_default();
    assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()), "{:?}", number.e164());
    assert_eq!(PhoneNumber::parse(number.e164(), &countries).as_ref(), Ok(&number), "{typed:?}");
    assert_eq!(PhoneNumber::parse(&number.display(), &countries).as_ref(), Ok(&number), "{typed:?}");
    assert!(number.masked().matches('•').count() >= 3, "{}", number.masked());
}
