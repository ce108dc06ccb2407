//! What browsers send beside what people type: cookies, forms, languages, their own name.

use super::{has_control, lines, text};
use crate::lang::Lang;
use crate::oidc::is_known_document;
use crate::web::posted::Posted;
use crate::web::request::RequestId;
use crate::web::words::{Wishes, negotiate};
use crate::web::{agent, cookies};
use axum::http::{HeaderMap, HeaderValue, header};
use poterne_protocol::id::BrowserId;
use poterne_protocol::secret::Handle;

pub(super) const LANGUAGES: &[&str] = &[
    "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5",
    "rm-CH",
    "de;q=0, en;q=0.1",
    ";;;,,=,*",
    "en;q=0.é",
    "it;q=+1.5;q=2",
    "DE_ch",
];

/// The answer is in a language that is offered, and does not change when it is asked for by its own name.
pub(super) fn languages(data: &[u8]) {
    let Some(sent) = text(data) else { return };
    for offered in [&[Lang::De, Lang::It][..], &Lang::ALL] {
        let by_header = negotiate(offered, Wishes { accept_language: Some(sent), ..Wishes::default() });
        let by_request = negotiate(offered, Wishes { ui_locales: Some(sent), ..Wishes::default() });
        assert!(offered.contains(&by_header) && offered.contains(&by_request));
        assert_eq!(negotiate(offered, Wishes { chosen: Some(by_header.tag()), ..Wishes::default() }), by_header);
    }
    if let Some(lang) = Lang::from_tag(sent) {
        assert_eq!(Lang::from_tag(lang.tag()), Some(lang));
    }
}

pub(super) const COOKIES: &[&str] = &[
    "poterne=AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "a=1; poterne=\"x.y\"; poterne=z",
    "poterne=%00; =; ;;poterne",
    "poterne = a . b ",
];

/// What is found is part of what was sent; a handle is read in its one spelling.
pub(super) fn cookies(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let mut headers = HeaderMap::new();
    headers.append(header::COOKIE, value);
    let Some(value) = cookies::get(&headers, "poterne") else { return };
    assert!(!value.contains(';') && !has_control(&value.replace('\t', " ")), "{value:?}");
    if let Some(handle) = Handle::<BrowserId>::parse(&value) {
        assert_eq!(handle.expose(), value);
    }
}

pub(super) const FORMS: &[&str] =
    &["username=marie%40lac.example&password=a+b%2B&action=next", "a=1&a=2&=&&x", "code=%ff%00", "username[]=1&username%00=2"];

/// What is read is what a browser would send again.
pub(super) fn form(data: &[u8]) {
    let form = Posted::parse(data);
    for field in ["username", "password", "code", "action", "a", ""] {
        let value = form.get(field);
        let sent = form_urlencoded::Serializer::new(String::new()).append_pair(field, value).finish();
        assert_eq!(Posted::parse(sent.as_bytes()).get(field), value);
    }
}

pub(super) const AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
    "<script>Firefox/",
];

/// Nothing of what a browser calls itself reaches a mail but words of ours.
pub(super) fn user_agent(data: &[u8]) {
    let Some(sent) = text(data) else { return };
    if let Some(words) = agent::in_words(sent) {
        assert!(words.len() < 40 && words.chars().all(|c| c.is_ascii_alphabetic() || " ,".contains(c)), "{words:?}");
    }
}

pub(super) const TAGS: &[&str] =
    &["\"abc\"\n\"x\", W/\"abc\"", "\"abc\"\n*", "\"abc\"\nabc", "\"abc\"\n\"ab,c\" , ", "\"a\"\nW/W/\"a\",\"\""];

/// Whoever is told that nothing changed has named the very tag, or any.
pub(super) fn if_none_match(data: &[u8]) {
    let (tag, asked) = lines(data);
    let opaque = |byte: &u8| *byte == 0x21 || (0x23..=0x7e).contains(byte) && *byte != b',';
    if !tag.strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")).is_some_and(|tag| tag.iter().all(opaque)) {
        return;
    }
    let holds = |part: &[u8]| asked.windows(part.len()).any(|window| window == part);
    assert!(!is_known_document(asked, tag) || holds(tag) || holds(b"*"));
    for sent in [&b"*"[..], tag, &[b"W/", tag].concat(), &[b"\"z\",\t", tag, b" ,"].concat(), &[asked, b", ", tag].concat()] {
        assert!(is_known_document(sent, tag), "{:?}", String::from_utf8_lossy(sent));
    }
}

pub(super) const REQUEST_IDS: &[&str] =
    &["f47ac10b-58cc-4372-a567-0e02b2c3d479", "0123abcd\n", "<script>alert", "٣٣٣٣٣٣٣٣", "short"];

/// An id of a proxy's is taken over as it is, where it may stand in a log, a header and a page.
pub(super) fn request_id(data: &[u8]) {
    let Some(sent) = text(data) else { return };
    let Some(id) = RequestId::parse(sent).map(RequestId::into_text) else { return };
    assert!(id == sent && (8..=64).contains(&id.len()) && HeaderValue::from_str(&id).is_ok(), "{id:?}");
    assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{id:?}");
}
