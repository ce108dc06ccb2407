//! What a request asks of a page: its language, and whether the outbox refreshes itself.

use axum::extract::{FromRequestParts, Query};
use axum::http::header;
use axum::http::request::Parts;
use poterne_idp::Lang;
use serde::Deserialize;
use std::convert::Infallible;

/// What a request asks of a page.
pub struct Asked {
    /// The language of the answer.
    pub lang: Lang,
    /// The language that the switch chose; links carry it on.
    chosen: Option<Lang>,
    /// Whether the outbox refreshes itself.
    pub auto: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    lang: Option<String>,
    auto: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let Query(asked) = Query::<Parameters>::try_from_uri(&parts.uri).unwrap_or_default();
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let chosen = asked.lang.as_deref().and_then(Lang::from_tag);
        let lang = chosen.or_else(|| preferred(accepted?)).unwrap_or(Lang::Fr);
        Ok(Self { lang, chosen, auto: asked.auto.is_some() })
    }
}

impl Asked {
    /// The query of a link that keeps the chosen language, and refreshes itself if `auto`.
    pub fn query(&self, auto: bool) -> String {
        let lang = self.chosen.map(|lang| format!("lang={}", lang.tag()));
        let wishes: Vec<String> = lang.into_iter().chain(auto.then(|| "auto=1".to_owned())).collect();
        if wishes.is_empty() { String::new() } else { format!("?{}", wishes.join("&")) }
    }
}

/// The language of `Accept-Language` that we have and that is wanted most (RFC 9110, section 12.5.4).
fn preferred(accepted: &str) -> Option<Lang> {
    let mut best: Option<(f32, Lang)> = None;
    for wish in accepted.split(',') {
        let (tag, quality) = wish.split_once(';').unwrap_or((wish, "q=1"));
        let quality = quality.trim().strip_prefix("q=").and_then(|quality| quality.parse::<f32>().ok()).unwrap_or(0.0);
        let Some(lang) = Lang::from_tag(tag).filter(|_| quality > 0.0) else { continue };
        // Among equals the first one counts.
        if best.is_none_or(|(most, _)| quality > most) {
            best = Some((quality, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wanted_language_that_we_have_counts() {
        assert_eq!(preferred("de-CH,de;q=0.9,en;q=0.8"), Some(Lang::De));
        assert_eq!(preferred("en;q=0.4, it-CH;q=0.7"), Some(Lang::It));
        assert_eq!(preferred("rm"), Some(Lang::De));
        assert_eq!(preferred("fr;q=0, en"), Some(Lang::En));
        assert_eq!(preferred("pt, *;q=0.5"), None);
    }
}
