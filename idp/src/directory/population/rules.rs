//! The normal form of identifying values: what is compared, whatever separators, case or accents were typed.

use crate::settings::IdentifierKind;
use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is wrong with the form of a typed value. It is named to the person and costs no try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// Nothing was typed.
    Missing,
    /// Not thirteen digits beginning with 756.
    AvsShape,
    /// The check digit of the AVS number does not fit: a digit was mistyped.
    AvsCheckDigit,
    /// Not dd.mm.yyyy.
    DateShape,
    /// No such day in the calendar.
    DateImpossible,
    /// A day still to come.
    DateAhead,
    /// Not CHE and nine digits.
    UidShape,
    /// The check digit of the UID does not fit.
    UidCheckDigit,
    /// No digits in a number.
    NumberShape,
    /// Nothing but a legal form and conjunctions in a company's name.
    CompanyNameShape,
    /// Longer than any such value.
    TooLong,
}

const LONGEST: usize = 200;

/// The normal form of a typed value, or what is wrong with it. `today` is the day in the realm's time zone.
pub fn normal_form(kind: IdentifierKind, typed: &str, today: NaiveDate) -> Result<String, Mistake> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(Mistake::Missing);
    }
    if typed.chars().count() > LONGEST {
        return Err(Mistake::TooLong);
    }
    match kind {
        IdentifierKind::AvsNumber => avs_number(typed),
        IdentifierKind::Date => date(typed, today),
        IdentifierKind::Number => number(typed),
        IdentifierKind::Uid => uid(typed),
        // «SA» alone would be every company that the registry knows by its legal form alone.
        IdentifierKind::CompanyName => {
            Some(fold_company_name(typed)).filter(|name| !name.is_empty()).ok_or(Mistake::CompanyNameShape)
        }
        IdentifierKind::Text => {
            let text: String = typed.nfkc().collect::<String>().to_lowercase().nfkc().collect();
            Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
        }
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '-' | '‑' | '–' | '_' | '/' | '\'')
}

/// The digits of a text that holds only digits and separators.
fn digits(typed: &str) -> Option<Vec<u32>> {
    typed.chars().filter(|c| !is_separator(*c)).map(|c| c.to_digit(10)).collect()
}

/// The Swiss social-insurance number: 13 digits, prefix 756, last digit as EAN-13 (weights 1 and 3 in turn).
fn avs_number(typed: &str) -> Result<String, Mistake> {
    let digits = digits(typed).filter(|digits| digits.len() == 13 && digits.starts_with(&[7, 5, 6])).ok_or(Mistake::AvsShape)?;
    let sum: u32 = digits.iter().take(12).zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    if digits.last() == Some(&((10 - sum % 10) % 10)) { Ok(joined(&digits)) } else { Err(Mistake::AvsCheckDigit) }
}

/// The Swiss company number: CHE, eight digits and a check digit modulo 11; suffixes such as TVA are for display only.
fn uid(typed: &str) -> Result<String, Mistake> {
    let upper = typed.to_uppercase();
    let rest = upper.strip_prefix("CHE").ok_or(Mistake::UidShape)?;
    let rest = ["MWST", "TVA", "IVA", "HR", "RC"].iter().fold(rest, |text, suffix| text.trim_end().trim_end_matches(suffix));
    let digits = digits(rest).filter(|digits| digits.len() == 9).ok_or(Mistake::UidShape)?;
    let sum: u32 = digits.iter().zip([5, 4, 3, 2, 7, 6, 5, 4]).map(|(digit, weight)| digit * weight).sum();
    // 11 counts as 0; 10 is never issued, and no digit equals it.
    if digits.last() == Some(&((11 - sum % 11) % 11)) {
        Ok(format!("CHE{}", joined(&digits)))
    } else {
        Err(Mistake::UidCheckDigit)
    }
}

fn number(typed: &str) -> Result<String, Mistake> {
    digits(typed).filter(|digits| !digits.is_empty()).map(|digits| joined(&digits)).ok_or(Mistake::NumberShape)
}

fn joined(digits: &[u32]) -> String {
    digits.iter().map(ToString::to_string).collect()
}

