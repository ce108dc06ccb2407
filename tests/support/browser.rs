//! A browser without a window: it keeps cookies, follows redirects inside the provider, and fills in forms as they stand in the page.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::ClientAddress;
use std::collections::BTreeMap;
use tower::ServiceExt;
use url::Url;

/// A browser.
#[derive(Clone)]
pub struct Browser {
    routes: Router,
    issuer: String,
    cookies: BTreeMap<String, String>,
    /// What `Accept-Language` says.
    pub language: &'static str,
    /// What it calls itself.
    pub agent: &'static str,
    /// The address its requests come from, where the server knows it.
    pub address: Option<&'static str>,
    /// The page it shows.
    pub page: Page,
    /// Every answer on the way to that page, redirects and all.
    pub trail: Vec<Page>,
}

/// What a browser shows.
#[derive(Clone, Default)]
pub struct Page {
    /// Where it is.
    pub url: String,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers.
    pub headers: axum::http::HeaderMap,
    /// The document.
    pub html: String,
}

impl Browser {
    /// A fresh browser.
    pub fn new(routes: Router, issuer: &str) -> Self {
        let (issuer, cookies, page) = (issuer.to_owned(), BTreeMap::new(), Page::default());
        Self { routes, issuer, cookies, language: "fr", agent: "", address: None, page, trail: Vec::new() }
    }

    /// Goes to a URL and follows redirects until a page or another site.
    pub async fn visit(&mut self, url: &str) -> &Page {
        self.go("GET", url, String::new()).await
    }

    /// Asks for the head of a page alone, as scanners of mails do.
    pub async fn head(&mut self, url: &str) -> &Page {
        self.go("HEAD", url, String::new()).await
    }

    /// Posts fields to a URL as a form of the provider's own page would.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> &Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.go("POST", url, body).await
    }

    /// Comes from a portal and is sent back to it with this error (RFC 6749 section 4.1.2.1).
    pub async fn visit_and_hear(&mut self, portal: &super::portal::Portal, error: &str) {
        let page = self.visit(&portal.sign_in()).await;
        assert!(page.url.starts_with(&portal.redirect_uri()), "not back at the portal but at {}:\n{}", page.url, page.text());
        let told = ["error", "iss", "code"].map(|name| page.parameter(name));
        assert_eq!(told, [Some(error.to_owned()), Some(portal.issuer.clone()), None], "{}", page.url);
    }

    /// Fills in the page's form: fields that are given, on top of what stands there.
    pub async fn submit(&mut self, fields: &[(&str, &str)]) -> &Page {
        let action = self.page.form_action();
        let url = Url::parse(&self.page.url).and_then(|here| here.join(&action)).expect("a form has an address").to_string();
        self.post(&url, fields).await
    }

    /// Follows a link of the page by its id or its beginning text.
    pub async fn follow(&mut self, link: &str) -> &Page {
        let href = self.page.link(link).unwrap_or_else(|| panic!("no link {link} on {}:\n{}", self.page.url, self.page.text()));
        let url = Url::parse(&self.page.url).and_then(|here| here.join(&href)).expect("a link has an address").to_string();
        self.visit(&url).await
    }

    /// The value of a cookie whose name begins so.
    pub fn cookie(&self, begins: &str) -> Option<String> {
        self.cookies.iter().find(|(name, _)| name.starts_with(begins)).map(|(_, value)| value.clone())
    }

    /// All cookies, as they are sent.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Goes on against the provider as it runs now.
    pub fn move_to(&mut self, world: &super::World) {
        self.routes = world.routes.clone();
    }

    /// Goes on against these routes, such as those of another process.
    pub fn route_to(&mut self, routes: Router) {
        self.routes = routes;
    }

    /// Takes over all cookies of another browser, as a thief would.
    pub fn steal(&mut self, other: &Self) {
        self.cookies.clone_from(&other.cookies);
    }

    async fn go(&mut self, method: &str, url: &str, body: String) -> &Page {
        let (mut method, mut url, mut body) = (method.to_owned(), url.to_owned(), body);
        self.trail.clear();
        for _ in 0..12 {
            let answer = self.request(&method, &url, body.clone()).await;
            let to = answer.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
            let redirected = answer.status == 303;
            self.page = answer;
            self.trail.push(self.page.clone());
            let Some(to) = to.filter(|_| redirected) else {
                return &self.page;
            };
            url = Url::parse(&url).and_then(|here| here.join(&to)).expect("a redirect has an address").to_string();
            if !url.starts_with(&self.issuer) {
                self.page.url = url;
                return &self.page;
            }
            (method, body) = ("GET".to_owned(), String::new());
        }
        panic!("redirects without end at {url}");
    }

    async fn request(&mut self, method: &str, url: &str, body: String) -> Page {
        let parsed = Url::parse(url).expect("an absolute URL");
        let path = parsed.query().map_or_else(|| parsed.path().to_owned(), |query| format!("{}?{query}", parsed.path()));
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
        request = request.header(header::ACCEPT_LANGUAGE, self.language).header(header::COOKIE, cookies.join("; "));
        request = request.header(header::USER_AGENT, self.agent);
        if let Some(address) = self.address {
            request = request.extension(ClientAddress(address.parse().expect("an address")));
        }
        if method == "POST" {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            request = request.header(header::ORIGIN, "http://localhost:8080").header("sec-fetch-site", "same-origin");
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.routes.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("a cookie is text");
            let (name, rest) = text.split_once('=').expect("a cookie has a name");
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap_or_default().to_owned());
        }
        let bytes = axum::body::to_bytes(body, 4 << 20).await.expect("a body");
        let html = String::from_utf8_lossy(&bytes).into_owned();
        Page { url: url.to_owned(), status: parts.status.as_u16(), headers: parts.headers, html }
    }
}

