//! Step 1 as rules: reading what was typed, and what may be said about it.

use super::draft::{AcceptedTerms, Answered, Identified};
use crate::directory::population::{Mistake, format_avs, normal_form};
use crate::directory::registry::EntryStatus;
use crate::directory::terms;
use crate::lang::Lang;
use crate::onboarding::code::{self, Code, CodeMistake, CodePurpose, CodeState, Revocation};
use crate::settings::{AcceptTerms, IdentifierKind, Population, TermsVersion};
use crate::web::form::{Fault, FieldError};
use chrono::NaiveDate;
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;

/// The form's field of the activation code.
pub const CODE_FIELD: &str = "code";
/// The form's field of the terms' checkbox.
pub const TERMS_FIELD: &str = "terms";
const LONGEST: u32 = 200;

/// The terms that step 1 asks to accept, where it does.
#[must_use]
pub fn terms_at_identification(population: &Population, today: NaiveDate) -> Option<&TermsVersion> {
    let terms = population.terms.as_ref().filter(|terms| terms.accept == AcceptTerms::Identification);
    terms.and_then(|terms| terms.current(today))
}

/// A form as it was posted, by the fields' names.
pub type Fields = BTreeMap<String, String>;

/// What was typed in step 1, well formed. It holds an AVS number and a code: it has no `Debug`.
#[derive(Clone)]
pub struct Typed {
    /// Field and normal form, in the population's order.
    pub identifiers: Vec<(String, String)>,
    /// The code in its normal form.
    pub code: Secret,
    /// What a draft keeps of it.
    pub who: Identified,
}

/// Reads the form of step 1. `today` is the day in the realm's time zone.
///
/// # Errors
/// Every mistake of form, in the order of the fields. None costs a try.
pub fn read(
    population: &Population,
    fields: &Fields,
    today: NaiveDate,
    lang: Lang,
    now: Timestamp,
) -> Result<Typed, Vec<FieldError>> {
    let typed = |field: &str| fields.get(field).map_or("", String::as_str);
    let (mut identifiers, mut answers, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for field in &population.identifiers {
        match normal_form(field.kind, typed(&field.field), today) {
            Ok(normal) => {
                answers.push(Answered { field: field.field.clone(), shown: shown(field.kind, &normal, typed(&field.field)) });
                identifiers.push((field.field.clone(), normal));
            }
            Err(mistake) => errors.push(FieldError::at(&field.field, fault_of(mistake))),
        }
    }
    let code = code::read(typed(CODE_FIELD), population.code.check_character);
    if let Err(mistake) = &code {
        errors.push(FieldError::at(CODE_FIELD, fault_of_code(*mistake)));
    }
    let terms = terms_at_identification(population, today);
    if terms.is_some() && typed(TERMS_FIELD) != "yes" {
        errors.push(FieldError::at(TERMS_FIELD, Fault::TermsNotAccepted));
    }
    let terms = terms.map(|terms| AcceptedTerms {
        version: terms.number,
        language: terms::shown(terms, lang).0,
        hash: *terms::hash(terms, lang).as_bytes(),
        at: now,
    });
    match code {
        Ok(code) if errors.is_empty() => Ok(Typed { identifiers, code, who: Identified { answers, terms } }),
        _ => Err(errors),
    }
}

const fn fault_of(mistake: Mistake) -> Fault {
    match mistake {
        Mistake::Missing => Fault::Required,
        Mistake::AvsShape => Fault::AvsFormat,
        Mistake::AvsCheckDigit => Fault::AvsCheckDigit,
        Mistake::DateShape => Fault::DateFormat,
        Mistake::DateImpossible | Mistake::DateAhead => Fault::DateImpossible,
        Mistake::UidShape => Fault::UidFormat,
        Mistake::UidCheckDigit => Fault::UidCheckDigit,
        Mistake::NumberShape => Fault::NumberFormat,
        Mistake::CompanyNameShape => Fault::CompanyName,
        Mistake::TooLong => Fault::TooLong(LONGEST),
    }
}

const fn fault_of_code(mistake: CodeMistake) -> Fault {
    match mistake {
        CodeMistake::Missing => Fault::Required,
        CodeMistake::Alphabet => Fault::CodeAlphabet,
        CodeMistake::Length => Fault::CodeLength,
        CodeMistake::CheckCharacter => Fault::CodeCheck,
    }
}

/// An answer as it is shown again: the AVS number masked, a date as people write it, anything else as typed.
fn shown(kind: IdentifierKind, normal: &str, typed: &str) -> String {
    match kind {
        IdentifierKind::AvsNumber => {
            let hide = |(at, c): (usize, char)| if c != '.' && (4..11).contains(&at) { '•' } else { c };
            format_avs(normal).chars().enumerate().map(hide).collect()
        }
        // Not through a calendar: the day or the month of a birth may be unknown (1962-00-00).
        IdentifierKind::Date => match normal.split('-').collect::<Vec<_>>().as_slice() {
            [year, month, day] => format!("{day}.{month}.{year}"),
            _ => normal.to_owned(),
        },
        IdentifierKind::Number | IdentifierKind::Uid | IdentifierKind::CompanyName | IdentifierKind::Text => {
            typed.trim().to_owned()
        }
    }
}

/// What the store knows about well-formed answers.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The code with the digest of the one typed, in whatever state.
    pub code: Option<&'a Code>,
    /// The population whose page was filled in.
    pub population: &'a str,
    /// Whether all identifiers are those of the code's entry.
    pub matches: bool,
    /// Where the code's entry stands with the fund.
    pub status: Option<EntryStatus>,
    /// Whether the code's entry has an account that counts.
    pub has_account: bool,
    /// Whether everything of that account was ended since the code was issued.
    pub cut_since: bool,
    /// When the code that took this one's place was issued.
    pub newer: Option<Timestamp>,
}