/// A day typed as dd.mm.yyyy; slashes, hyphens and spaces pass for the points, leading zeros may be left out. Where a registry knows
/// only the month or the year of a birth it prints 00 for the rest, and so may the person (00.00.1962).
fn date(typed: &str, today: NaiveDate) -> Result<String, Mistake> {
    let (day, month, year) = parts_of_date(typed)?;
    let whole = NaiveDate::from_ymd_opt(year, month.max(1), day.max(1)).ok_or(Mistake::DateImpossible)?;
    if year < 1880 || (month == 0 && day != 0) {
        return Err(Mistake::DateImpossible);
    }
    if whole > today { Err(Mistake::DateAhead) } else { Ok(format!("{year:04}-{month:02}-{day:02}")) }
}

fn parts_of_date(typed: &str) -> Result<(u32, u32, i32), Mistake> {
    let parts: Vec<&str> = typed.split(is_separator).filter(|part| !part.is_empty()).collect();
    let [day, month, year] = parts.as_slice() else {
        return Err(Mistake::DateShape);
    };
    // A sign is a number for the machine, not for a calendar.
    if !parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Mistake::DateShape);
    }
    let short = |part: &str| (1..=2).contains(&part.len()).then(|| part.parse().ok()).flatten().ok_or(Mistake::DateShape);
    let year = Some(year).filter(|year| year.len() == 4).and_then(|year| year.parse().ok()).ok_or(Mistake::DateShape)?;
    Ok((short(day)?, short(month)?, year))
}

/// A normal AVS number as people write it: 756.0000.0000.19.
#[must_use]
pub fn format_avs(number: &str) -> String {
    match (number.get(..3), number.get(3..7), number.get(7..11), number.get(11..)) {
        (Some(a), Some(b), Some(c), Some(d)) => format!("{a}.{b}.{c}.{d}"),
        _ => number.to_owned(),
    }
}

