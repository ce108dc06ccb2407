//! What may be published: text that is not there yet, and never a change of text that is.

use crate::lang::Lang;
use crate::settings::TermsVersion;
use chrono::NaiveDate;

/// One version in one language, as it was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedText {
    /// The version.
    pub number: u32,
    /// The text's language.
    pub language: Lang,
    /// The day from which it applies, in the realm's time zone.
    pub effective_from: NaiveDate,
    /// The text.
    pub text: String,
}

/// What publishing a version comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publication {
    /// All of it is published already.
    Nothing,
    /// These languages are new.
    New(Vec<Lang>),
    /// It differs from what is published (I-70): nothing of it may be written.
    Refused(Vec<Difference>),
}

/// How a document differs from what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// In the text of this language.
    Text(Lang),
    /// In the day from which it applies; this one is published.
    EffectiveFrom(NaiveDate),
}

/// What publishing a version comes to, given its texts that are published. A language may be added later, and may be left out of the
/// document: what was published of it stays.
pub(super) fn publication(version: &TermsVersion, published: &[PublishedText]) -> Publication {
    let found = |lang: &Lang| published.iter().find(|text| text.language == *lang);
    let changed = version.text.0.iter().filter(|(lang, text)| found(lang).is_some_and(|published| published.text != **text));
    let mut differences: Vec<Difference> = changed.map(|(lang, _)| Difference::Text(*lang)).collect();
    let other_day = published.iter().find(|text| text.effective_from != version.effective_from);
    differences.extend(other_day.map(|text| Difference::EffectiveFrom(text.effective_from)));
    if !differences.is_empty() {
        return Publication::Refused(differences);
    }
    let new: Vec<Lang> = version.text.0.keys().filter(|lang| found(lang).is_none()).copied().collect();
    if new.is_empty() { Publication::Nothing } else { Publication::New(new) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Localised;

    fn day(month: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, 1).unwrap()
    }

    fn version(month: u32, texts: &[(Lang, &str)]) -> TermsVersion {
        let text = Localised(texts.iter().map(|(lang, text)| (*lang, (*text).to_owned())).collect());
        TermsVersion { number: 2, effective_from: day(month), ask_again: true, ask_again_from: None, text }
    }

    fn published(lang: Lang, text: &str) -> PublishedText {
        PublishedText { number: 2, language: lang, effective_from: day(3), text: text.into() }
    }

    #[test]
    fn what_is_new_is_published_and_what_is_published_never_changes() {
        use Difference::{EffectiveFrom, Text};
        let (fr, de) = ((Lang::Fr, "Texte"), (Lang::De, "Text"));
        let there = [published(Lang::Fr, "Texte")];
        assert_eq!(publication(&version(3, &[fr, de]), &[]), Publication::New(vec![Lang::Fr, Lang::De]));
        assert_eq!(publication(&version(3, &[fr]), &there), Publication::Nothing);
        assert_eq!(publication(&version(3, &[fr, de]), &there), Publication::New(vec![Lang::De]), "a language more");
        assert_eq!(publication(&version(3, &[de]), &there), Publication::New(vec![Lang::De]), "a language less");
        let changed = version(3, &[(Lang::Fr, "Texte."), de]);
        assert_eq!(publication(&changed, &there), Publication::Refused(vec![Text(Lang::Fr)]), "one full stop");
        assert_eq!(publication(&version(4, &[fr]), &there), Publication::Refused(vec![EffectiveFrom(day(3))]));
        assert_eq!(publication(&version(4, &[de]), &there), Publication::Refused(vec![EffectiveFrom(day(3))]), "in any language");
    }
}
