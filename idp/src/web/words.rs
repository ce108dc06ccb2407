//! The words people read: four languages, chosen by what the person asked for, looked up strictly.

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::loader::langid;
use fluent_templates::{LanguageIdentifier, static_loader};
use std::collections::HashMap;

static_loader! {
    static WORDS = {
        locales: "./templates/locales",
        fallback_language: "fr",
        // Isolating marks would end up in codes and addresses that people copy; none of our languages needs them.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

pub use crate::lang::Lang;

/// What is known of the language a person wants, strongest first. Each is what the wire carried, unchecked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes<'a> {
    /// The switcher on the page (`?lang=de`).
    pub chosen: Option<&'a str>,
    /// `ui_locales` of the authorization request: tags apart by spaces, best first (OpenID Connect Core 3.1.2.1).
    pub ui_locales: Option<&'a str>,
    /// The cookie that remembers an earlier choice.
    pub cookie: Option<&'a str>,
    /// The `Accept-Language` header (RFC 9110 section 12.5.4).
    pub accept_language: Option<&'a str>,
}

/// The language to speak: the strongest wish that the realm offers, else the realm's first language, else French.
#[must_use]
pub fn negotiate(offered: &[Lang], wishes: Wishes<'_>) -> Lang {
    let single = |tag: Option<&str>| tag.and_then(Lang::from_tag).into_iter().collect::<Vec<_>>();
    let listed = wishes.ui_locales.map(|list| list.split(' ').filter_map(Lang::from_tag).collect()).unwrap_or_default();
    let accepted = wishes.accept_language.map(by_quality).unwrap_or_default();
    [single(wishes.chosen), listed, single(wishes.cookie), accepted]
        .concat()
        .into_iter()
        .find(|lang| offered.contains(lang))
        .or_else(|| offered.first().copied())
        .unwrap_or(Lang::Fr)
}

/// The languages of an `Accept-Language` header, best first, those refused by `q=0` left out (RFC 9110 section 12.4.2).
fn by_quality(header: &str) -> Vec<Lang> {
    let mut found: Vec<(u16, Lang)> = header
        .split(',')
        .take(32)
        .filter_map(|part| {
            let mut pieces = part.split(';');
            let lang = Lang::from_tag(pieces.next()?)?;
            Some((pieces.find_map(quality).unwrap_or(1000), lang))
        })
        .filter(|(quality, _)| *quality > 0)
        .collect();
    found.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    found.into_iter().map(|(_, lang)| lang).collect()
}

/// A weight in thousandths: `q=0.85` is 850. Anything unreadable counts as no weight given.
fn quality(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let thousandths = format!("{fraction:0<3}").get(..3)?.parse::<u16>().ok()?;
    Some((whole.parse::<u16>().ok()?.min(1) * 1000 + thousandths).min(1000))
}

/// A key has no words in a language, or its words ask for an argument that was not given.
#[derive(Debug, thiserror::Error)]
#[error("no words for {key} in {lang}: {cause}", lang = .lang.tag())]
pub struct NoWords {
    /// The key asked for.
    pub key: String,
    /// The language asked for.
    pub lang: Lang,
    cause: String,
}

const fn identifier(lang: Lang) -> LanguageIdentifier {
    match lang {
        Lang::Fr => langid!("fr"),
        Lang::De => langid!("de"),
        Lang::It => langid!("it"),
        Lang::En => langid!("en"),
    }
}

/// The words for a key in exactly this language; never another language's in their place.
///
/// # Errors
/// [`NoWords`] when the key is unknown or an argument is missing.
pub fn t(lang: Lang, key: &str, args: &[(&str, FluentValue<'_>)]) -> Result<String, NoWords> {
    let args: HashMap<&str, FluentValue<'_>> = args.iter().cloned().collect();
    WORDS.lookup_single_language(&identifier(lang), key, Some(&args)).map_err(|cause| NoWords {
        key: key.to_owned(),
        lang,
        cause: cause.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Lang] = &Lang::ALL;

    fn accept(header: &str) -> Lang {
        negotiate(ALL, Wishes { accept_language: Some(header), ..Wishes::default() })
    }

    #[test]
    fn the_strongest_wish_that_the_realm_offers_wins() {
        let all = Wishes { chosen: Some("it"), ui_locales: Some("en"), cookie: Some("de"), accept_language: Some("fr") };
        assert_eq!(negotiate(ALL, all), Lang::It);
        assert_eq!(negotiate(ALL, Wishes { chosen: None, ..all }), Lang::En);
        assert_eq!(negotiate(ALL, Wishes { chosen: None, ui_locales: None, ..all }), Lang::De);
        assert_eq!(negotiate(&[Lang::De, Lang::Fr], Wishes { ui_locales: Some("it fr"), ..Wishes::default() }), Lang::Fr);
        assert_eq!(negotiate(&[Lang::De], Wishes { chosen: Some("fr"), ..Wishes::default() }), Lang::De);
        assert_eq!(negotiate(&[], Wishes::default()), Lang::Fr);
    }

    #[test]
    fn romansh_speakers_get_german() {
        assert_eq!(accept("rm-CH, it;q=0.5"), Lang::De);
        assert_eq!(negotiate(ALL, Wishes { ui_locales: Some("rm"), ..Wishes::default() }), Lang::De);
    }

    #[test]
    fn accept_language_is_read_by_quality_and_survives_nonsense() {
        assert_eq!(accept("pl, en;q=0.7, it;q=0.85"), Lang::It);
        assert_eq!(accept("de;q=0, en;q=0.1"), Lang::En);
        assert_eq!(accept("de;q=banane, it;q=0.9"), Lang::De);
        assert_eq!(accept(";;;,,=,*"), Lang::Fr);
        assert_eq!(accept("en;q=0.é"), Lang::En);
    }

    #[test]
    fn a_missing_key_and_a_missing_argument_are_errors() {
        assert!(t(Lang::De, "no-such-key", &[]).is_err());
        assert!(t(Lang::De, "signin-continue-to", &[]).is_err());
    }
}
