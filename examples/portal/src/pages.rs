//! The portal's pages: a template each, and what it is given.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use minijinja::{Environment, UndefinedBehavior, Value, context, value::Serde};

use crate::{
    claims::Shown,
    cookies,
    language::{self, Language},
    portal::Portal,
    provider::SignedIn,
};

/// The templates; a missing value is an error, and every value is escaped.
pub(crate) fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in [
        ("base.html", include_str!("../templates/base.html")),
        ("welcome.html", include_str!("../templates/welcome.html")),
        ("signed_in.html", include_str!("../templates/signed_in.html")),
        ("signed_out.html", include_str!("../templates/signed_out.html")),
        ("notice.html", include_str!("../templates/notice.html")),
    ] {
        templates.add_template(name, source)?;
    }
    Ok(templates)
}

/// The language of the answer to a request.
pub(crate) fn language(portal: &Portal, headers: &HeaderMap) -> Language {
    let chosen = portal.cookies.get(headers, cookies::LANGUAGE);
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    language::choose(chosen.as_deref(), accepted, &portal.languages)
}

/// How far a sign-out reached.
#[derive(Clone, Copy)]
pub(crate) enum SignedOut {
    /// Here and at the provider, which said so.
    Everywhere,
    /// Here; of the provider nothing is known.
    Here,
    /// Here; the provider was asked and has not answered.
    Unconfirmed,
}

/// One request's view on the portal's pages: its language, and the address the language switch returns to.
pub(crate) struct Pages<'a> {
    portal: &'a Portal,
    language: Language,
    here: String,
}

impl<'a> Pages<'a> {
    /// Pages for a request; `here` is its path and query.
    pub(crate) fn of(portal: &'a Portal, headers: &HeaderMap, here: impl Into<String>) -> Self {
        Self { portal, language: language(portal, headers), here: here.into() }
    }

    /// The start page of a visitor.
    pub(crate) fn welcome(&self) -> Response {
        let brand = Value::from(Serde(self.portal.brand.words.get(&self.language)));
        self.render(StatusCode::OK, "welcome.html", context! { brand })
    }

    /// The start page of a person who is signed in.
    pub(crate) fn signed_in(&self, who: &SignedIn) -> Response {
        let Some(words) = self.portal.words.get(&self.language) else { return failed() };
        let person = Value::from(Serde(Shown::of(&who.claims, words)));
        let raw = serde_json::to_string_pretty(&who.id_token_claims).unwrap_or_default();
        self.render(
            StatusCode::OK,
            "signed_in.html",
            context! { person, raw, account => &self.portal.account, signed_in => true },
        )
    }

    /// «You are signed out»: how far.
    pub(crate) fn signed_out(&self, extent: SignedOut) -> Response {
        let (extent, again) = match extent {
            SignedOut::Everywhere => ("everywhere", false),
            SignedOut::Here => ("here", false),
            SignedOut::Unconfirmed => ("unconfirmed", true),
        };
        self.render(StatusCode::OK, "signed_out.html", context! { extent, again })
    }

    /// A page that explains, with a way on. `about` starts the keys of its words; `reference` is what the log calls the event.
    pub(crate) fn notice(&self, status: StatusCode, about: &str, reference: Option<&str>) -> Response {
        self.render(status, "notice.html", context! { about, reference })
    }

    fn render(&self, status: StatusCode, template: &str, page: Value) -> Response {
        let languages: Vec<Value> = self
            .portal
            .languages
            .iter()
            .map(|language| context! { code => language.code(), name => language.own_name(), current => *language == self.language })
            .collect();
        let shared = context! {
            lang => self.language.code(),
            words => self.portal.words.get(&self.language),
            portal => &self.portal.name,
            mark => self.portal.brand.mark.as_str(),
            here => &self.here,
            languages,
        };
        let template = self.portal.templates.get_template(template);
        match template.and_then(|template| template.render(context! { ..page, ..shared })) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                failed()
            }
        }
    }
}

/// The answer to a post from another site.
pub(crate) fn foreign_post(portal: &Portal, headers: &HeaderMap) -> Response {
    Pages::of(portal, headers, "/").notice(StatusCode::FORBIDDEN, "foreign", None)
}

fn failed() -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