/// What may be said about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identification {
    /// The person may enroll.
    Recognised,
    /// The one answer for an unknown person, a wrong code, another's code, one who left or died (`decisions.md` 14). The reason is for
    /// the audit trail alone.
    NotRecognised(&'static str),
    /// There is this very code, for another population's page. Where it belongs may be told, and nothing else of it.
    OtherPage,
    /// Identifiers and code are right, and the code has made an account.
    Used,
    /// Identifiers and code are right, and the person has an account, by another code.
    AccountExists,
    /// Identifiers and code are right, and the code's time is over.
    Expired,
    /// Identifiers and code are right, and a newer code was issued then.
    Replaced(Timestamp),
}

/// Judges well-formed answers: only who gives matching identifiers and the exact code learns more than yes or no.
#[must_use]
pub fn identify(facts: &Facts<'_>, now: Timestamp) -> Identification {
    let Some(code) = facts.code else {
        return Identification::NotRecognised("unknown_code");
    };
    if code.population != facts.population {
        return Identification::OtherPage;
    }
    if !facts.matches {
        return Identification::NotRecognised("other_identifiers");
    }
    if facts.status != Some(EntryStatus::Active) {
        return Identification::NotRecognised("not_with_the_fund");
    }
    match (code.state, code.purpose) {
        // It stays used, even where the account that it made is gone since.
        (CodeState::Redeemed { .. }, _) => Identification::Used,
        (_, CodePurpose::Register) if facts.has_account => Identification::AccountExists,
        (_, CodePurpose::RecoverFactor) if !facts.has_account => Identification::NotRecognised("no_account"),
        // Whoever stopped the account may have meant this very letter: only another one brings it back.
        (CodeState::Active, CodePurpose::RecoverFactor) if facts.cut_since => Identification::NotRecognised("account_cut"),
        (state, _) => identify_unused(code, state, facts.newer, now),
    }
}

