//! Pages and messages from templates: strict (an unknown variable or key is an error), escaped by file name, without HTTP.

use crate::web::assets::AssetUrls;
use crate::web::form::errors_of;
use crate::web::words::{self, Lang};
use fluent_templates::fluent_bundle::FluentValue;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, HtmlEscape, UndefinedBehavior, Value, context};
use serde::Serialize;
use std::sync::LazyLock;

/// A page: its template, and the typed context the template is written for.
pub trait Page: Serialize + Sized {
    /// The template's path below `templates/`.
    const TEMPLATE: &'static str;

    /// Contexts as they come up in life (the usual one, one with errors, one with long names), for the tests and for looking at.
    #[cfg_attr(not(test), expect(dead_code, reason = "samples are for the tests of pages"))]
    fn samples() -> Vec<Self>;
}

/// A name with the address it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// What the person reads.
    pub name: String,
    /// Where it leads.
    pub url: String,
}

impl Link {
    /// A link.
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self { name: name.into(), url: url.into() }
    }
}

/// One entry of the language switcher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LanguageLink {
    /// The language; written as its tag.
    pub lang: Lang,
    /// What its speakers call it.
    pub name: &'static str,
    /// The current page in this language.
    pub url: String,
    /// Whether the page is in this language now.
    pub current: bool,
}

/// How to reach a person at the fund. Every part may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// As written for people, such as `+41 21 555 01 10`.
    pub phone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// When someone answers, in the page's language.
    pub hours: Option<String>,
}

/// The realm as a page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct RealmView {
    /// The fund's name in the page's language.
    pub name: String,
    /// One to three letters that stand for it beside its name.
    pub mark: String,
    /// Its colours as a generated stylesheet (`assets::brand_stylesheet`); the house's own colours without it.
    pub stylesheet_url: Option<String>,
    /// Where help is to be had.
    pub contact: Contact,
    /// The fund's own web site.
    pub home: Option<String>,
    /// The realm's own page here, which leads to its portals.
    pub root_url: String,
}

/// The app that asks for the sign-in.
#[derive(Debug, Clone, Serialize)]
pub struct ClientView {
    /// Its name, for «to continue to …».
    pub name: String,
    /// The host it lives on, shown beside the name; of clients that are not the fund's own the one that the answer goes to.
    pub host: Option<String>,
    /// Whether the operator vouches for it: entered by him, not registered by itself.
    pub verified: bool,
    /// `logo_uri`, fetched and served by us.
    pub logo_url: Option<String>,
    /// `policy_uri` (OpenID Connect Dynamic Client Registration section 2).
    pub policy_url: Option<String>,
    /// `tos_uri`.
    pub tos_url: Option<String>,
}

/// What stands around every page.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// The page's language.
    pub lang: Lang,
    /// The switcher; empty or one entry shows none. See [`language_links`].
    pub languages: Vec<LanguageLink>,
    /// The fund.
    pub realm: RealmView,
    /// The app asking, when one asks.
    pub client: Option<ClientView>,
    /// Style and script. See `assets::urls`.
    pub assets: AssetUrls,
    /// The current page's own URL, path and query.
    pub url: String,
    /// Whether this is the demo, which says so on every page.
    pub demo: bool,
    /// The reference number that the log carries too; shown on error pages.
    pub reference: Option<String>,
}

/// The switcher's entries: the current page's URL with `lang` set to each language on offer, other parameters kept.
#[must_use]
pub fn language_links(offered: &[Lang], current: Lang, url: &str) -> Vec<LanguageLink> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let kept: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "lang").map(|(n, v)| (n.into(), v.into())).collect();
    offered
        .iter()
        .map(|lang| {
            let query =
                form_urlencoded::Serializer::new(String::new()).extend_pairs(&kept).append_pair("lang", lang.tag()).finish();
            LanguageLink { lang: *lang, name: lang.own_name(), url: format!("{path}?{query}"), current: *lang == current }
        })
        .collect()
}

/// A template asked for something that is not there. A fault of ours, never of the person's.
#[derive(Debug, thiserror::Error)]
#[error("rendering {template}: {cause}")]
pub struct RenderError {
    /// The template's path below `templates/`.
    pub template: String,
    cause: Error,
}

/// The whole HTML document of a page.
///
/// # Errors
/// [`RenderError`] when the template meets an unknown variable or words that are missing.
pub fn render<P: Page>(page: &P, frame: &Frame) -> Result<String, RenderError> {
    render_template(frame.lang, P::TEMPLATE, &context! { frame => Serde(frame), page => Serde(page) })
}

/// Renders any template in a language; pages and messages build on it.
///
/// # Errors
/// As [`render`].
pub fn render_template(lang: Lang, template: &str, context: &Value) -> Result<String, RenderError> {
    let failed = |cause| RenderError { template: template.to_owned(), cause };
    let environment = environment(lang);
    environment.get_template(template).and_then(|found| found.render(context)).map_err(failed)
}

/// One environment for each language, so that `t` knows its language inside macros too.
fn environment(lang: Lang) -> &'static Environment<'static> {
    static FR: LazyLock<Environment<'static>> = LazyLock::new(|| build(Lang::Fr));
    static DE: LazyLock<Environment<'static>> = LazyLock::new(|| build(Lang::De));
    static IT: LazyLock<Environment<'static>> = LazyLock::new(|| build(Lang::It));
    static EN: LazyLock<Environment<'static>> = LazyLock::new(|| build(Lang::En));
    match lang {
        Lang::Fr => &FR,
        Lang::De => &DE,
        Lang::It => &IT,
        Lang::En => &EN,
    }
}

