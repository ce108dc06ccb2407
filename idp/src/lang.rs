//! The languages of the provider's pages, messages and settings.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A language of the provider's own pages and messages. The order is that of the switcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// French.
    Fr,
    /// German as written in Switzerland.
    De,
    /// Italian.
    It,
    /// English.
    En,
}

impl Lang {
    /// Every language, in the order of the switcher.
    pub const ALL: [Self; 4] = [Self::Fr, Self::De, Self::It, Self::En];

    /// The two-letter tag (BCP 47), as in the `lang` attribute.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::De => "de",
            Self::It => "it",
            Self::En => "en",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::De => "Deutsch",
            Self::It => "Italiano",
            Self::En => "English",
        }
    }

    /// The language for a tag such as `fr`, `de-CH` or `rm`: by its first part; Romansh speakers get German. `None` for others.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "fr" => Some(Self::Fr),
            "de" | "rm" | "gsw" => Some(Self::De),
            "it" => Some(Self::It),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// A text in several languages, as a realm's document gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Localised(pub BTreeMap<Lang, String>);

impl Localised {
    /// The text in this language, else in the first language that has one, else nothing.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        self.shown(lang).map_or("", |(_, text)| text)
    }

    /// What [`Self::get`] gives, with the language it really is in.
    #[must_use]
    pub fn shown(&self, lang: Lang) -> Option<(Lang, &str)> {
        let found = self.0.get_key_value(&lang).or_else(|| self.0.first_key_value());
        found.map(|(lang, text)| (*lang, text.as_str()))
    }

    /// The languages among these that have no text.
    #[must_use]
    pub fn missing(&self, languages: &[Lang]) -> Vec<Lang> {
        languages.iter().filter(|lang| !self.0.contains_key(lang)).copied().collect()
    }
}