impl Page {
    /// Where the page's (first) form goes.
    pub fn form_action(&self) -> String {
        let form = self.html.split("<form").nth(1).unwrap_or_else(|| panic!("no form on {}:\n{}", self.url, self.text()));
        unescape(attribute(form.split('>').next().unwrap_or_default(), "action").expect("a form has an action"))
    }

    /// The value that stands in a field.
    pub fn value(&self, field: &str) -> Option<String> {
        let tags = self.html.split('<').filter(|tag| tag.starts_with("input"));
        let mut named = tags.filter(|tag| attribute(tag, "name") == Some(field));
        named.next().map(|tag| unescape(attribute(tag, "value").unwrap_or_default()))
    }

    /// The address of the link with this id or beginning text.
    pub fn link(&self, wanted: &str) -> Option<String> {
        let links = self.html.split("<a ").skip(1).filter_map(|link| link.split_once('>'));
        let mut found =
            links.filter(|(tag, rest)| attribute(tag, "id") == Some(wanted) || text_of(rest).trim_start().starts_with(wanted));
        found.next().and_then(|(tag, _)| attribute(tag, "href")).map(unescape)
    }

    /// What a person reads.
    pub fn text(&self) -> String {
        let body = self.html.split_once("<body").map_or(self.html.as_str(), |(_, body)| body);
        text_of(body).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What a person reads in the element with this id.
    pub fn text_of(&self, id: &str) -> String {
        let at = self.html.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} on {}:\n{}", self.url, self.html));
        let (before, rest) = self.html.split_at(at);
        let tag = before.rsplit('<').next().and_then(|tag| tag.split_whitespace().next()).expect("an id is in a tag");
        let (_, inner) = rest.split_once('>').expect("a tag ends");
        text_of(inner.split(&format!("</{tag}>")).next().unwrap_or_default()).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether a person reads this.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(self.text().contains(words), "«{words}» is not on {} ({}):\n{}", self.url, self.status, self.text());
        self
    }

    /// Whether a person does not read this.
    #[track_caller]
    pub fn hides(&self, words: &str) -> &Self {
        assert!(!self.text().contains(words), "«{words}» is on {} ({}):\n{}", self.url, self.status, self.text());
        self
    }

    /// A parameter of the page's URL, in its query or its fragment.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let url = Url::parse(&self.url).expect("a URL");
        let mut query = url.query_pairs();
        let mut fragment = url::form_urlencoded::parse(url.fragment().unwrap_or_default().as_bytes());
        query.find(|(key, _)| key == name).or_else(|| fragment.find(|(key, _)| key == name)).map(|(_, value)| value.into_owned())
    }
}

/// The value of an attribute of a tag.
pub fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let tag = tag.split('>').next()?;
    tag.split_once(&format!(" {name}=\""))
        .or_else(|| tag.strip_prefix(&format!("{name}=\"")).map(|rest| ("", rest)))?
        .1
        .split('"')
        .next()
}

fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut inside = html.starts_with(' ');
    for c in html.chars() {
        match c {
            '<' => {
                inside = true;
                text.push(' ');
            }
            '>' => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    unescape(&text)
}

/// A text without HTML's escapes.
pub fn unescape(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&#x2f;", "/"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.replace(['\u{a0}', '\u{202f}'], " "), |text, (from, to)| text.replace(from, to))
}
