//! What a handler knows of its request: the realm, the time, the language, the browser's cookie. Nothing here trusts a header
//! beyond its own meaning: links come from the issuer, the address from the server's own extension.

use crate::app::App;
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::realm::Realm;
use crate::urls::paths;
use crate::web::assets;
use crate::web::cookies::{self, CookieKind};
use crate::web::csp::{self, CspKind};
use crate::web::reference::Reference;
use crate::web::render::{self, ClientView, Contact, Frame, Page, RealmView};
use crate::web::words::{self, Wishes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use poterne_protocol::client::Client;
use poterne_protocol::id::BrowserId;
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;

/// The client's address, set by the server or the host in the request's extensions. Without it, limits per address are off.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// A request in its realm.
#[derive(Clone)]
pub struct Ctx {
    /// The provider's parts.
    pub app: App,
    /// The realm the request is for.
    pub realm: Arc<Realm>,
    /// When the request arrived: one time for all it does.
    pub now: Timestamp,
    /// The language to answer in.
    pub lang: Lang,
    /// The language switch of the page, when it was used in this request.
    pub chosen: Option<Lang>,
    /// The browser's cookie as it was sent; unchecked.
    pub browser: Option<Handle<BrowserId>>,
    /// The client's address, where the server knows it.
    pub address: Option<IpAddr>,
    /// What the browser calls itself, at most 300 characters.
    pub user_agent: Option<String>,
    /// Path and query below the issuer.
    pub path_and_query: String,
    /// Shown on an error page and written to the log.
    pub reference: Reference,
}

impl FromRequestParts<App> for Ctx {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Self::of(parts, app)
    }
}

impl Ctx {
    /// Reads a request's head. The realm was put into its extensions by the dispatcher.
    pub fn of(parts: &Parts, app: &App) -> Result<Self> {
        let realm = parts.extensions.get::<Arc<Realm>>().cloned().ok_or_else(|| Failure::internal("a request without realm"))?;
        // Programs send no cookies: for them not even their names are made.
        let sent = parts.headers.contains_key(header::COOKIE);
        let cookie =
            |kind| sent.then(|| cookies::get(&parts.headers, &cookies::name(kind, &realm.urls, &realm.document.slug))).flatten();
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let query = parts.uri.query().unwrap_or_default();
        let switched =
            form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang").map(|(_, value)| value.into_owned());
        let remembered = cookie(CookieKind::Language);
        let wishes = Wishes {
            chosen: switched.as_deref(),
            ui_locales: None,
            cookie: remembered.as_deref(),
            accept_language: text(header::ACCEPT_LANGUAGE),
        };
        let lang = words::negotiate(&realm.document.languages, wishes);
        let reference = parts.extensions.get::<Reference>().cloned().unwrap_or_else(|| Reference::new(&app.entropy));
        Ok(Self {
            now: app.clock.now(),
            lang,
            chosen: switched.as_deref().and_then(Lang::from_tag).filter(|chosen| *chosen == lang),
            browser: cookie(CookieKind::Browser).as_deref().and_then(Handle::parse),
            address: parts.extensions.get::<ClientAddress>().map(|address| address.0),
            user_agent: text(header::USER_AGENT).map(|agent| agent.chars().take(300).collect()),
            path_and_query: parts.uri.path_and_query().map_or_else(|| "/".into(), ToString::to_string),
            reference,
            app: app.clone(),
            realm,
        })
    }

    /// A page on the way back to a portal.
    pub fn page<P: Page>(&self, page: &P, client: Option<&Client>) -> Result<Response> {
        self.respond(StatusCode::OK, CspKind::Flow, page, client)
    }

    /// The page again, with what was wrong in it: 422, so that scripts and caches see that nothing was done.
    pub fn page_again<P: Page>(&self, page: &P, client: Option<&Client>) -> Result<Response> {
        self.respond(StatusCode::UNPROCESSABLE_ENTITY, CspKind::Flow, page, client)
    }

    /// A page that says why the way to a portal ends here: 403.
    pub fn page_of_refusal<P: Page>(&self, page: &P, client: Option<&Client>) -> Result<Response> {
        self.respond(StatusCode::FORBIDDEN, CspKind::Flow, page, client)
    }

    /// A page whose one form takes an answer to a client. It has no language switch: its address gives no such page twice.
    pub fn posting_page<P: Page>(&self, page: &P, client: &Client) -> Result<Response> {
        let frame = Frame { languages: Vec::new(), ..self.frame(Some(client)) };
        self.answer(StatusCode::OK, CspKind::Flow, page, &frame)
    }

    /// A page on the way back to a portal that loads these pages of other portals in frames.
    pub fn page_with_frames<P: Page>(&self, page: &P, sources: &[String]) -> Result<Response> {
        self.answer_under(&csp::with_frames(sources), StatusCode::OK, page, &self.frame(None))
    }

    /// A page from which no redirect leads away.
    pub fn still_page<P: Page>(&self, status: StatusCode, page: &P) -> Result<Response> {
        self.respond(status, CspKind::Still, page, None)
    }

    /// A page of the person's own account: as [`Self::still_page`], and no window that another site opened may hold on to it.
    pub fn own_page<P: Page>(&self, status: StatusCode, page: &P) -> Result<Response> {
        let mut response = self.still_page(status, page)?;
        response.headers_mut().insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
        Ok(response)
    }