/// A company's name as it is compared: without accents, case, punctuation and legal form; «&», «et», «und», «e» are one.
#[must_use]
pub fn fold_company_name(name: &str) -> String {
    const LEGAL: [&str; 19] = [
        "sa", "rl", "ag", "sarl", "gmbh", "sagl", "cie", "co", "ltd", "llc", "inc", "snc", "kg", "kmg", "klg", "scarl", "spa",
        "srl", "plc",
    ];
    const AND: [&str; 4] = ["et", "und", "and", "e"];
    let unmarked = |text: &str| text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>();
    // Twice, because some small letters are written with a mark that the capital has within: İ.
    let plain = unmarked(&unmarked(name).to_lowercase()).replace('ß', "ss").replace('&', " et ");
    // «S.A.» is one word, «S.à r.l.» two: a point joins, everything else parts.
    let joined: String = plain.chars().filter(|c| *c != '.').map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words = joined.split_whitespace().filter(|word| !LEGAL.contains(word) && !AND.contains(word));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
    }

    fn normal(kind: IdentifierKind, typed: &str) -> Result<String, Mistake> {
        normal_form(kind, typed, today())
    }

    #[test]
    fn s_04_an_avs_number_is_read_with_any_separators_and_its_check_digit_is_checked() {
        for typed in ["756.0000.0000.19", "7560000000019", "756 0000 0000 19", "756-0000-0000-19", " 756.00000000 19 "] {
            assert_eq!(normal(IdentifierKind::AvsNumber, typed).as_deref(), Ok("7560000000019"), "{typed}");
        }
        assert_eq!(normal(IdentifierKind::AvsNumber, "756.9217.0769.85").as_deref(), Ok("7569217076985"));
        for (typed, mistake) in [
            ("", Mistake::Missing),
            ("756.0000.0000.1", Mistake::AvsShape),
            ("757.0000.0000.19", Mistake::AvsShape),
            ("756.0000.0000.1O", Mistake::AvsShape),
            ("756.0000.0000.199", Mistake::AvsShape),
            ("756.0000.0000.18", Mistake::AvsCheckDigit),
            ("756.0000.0001.19", Mistake::AvsCheckDigit),
        ] {
            assert_eq!(normal(IdentifierKind::AvsNumber, typed), Err(mistake), "{typed}");
        }
    }

    #[test]
    fn every_single_wrong_digit_of_an_avs_number_is_noticed() {
        let right = "7560000000019";
        for at in 3..13 {
            for digit in '0'..='9' {
                let mut typed: Vec<char> = right.chars().collect();
                typed[at] = digit;
                let typed: String = typed.into_iter().collect();
                assert_eq!(normal(IdentifierKind::AvsNumber, &typed).is_ok(), typed == right, "{typed}");
            }
        }
    }

    #[test]
    fn s_04_a_birth_date_is_read_as_people_write_it() {
        for (typed, found) in [
            ("12.03.1984", Ok("1984-03-12")),
            ("12.3.1984", Ok("1984-03-12")),
            ("12/03/1984", Ok("1984-03-12")),
            ("29.02.1968", Ok("1968-02-29")),
            ("29.02.1969", Err(Mistake::DateImpossible)),
            ("31.04.1970", Err(Mistake::DateImpossible)),
            ("12.13.1984", Err(Mistake::DateImpossible)),
            ("01.01.1850", Err(Mistake::DateImpossible)),
            ("12.03.84", Err(Mistake::DateShape)),
            ("1984-03-12", Err(Mistake::DateShape)),
            ("demain", Err(Mistake::DateShape)),
            ("+1.+3.1984", Err(Mistake::DateShape)),
            ("23.11.2026", Err(Mistake::DateAhead)),
            ("22.11.2026", Ok("2026-11-22")),
            ("00.00.1962", Ok("1962-00-00")),
            ("00.07.1962", Ok("1962-07-00")),
            ("12.00.1962", Err(Mistake::DateImpossible)),
        ] {
            assert_eq!(normal(IdentifierKind::Date, typed).as_deref().map_err(|mistake| *mistake), found, "{typed}");
        }
    }

    #[test]
    fn a_company_number_is_checked_by_its_last_digit() {
        for typed in ["CHE-109.322.551", "che109322551", "CHE-109.322.551 MWST", "CHE-100.155.212 TVA", "CHE-109.910.570 HR"] {
            assert!(normal(IdentifierKind::Uid, typed).is_ok(), "{typed}");
        }
        assert_eq!(normal(IdentifierKind::Uid, "CHE-999.000.019").as_deref(), Ok("CHE999000019"));
        assert_eq!(normal(IdentifierKind::Uid, "CHE-109.322.552"), Err(Mistake::UidCheckDigit));
        assert_eq!(normal(IdentifierKind::Uid, "109.322.551"), Err(Mistake::UidShape));
    }

    #[test]
    fn v_11_a_company_name_is_compared_without_its_trimmings() {
        let lake = fold_company_name("Boulangerie du Lac Sàrl");
        for typed in ["boulangerie du lac", "BOULANGERIE DU LAC S.à r.l.", "Boulangerie  du Lac, Sarl", "Boulangerie du Lac SA"]
        {
            assert_eq!(fold_company_name(typed), lake, "{typed}");
        }
        assert_eq!(fold_company_name("Elektro Moser & Co"), fold_company_name("Elektro Moser und Co."));
        assert_eq!(fold_company_name("İstanbul Döner"), fold_company_name("istanbul doner"));
        assert_ne!(fold_company_name("Boulangerie du Lac"), fold_company_name("Boulangerie du Bois"));
    }

    #[test]
    fn v_11_a_legal_form_alone_is_no_company_name() {
        for typed in ["SA", "S.A.", "& Co", "et Cie", "–", "S.à r.l."] {
            assert_eq!(normal(IdentifierKind::CompanyName, typed), Err(Mistake::CompanyNameShape), "{typed}");
        }
        assert_eq!(normal(IdentifierKind::CompanyName, " "), Err(Mistake::Missing));
        assert_eq!(normal(IdentifierKind::CompanyName, "Holzbau Amstutz AG").as_deref(), Ok("holzbau amstutz"));
    }
}
