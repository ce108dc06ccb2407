//! What the demo's pages are made of: templates, words in four languages, the fund's time zone.

use super::language::Asked;
use axum::response::Html;
use chrono::DateTime;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use poterne_idp::{Lang, RealmDocument};
use std::collections::BTreeMap;

/// Words by key, as in `words/*.toml`.
pub type Words = BTreeMap<String, String>;

/// Reads an instant of the outbox as a time of day in one fund's zone.
type Zone = Box<dyn Fn(&str) -> String + Send + Sync>;

/// Templates, words and the time zone of shown times.
pub struct Paper {
    templates: Environment<'static>,
    words: BTreeMap<Lang, Words>,
    zones: BTreeMap<String, Zone>,
}

impl Paper {
    /// Reads everything once; times are shown as in the fund whose document it is.
    ///
    /// # Errors
    /// In words, for what does not read.
    pub fn load(documents: &[RealmDocument]) -> Result<Self, String> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, source) in [
            ("layout.html", include_str!("templates/layout.html")),
            ("start.html", include_str!("templates/start.html")),
            ("outbox.html", include_str!("templates/outbox.html")),
            ("message.html", include_str!("templates/message.html")),
            ("app.html", include_str!("templates/app.html")),
            ("notice.html", include_str!("templates/notice.html")),
        ] {
            templates.add_template(name, source).map_err(|error| error.to_string())?;
        }
        let words = Lang::ALL.into_iter().map(|lang| Ok((lang, words_of(lang)?))).collect::<Result<_, String>>()?;
        let zones = documents.iter().map(|document| {
            let zone = document.time_zone;
            let when: Zone = Box::new(move |at| match DateTime::parse_from_rfc3339(at) {
                Ok(at) => at.with_timezone(&zone).format("%d.%m.%Y %H:%M").to_string(),
                Err(_) => at.to_owned(),
            });
            (document.slug.clone(), when)
        });
        Ok(Self { templates, words, zones: zones.collect() })
    }

    /// The words of a language.
    pub fn words(&self, lang: Lang) -> Option<&Words> {
        self.words.get(&lang)
    }

    /// An RFC 3339 time as the clock on the wall of this fund shows it, `dd.mm.yyyy hh:mm`.
    pub fn when(&self, fund: &str, at: &str) -> String {
        self.zones.get(fund).map_or_else(|| at.to_owned(), |when| when(at))
    }

    /// A page. `at` says which entry of the navigation is the current one.
    ///
    /// # Errors
    /// In words, for a template that misses a value.
    pub fn page(&self, template: &str, at: &str, asked: &Asked, page: Value) -> Result<Html<String>, String> {
        let languages: Vec<Value> =
            Lang::ALL.into_iter().map(|lang| context! { tag => lang.tag(), name => lang.own_name() }).collect();
        let words = self.words(asked.lang);
        let shown = context! { lang => asked.lang.tag(), keep => asked.query(false), words, languages, at, page };
        let template = self.templates.get_template(template);
        // `{:#}` would print the values around the mistake, which may be codes.
        template.and_then(|template| template.render(shown)).map(Html).map_err(|error| error.to_string())
    }
}

fn words_of(lang: Lang) -> Result<Words, String> {
    let text = match lang {
        Lang::Fr => include_str!("words/fr.toml"),
        Lang::De => include_str!("words/de.toml"),
        Lang::It => include_str!("words/it.toml"),
        Lang::En => include_str!("words/en.toml"),
    };
    toml::from_str(text).map_err(|error| format!("words in {}: {error}", lang.tag()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::funds::FUNDS;

    #[test]
    fn the_same_words_stand_in_every_language() {
        let keys = |lang| words_of(lang).unwrap().into_keys().collect::<Vec<_>>();
        for lang in Lang::ALL {
            assert_eq!(keys(lang), keys(Lang::Fr), "{}", lang.tag());
            assert!(words_of(lang).unwrap().values().all(|words| !words.trim().is_empty()), "{}", lang.tag());
        }
    }

    #[test]
    fn times_are_those_of_the_fund_in_summer_and_in_winter() {
        let paper = Paper::load(&[FUNDS[0].document().unwrap()]).unwrap();
        assert_eq!(paper.when("lindenhof", "2026-07-01T22:30:00.000000Z"), "02.07.2026 00:30");
        assert_eq!(paper.when("lindenhof", "2026-01-15T12:00:00Z"), "15.01.2026 13:00");
        assert_eq!(paper.when("lindenhof", "noon"), "noon");
    }
}
