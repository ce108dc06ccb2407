//! The portal's languages: which one a visitor gets, and its words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A language the portal has words for; written as its ISO 639-1 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// French.
    Fr,
    /// German.
    De,
    /// Italian.
    It,
    /// English.
    En,
}

/// Words by key, as in `words/*.toml`.
pub(crate) type Words = BTreeMap<String, String>;

impl Language {
    /// Every language, in the order of the language switch.
    pub const ALL: [Self; 4] = [Self::Fr, Self::De, Self::It, Self::En];

    /// The code for `lang` attributes and `ui_locales`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::De => "de",
            Self::It => "it",
            Self::En => "en",
        }
    }

    /// The language's name in itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::De => "Deutsch",
            Self::It => "Italiano",
            Self::En => "English",
        }
    }

    /// The language of a language tag (RFC 5646): its first subtag counts. Romansh speakers read German.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.trim().to_ascii_lowercase();
        let primary = if primary == "rm" { "de" } else { primary.as_str() };
        Self::ALL.into_iter().find(|language| language.code() == primary)
    }

    /// The words of this language.
    pub(crate) fn words(self) -> Result<Words, toml::de::Error> {
        toml::from_str(match self {
            Self::Fr => include_str!("../words/fr.toml"),
            Self::De => include_str!("../words/de.toml"),
            Self::It => include_str!("../words/it.toml"),
            Self::En => include_str!("../words/en.toml"),
        })
    }
}

/// The language of a page: what was chosen on the switch, else the best of `Accept-Language` (RFC 9110, section 12.5.4), else
/// the portal's first.
pub(crate) fn choose(chosen: Option<&str>, accept_language: Option<&str>, offered: &[Language]) -> Language {
    let offers = |language: &Language| offered.contains(language);
    chosen
        .and_then(Language::of_tag)
        .filter(offers)
        .or_else(|| preferred(accept_language?).into_iter().find(offers))
        .or_else(|| offered.first().copied())
        .unwrap_or(Language::Fr)
}

fn preferred(accept_language: &str) -> Vec<Language> {
    let mut wishes: Vec<(f32, Language)> = accept_language
        .split(',')
        .filter_map(|wish| {
            let (tag, quality) = wish.split_once(";q=").unwrap_or((wish, "1"));
            let quality: f32 = quality.trim().parse().ok()?;
            Some((quality, Language::of_tag(tag)?))
        })
        .filter(|(quality, _)| *quality > 0.0)
        .collect();
    // A stable sort: equal wishes stay in the order the browser sent them.
    wishes.sort_by(|a, b| b.0.total_cmp(&a.0));
    wishes.into_iter().map(|(_, language)| language).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_gets_the_language_chosen_before_the_language_of_the_browser() {
        assert_eq!(choose(Some("it"), Some("de-CH,de;q=0.9"), &Language::ALL), Language::It);
        assert_eq!(choose(None, Some("en;q=0.5, de-CH, fr;q=0.8"), &Language::ALL), Language::De);
        assert_eq!(choose(None, Some("sv, en;q=0.1"), &Language::ALL), Language::En);
    }

    #[test]
    fn a_romansh_speaker_reads_german() {
        assert_eq!(choose(None, Some("rm-CH"), &Language::ALL), Language::De);
    }

    #[test]
    fn a_language_the_portal_does_not_offer_is_not_taken() {
        let offered = [Language::Fr, Language::De];
        assert_eq!(choose(Some("it"), Some("en, de;q=0.2"), &offered), Language::De);
        assert_eq!(choose(None, Some("en, it, fr;q=0"), &offered), Language::Fr);
        assert_eq!(choose(Some("<script>"), None, &offered), Language::Fr);
    }

    #[test]
    fn every_language_has_the_same_words() {
        let keys = |language: Language| language.words().unwrap().into_keys().collect::<Vec<_>>();
        for language in Language::ALL {
            assert_eq!(keys(language), keys(Language::Fr), "{}", language.code());
        }
    }
}
