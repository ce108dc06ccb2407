//! What is fetched on a stranger's word: its address, what its host says of it, pictures.

use super::{has_control, lines, text};
use crate::access::logo;
use crate::outbound::{Allowed, Outbound, Trust, max_age, media_type};
use axum::http::{HeaderMap, HeaderValue, header};
use poterne_protocol::session_state::origin;
use poterne_protocol::time::Timestamp;
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Duration;
use url::{Host, Url};

const STRICT: Trust = Trust::Registered { loopback: false };
static PLAIN: LazyLock<Outbound> = LazyLock::new(Outbound::default);

pub(super) const ADDRESSES: &[&str] = &[
    "https://rp.example/logo.png\n10.20.0.0/16",
    "https://127.0.0.1:8443/\n127.0.0.1:8443",
    "http://localhost:9000/x\nlocalhost:9000",
    "https://[::ffff:169.254.169.254]/latest\n169.254.169.254",
    "https://[64:ff9b::a00:1]/\n::/0",
    "https://0x7f.1/\nPortal.Internal:443",
    "https://2130706433/\n[::1]:9000",
    "https://user@1.1.1.1\\@10.0.0.1/\n10.0.0.1/33",
    "https://\u{ff11}27.0.0.1/\n\u{ff4c}ocalhost:1",
];

/// A stranger's word leads to https and public addresses alone, whatever is excepted; the operator's leads no less far by an exception; and
/// an exception for loopback opens nothing else.
pub(super) fn address(data: &[u8]) {
    let (Some(uri), Some(exception)) = (text(lines(data).0), text(lines(data).1)) else { return };
    let strict = PLAIN.check(uri, STRICT);
    if strict.is_ok() {
        let url = Url::parse(uri);
        assert!(url.as_ref().is_ok_and(|url| url.scheme() == "https" && url.username().is_empty() && url.password().is_none()));
        assert!(url.is_ok_and(|url| literal(&url).is_none_or(is_elsewhere)), "{uri:?}");
        assert!(PLAIN.check(uri, Trust::Operator).is_ok() && uri.len() <= 2048);
    }
    let Ok(allowed) = exception.parse::<Allowed>() else { return };
    let Ok(open) = Outbound::new(vec![allowed.clone()], None) else { return };
    assert_eq!(open.check(uri, STRICT), strict);
    assert!(strict.is_err() || open.check(uri, Trust::Operator).is_ok());
    if strict.is_err() && open.check(uri, Trust::Registered { loopback: true }).is_ok() {
        let url = Url::parse(uri).ok();
        let at_home = url.as_ref().is_some_and(|url| match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            _ => literal(url).is_some_and(|address| address.to_canonical().is_loopback()),
        });
        assert!(at_home, "{uri:?} by {allowed:?}");
    }
    if let Allowed::Network(network) = allowed {
        assert_eq!(network.to_string().parse(), Ok(Allowed::Network(network)));
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

/// As the standard library sees it.
fn is_elsewhere(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_multicast()
                || v4.is_broadcast())
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_multicast())
        }
    }
}

pub(super) const HEADERS: &[&str] = &[
    "application/JSON; charset=utf-8\npublic, Max-Age=300",
    "image/png\nno-cache=\"a, b\", max-age=\"18446744073709551615\"",
    ";;\nmax-age=18446744073709551616",
    "text/html\u{e9}\nmax-age=-1, no-store",
];

/// A media type is one word in lower case; a document is kept as long as its host says and not longer than time lasts.
pub(super) fn headers(data: &[u8]) {
    let (media, control) = lines(data);
    let (Ok(media), Ok(control)) = (HeaderValue::from_bytes(media), HeaderValue::from_bytes(control)) else { return };
    let told = String::from_utf8_lossy(control.as_bytes()).to_ascii_lowercase();
    let headers: HeaderMap = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, control)].into_iter().collect();
    let media = media_type(&headers).unwrap_or_default();
    assert!(
        !media.contains(';') && media == media.trim().to_ascii_lowercase() && !has_control(&media.replace('\t', " ")),
        "{media:?}"
    );
    let Some(age) = max_age(&headers) else { return };
    assert!(age.is_zero() || told.contains(&age.as_secs().to_string()), "{told:?}");
    assert!(age.is_zero() || !told.split(',').any(|one| one.trim() == "no-store"), "{told:?}");
    let now = Timestamp::from_secs(1_000_000);
    assert!(
        now.plus(age) >= now && now.plus(age.clamp(Duration::ZERO, Duration::from_secs(60))) <= Timestamp::from_secs(1_000_060)
    );
}

pub(super) const DATES: &[&str] = &[
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:60 -9959",
    "1 Jan 0 0:0 Z",
    "Sun, 06 Nov 19949 08:49:37 GMT",
    "yesterday",
];

/// A clock of somebody else's is read as a time that can be written and counted with.
pub(super) fn http_date(data: &[u8]) {
    let Some(at) = text(data).and_then(Timestamp::from_http_date) else { return };
    let written = at.to_rfc3339();
    assert!(chrono::DateTime::parse_from_rfc3339(&written).is_ok_and(|read| read.timestamp() == at.secs()), "{written}");
    assert!(Timestamp::from_secs(0).plus(at.since(Timestamp::from_secs(0))) == at, "{written}");
}

pub(super) const PICTURES: &[&str] = &[
    "\u{89}PNG\r\n\u{1a}\nIHDR....IEND\u{ae}B`\u{82}",
    "RIFF\u{4}\0\0\0WEBPVP8 ",
    "RIFF....WEBP",
    "GIF89a",
    "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
];

/// What is served as a picture begins as one and is no longer than one may be; `\u{89}` of a seed stands for its byte.
pub(super) fn picture(data: &[u8]) {
    let latin = text(data).map(|text| text.chars().filter_map(|c| u8::try_from(c).ok()).collect::<Vec<u8>>());
    for bytes in [data, latin.as_deref().unwrap_or_default()] {
        let Some(kind) = logo::media_type(bytes) else { continue };
        let kinds: [(&str, &[u8]); 3] =
            [("image/png", b"\x89PNG\r\n\x1a\n"), ("image/jpeg", b"\xff\xd8\xff"), ("image/webp", b"RIFF")];
        let begin = kinds.iter().find(|(name, _)| *name == kind).map(|(_, begin)| *begin);
        assert!(begin.is_some_and(|begin| bytes.starts_with(begin)) && bytes.len() <= logo::LARGEST, "{kind}");
        let long = [bytes, &vec![0; logo::LARGEST]].concat();
        assert_eq!(logo::media_type(&long), None);
    }
}

pub(super) const ORIGINS: &[&str] = &[
    "https://flex.example:443/cb?x",
    "HTTPS://FLEX.example:8443",
    "ch.example.app:/cb",
    "null",
    "https://a;b.example/",
    "blob:https://a.example/x",
];

/// An origin is its own, and holds nothing of a path.
pub(super) fn web_origin(data: &[u8]) {
    let Some(found) = text(data).and_then(origin) else { return };
    assert_eq!(origin(&found).as_ref(), Some(&found));
    assert!(found.is_ascii() && !has_control(&found) && !found.contains([' ', '<', '>', '?', '#', '@']), "{found:?}");
    assert!(found.matches('/').count() == 2, "{found:?}");
}
