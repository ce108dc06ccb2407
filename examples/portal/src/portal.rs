//! What all requests of one portal share: settings, pages, the provider, logins and sessions.

use std::{collections::BTreeMap, sync::Arc};

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest as hash};
use axum::http::{HeaderMap, HeaderValue};
use url::Url;

use crate::{
    brand::Brand,
    clock::Clock,
    config::{ConfigError, PortalConfig},
    cookies::{self, Cookies},
    language::{Language, Words},
    login::{self, Login, random},
    pages,
    provider::{Provider, SignedIn},
    shelf::Shelf,
};

/// A SHA-256 digest: of what browsers bring, only this is kept.
pub(crate) type Digest = [u8; 32];

/// How long a portal session lasts, in seconds.
const SESSION_LIFE: i64 = 8 * 3600;
/// How many people may be signed in at once.
const MOST_SESSIONS: usize = 10_000;
/// How long the provider may take to sign a person out, in seconds.
pub(crate) const SIGN_OUT_LIFE: i64 = 600;

/// One portal at run time.
pub(crate) struct Portal {
    pub(crate) name: String,
    pub(crate) brand: Brand,
    pub(crate) public_url: Url,
    pub(crate) languages: Vec<Language>,
    pub(crate) words: BTreeMap<Language, Words>,
    pub(crate) templates: minijinja::Environment<'static>,
    pub(crate) cookies: Cookies,
    pub(crate) provider: Provider,
    /// Where people see to their own account, at the provider.
    pub(crate) account: String,
    pub(crate) logins: Shelf<String, Login>,
    sessions: Shelf<Digest, Arc<SignedIn>>,
    /// Sign-outs the provider has not confirmed, by the digest of their `state`.
    sign_outs: Shelf<Digest, Arc<SignedIn>>,
    clock: Clock,
}

impl Portal {
    /// Sets a portal up; the provider is not asked yet, it may start later.
    pub(crate) fn new(config: PortalConfig, clock: Clock) -> Result<Arc<Self>, ConfigError> {
        let setup = |error: &dyn std::error::Error| ConfigError::Setup(error.to_string());
        let addresses = config.addresses()?;
        let words = Language::ALL.into_iter().map(|language| Ok((language, language.words()?)));
        Ok(Arc::new(Self {
            words: words.collect::<Result<_, toml::de::Error>>().map_err(|error| setup(&error))?,
            templates: pages::templates().map_err(|error| setup(&error))?,
            cookies: Cookies::of(&addresses.public_url),
            public_url: addresses.public_url.clone(),
            account: config.account(addresses.issuer.url()),
            provider: Provider::new(&config, addresses).map_err(|error| setup(&error))?,
            name: config.name,
            brand: config.brand,
            languages: config.languages,
            logins: Shelf::new(login::LIFE, login::MOST),
            sessions: Shelf::new(SESSION_LIFE, MOST_SESSIONS),
            sign_outs: Shelf::new(SIGN_OUT_LIFE, MOST_SESSIONS),
            clock,
        }))
    }

    /// Seconds since 1970-01-01 UTC.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Who is signed in in this browser.
    pub(crate) fn session(&self, headers: &HeaderMap) -> Option<Arc<SignedIn>> {
        let cookie = self.cookies.get(headers, cookies::SESSION)?;
        self.sessions.read(&digest(&cookie), self.now(), Arc::clone)
    }

    /// Starts a session under a new cookie value, so that one planted before the sign-in is worth nothing, and ends the
    /// session the browser had.
    pub(crate) fn begin_session(&self, headers: &HeaderMap, signed_in: SignedIn) -> Option<HeaderValue> {
        self.end_session(headers);
        let value = random();
        self.sessions.put(digest(&value), Arc::new(signed_in), self.now());
        self.cookies.set(cookies::SESSION, &value, None)
    }

    /// Ends this browser's session and says whose it was.
    pub(crate) fn end_session(&self, headers: &HeaderMap) -> Option<Arc<SignedIn>> {
        let cookie = self.cookies.get(headers, cookies::SESSION)?;
        self.sessions.take_if(&digest(&cookie), self.now(), |_| true)
    }

    /// Keeps whose sign-out the provider was asked for, until it confirms.
    pub(crate) fn await_sign_out(&self, state: &str, who: Arc<SignedIn>) {
        self.sign_outs.put(digest(state), who, self.now());
    }

    /// Whether the provider has not confirmed this sign-out.
    pub(crate) fn awaits_sign_out(&self, state: &str) -> bool {
        self.sign_outs.read(&digest(state), self.now(), |_| ()).is_some()
    }

    /// Stops waiting for this sign-out and says whose it was.
    pub(crate) fn close_sign_out(&self, state: &str) -> Option<Arc<SignedIn>> {
        self.sign_outs.take_if(&digest(state), self.now(), |_| true)
    }
}

/// The digest of what a browser brought.
pub(crate) fn digest(value: &str) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(hash::digest(&hash::SHA256, value.as_bytes()).as_ref());
    digest
}

/// Compares in constant time.
pub(crate) fn same(a: &Digest, b: &Digest) -> bool {
    verify_slices_are_equal(a, b).is_ok()
}