fn build(lang: Lang) -> Environment<'static> {
    let mut env = Environment::new();
    // An error would quote the values around it, which may be codes, into the log.
    env.set_debug(false);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default());
    env.set_auto_escape_callback(|name| {
        let html = std::path::Path::new(name).extension().is_some_and(|extension| extension == "html");
        if html { AutoEscape::Html } else { AutoEscape::None }
    });
    env.add_function("t", move |key: &str, args: Kwargs| say(lang, key, &args, plain));
    env.add_function("tb", move |key: &str, args: Kwargs| say(lang, key, &args, bold).map(Value::from_safe_string));
    env.add_function("errors_of", |form: Value, field: &str| errors_of(&form, field));
    env.add_filter("date", |iso: &str| swiss_date(iso));
    env.add_filter("moment", |iso: &str| moment(iso));
    env.add_filter("grouped", |number: i64| grouped(number));
    env.add_filter("in_groups", |text: &str, of: usize| in_groups(text, of));
    env.add_filter("dial", |phone: &str| phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>());
    embedded(&mut env);
    env
}

#[expect(clippy::expect_used, reason = "the generated code adds templates that the build has parsed")]
fn embedded(env: &mut Environment<'static>) {
    let add = include!(concat!(env!("OUT_DIR"), "/minijinja_templates_main.rs"));
    add(env);
}

/// Template functions `t(key, …)`, plain words, and `tb(key, …)`, the words with each given value in bold.
fn say(lang: Lang, key: &str, args: &Kwargs, shown: fn(&Value) -> FluentValue<'static>) -> Result<String, Error> {
    let names: Vec<&str> = args.args().collect();
    let mut given = Vec::with_capacity(names.len());
    for name in names {
        given.push((name, shown(&args.get::<Value>(name)?)));
    }
    words::t(lang, key, &given).map_err(|cause| Error::new(ErrorKind::InvalidOperation, cause.to_string()))
}

fn plain(value: &Value) -> FluentValue<'static> {
    value.as_i64().map_or_else(|| FluentValue::from(value.to_string()), FluentValue::from)
}

fn bold(value: &Value) -> FluentValue<'static> {
    FluentValue::from(format!("<b>{}</b>", HtmlEscape(&value.to_string())))
}

/// `2026-01-31` becomes `31.01.2026`, `2026-01-31T13:31:18` becomes `31.01.2026 13:31`: Swiss in every language (`domain.md` fact 6).
fn swiss_date(iso: &str) -> Result<String, Error> {
    let unreadable = |_| Error::new(ErrorKind::InvalidOperation, "not an ISO date");
    if iso.contains('T') {
        let at: chrono::NaiveDateTime = iso.parse().map_err(unreadable)?;
        return Ok(at.format("%d.%m.%Y %H:%M").to_string());
    }
    let day: chrono::NaiveDate = iso.parse().map_err(unreadable)?;
    Ok(day.format("%d.%m.%Y").to_string())
}

/// `2026-01-31T13:31:18` becomes `31.01.2026, 13:31`.
fn moment(iso: &str) -> Result<String, Error> {
    let at: chrono::NaiveDateTime = iso.parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a moment"))?;
    Ok(at.format("%d.%m.%Y, %H:%M").to_string())
}

/// Thousands apart by ’, as Swiss forms write them.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('’');
        }
        out.push(digit);
    }
    out
}

/// A code in groups of so many characters, apart by spaces.
fn in_groups(text: &str, of: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(of.max(1)).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_are_swiss() {
        assert_eq!(swiss_date("2026-01-31").unwrap(), "31.01.2026");
        assert_eq!(swiss_date("2018-09-11T13:31:18").unwrap(), "11.09.2018 13:31");
        assert_eq!(moment("2018-09-11T13:31:18").unwrap(), "11.09.2018, 13:31");
        assert!(swiss_date("31.01.2026").is_err());
        assert_eq!(grouped(1_234_567), "1’234’567");
        assert_eq!(grouped(-950), "-950");
        assert_eq!(in_groups("447683", 3), "447 683");
    }

    #[test]
    fn the_switcher_keeps_the_page_and_its_query() {
        let links = language_links(&[Lang::Fr, Lang::De], Lang::De, "/ui/login/7?lang=fr&from=a%26b");
        assert_eq!(links[1].url, "/ui/login/7?from=a%26b&lang=de");
        assert!(links[1].current && !links[0].current);
    }

    #[test]
    fn values_in_bold_are_escaped() {
        let html = build(Lang::Fr).render_str("{{ tb('email-sent', email='<i>a@b.example') }}", context! {}).unwrap();
        assert!(html.contains("<b>&lt;i&gt;a@b.example</b>"), "{html}");
    }

    #[test]
    fn what_a_template_lacks_is_said_without_what_it_was_given() {
        let cause = build(Lang::Fr).render_str("{{ code }} {{ missing }}", context! { code => "447683" }).unwrap_err();
        let error = RenderError { template: "mail/email_code.txt".into(), cause };
        let said = format!("{error} {error:?}");
        assert!(said.contains("mail/email_code.txt") && !said.contains("447683"), "{said}");
    }
}