    /// An error page, with the reference that the log carries too.
    pub fn error_page<P: Page>(&self, status: StatusCode, page: &P) -> Result<Response> {
        let frame = Frame { reference: Some(self.reference.to_string()), ..self.frame(None) };
        self.answer(status, CspKind::Still, page, &frame)
    }

    fn respond<P: Page>(&self, status: StatusCode, kind: CspKind, page: &P, client: Option<&Client>) -> Result<Response> {
        self.answer(status, kind, page, &self.frame(client))
    }

    fn answer<P: Page>(&self, status: StatusCode, kind: CspKind, page: &P, frame: &Frame) -> Result<Response> {
        self.answer_under(&csp::policy(kind), status, page, frame)
    }

    fn answer_under<P: Page>(&self, policy: &str, status: StatusCode, page: &P, frame: &Frame) -> Result<Response> {
        let html = render::render(page, frame).map_err(|error| Failure::Internal(error.to_string().into()))?;
        let mut response = (status, Html(html)).into_response();
        let policy = HeaderValue::from_str(policy).map_err(|_| Failure::internal("the policy is no header"))?;
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        if let Some(lang) = self.chosen {
            self.remember_language(&mut response, lang);
        }
        Ok(response)
    }

    /// Keeps a language for the pages that follow.
    pub fn remember_language(&self, response: &mut Response, lang: Lang) {
        let name = cookies::name(CookieKind::Language, &self.realm.urls, &self.realm.document.slug);
        let cookie = cookies::set(&self.realm.urls, &name, lang.tag(), self.realm.policy().browser());
        if let Some(cookie) = cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// Hands the browser its handle.
    pub fn set_browser(&self, response: &mut Response, browser: &Handle<BrowserId>) {
        let name = cookies::name(CookieKind::Browser, &self.realm.urls, &self.realm.document.slug);
        let cookie = cookies::set(&self.realm.urls, &name, &browser.expose(), self.realm.policy().browser());
        if let Some(cookie) = cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// A redirect by 303: the browser goes on with GET, whatever it came with.
    #[expect(clippy::unused_self, reason = "a handler answers through its context, whatever the answer needs")]
    pub fn see_other(&self, url: &str) -> Response {
        Redirect::to(url).into_response()
    }

    /// What stands around every page.
    #[must_use]
    pub fn frame(&self, client: Option<&Client>) -> Frame {
        let document = &self.realm.document;
        // At the root of a host two slashes would begin another site's address (RFC 3986 section 4.2); browsers read `\` as `/`.
        let below = self.path_and_query.trim_start_matches(['/', '\\']);
        let url = format!("{}/{below}", self.realm.urls.path());
        let brand = assets::Colour::parse(&document.branding.colour);
        let folder = format!("{}{}", self.realm.urls.path(), paths::ASSETS);
        Frame {
            lang: self.lang,
            languages: render::language_links(&document.languages, self.lang, &url),
            realm: RealmView {
                name: document.name.clone(),
                mark: document.branding.mark.clone(),
                stylesheet_url: brand.map(|brand| format!("{folder}/{}", assets::brand_file_name(brand))),
                contact: Contact {
                    phone: Some(document.contact.phone.clone()),
                    email: Some(document.contact.email.clone()),
                    hours: Some(document.contact.hours.get(self.lang).to_owned()).filter(|hours| !hours.is_empty()),
                },
                home: document.contact.website.clone(),
                root_url: self.realm.urls.at(paths::HOME),
            },
            client: client.map(|client| self.client_view(client)),
            assets: assets::urls(&folder),
            url,
            demo: self.app.demo,
            reference: None,
        }
    }

    fn client_view(&self, client: &Client) -> ClientView {
        let mark = |uri: &String| self.app.logos.known(self.realm.id, &client.client_id, uri)?.mark;
        let logo = client.logo_uri.as_ref().and_then(mark);
        ClientView {
            name: client.client_name.clone(),
            host: shown_host(client),
            verified: client.first_party,
            logo_url: logo.map(|mark| self.realm.urls.client_logo(&client.client_id, &mark)),
            policy_url: client.policy_uri.clone().filter(|uri| is_for_browsers(uri)),
            tos_url: client.tos_uri.clone().filter(|uri| is_for_browsers(uri)),
        }
    }
}

/// The host that a client is shown to live on: of the fund's own its home page's, as the operator wrote it; of others the one that the
/// answer goes to, which proves itself, and none where it cannot be told. What a client says of its home page proves nothing (RFC 7591
/// section 5).
fn shown_host(client: &Client) -> Option<String> {
    let host = |uri: &String| {
        let url = url::Url::parse(uri).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    };
    if client.first_party {
        return client.client_uri.as_ref().and_then(host);
    }
    let mut hosts = client.redirect_uris.iter().map(host);
    let first = hosts.next()??;
    hosts.all(|other| other.as_deref() == Some(first.as_str())).then_some(first)
}

/// Whether a link may lead there: registrations of others could hold what runs instead of leading anywhere.
fn is_for_browsers(uri: &str) -> bool {
    url::Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