fn identify_unused(code: &Code, state: CodeState, newer: Option<Timestamp>, now: Timestamp) -> Identification {
    match state {
        CodeState::Revoked { reason: Revocation::Replaced, .. } => {
            newer.map_or(Identification::NotRecognised("revoked_code"), Identification::Replaced)
        }
        CodeState::Revoked { .. } | CodeState::Redeemed { .. } => Identification::NotRecognised("revoked_code"),
        CodeState::Active if now >= code.expires_at => Identification::Expired,
        CodeState::Active => Identification::Recognised,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poterne_protocol::id::{CodeId, EntryId};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    fn code(state: CodeState) -> Code {
        Code {
            id: CodeId::from_bytes([1; 16]),
            purpose: CodePurpose::Register,
            population: "insured".into(),
            entry: EntryId::from_bytes([2; 16]),
            issued_at: at(0),
            expires_at: at(100),
            state,
            enrollment: None,
        }
    }

    fn facts(code: &Code) -> Facts<'_> {
        let status = Some(EntryStatus::Active);
        Facts {
            code: Some(code),
            population: "insured",
            matches: true,
            status,
            has_account: false,
            cut_since: false,
            newer: Some(at(50)),
        }
    }

    #[test]
    fn only_matching_identifiers_and_the_exact_code_learn_more_than_no() {
        let redeemed = code(CodeState::Redeemed { account: None });
        let replaced = code(CodeState::Revoked { reason: Revocation::Replaced, replaced_by: None });
        let left = code(CodeState::Revoked { reason: Revocation::Left, replaced_by: None });
        let active = code(CodeState::Active);
        for code in [&redeemed, &replaced, &left, &active] {
            for stranger in [
                Facts { matches: false, ..facts(code) },
                Facts { matches: false, has_account: true, ..facts(code) },
                Facts { status: Some(EntryStatus::Left), ..facts(code) },
                Facts { status: Some(EntryStatus::Deceased), has_account: true, ..facts(code) },
                Facts { status: None, ..facts(code) },
                Facts { code: None, ..facts(code) },
            ] {
                for now in [at(1), at(1_000)] {
                    assert!(matches!(identify(&stranger, now), Identification::NotRecognised(_)), "{stranger:?}");
                }
            }
        }
        for code in [&redeemed, &replaced, &left, &active] {
            for (matches, status) in [(true, Some(EntryStatus::Active)), (false, Some(EntryStatus::Deceased)), (false, None)] {
                let there = Facts { population: "employer", matches, status, ..facts(code) };
                assert_eq!(identify(&there, at(1_000)), Identification::OtherPage, "where it belongs, and nothing else");
            }
        }
        assert_eq!(identify(&facts(&active), at(99)), Identification::Recognised);
        assert_eq!(identify(&facts(&active), at(100)), Identification::Expired);
        assert_eq!(identify(&facts(&redeemed), at(1_000)), Identification::Used);
        assert_eq!(identify(&Facts { has_account: true, ..facts(&active) }, at(1)), Identification::AccountExists);
        assert_eq!(identify(&facts(&replaced), at(1)), Identification::Replaced(at(50)));
        assert_eq!(identify(&facts(&left), at(1)), Identification::NotRecognised("revoked_code"));
    }

    #[test]
    fn a_code_that_brings_an_account_back_wants_the_account_to_be_there() {
        let lost = Code { purpose: CodePurpose::RecoverFactor, ..code(CodeState::Active) };
        let used = Code { purpose: CodePurpose::RecoverFactor, ..code(CodeState::Redeemed { account: None }) };
        assert_eq!(identify(&Facts { has_account: true, ..facts(&lost) }, at(1)), Identification::Recognised);
        assert_eq!(identify(&Facts { has_account: true, ..facts(&lost) }, at(100)), Identification::Expired);
        assert_eq!(identify(&facts(&lost), at(1)), Identification::NotRecognised("no_account"));
        let cut = Facts { has_account: true, cut_since: true, ..facts(&lost) };
        assert_eq!(identify(&cut, at(1)), Identification::NotRecognised("account_cut"));
        assert_eq!(identify(&Facts { has_account: true, ..facts(&used) }, at(1)), Identification::Used);
        assert!(matches!(
            identify(&Facts { matches: false, has_account: true, ..facts(&lost) }, at(1)),
            Identification::NotRecognised(_)
        ));
    }

    #[test]
    fn answers_are_shown_again_masked_where_the_law_asks_for_it() {
        assert_eq!(shown(IdentifierKind::AvsNumber, "7560000000019", "7560000000019"), "756.••••.••00.19");
        assert_eq!(shown(IdentifierKind::Date, "1984-03-12", "12/3/1984"), "12.03.1984");
        assert_eq!(shown(IdentifierKind::Date, "1962-00-00", "00.00.1962"), "00.00.1962");
        assert_eq!(shown(IdentifierKind::CompanyName, "boulangerie du lac", " Boulangerie du Lac SA "), "Boulangerie du Lac SA");
    }
}
