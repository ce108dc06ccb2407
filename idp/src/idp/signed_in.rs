//! Who is signed in, for a host's own pages.

use super::Idp;
use crate::access::flow::Progress;
use crate::access::{session, signin};
use crate::directory::{registry, terms};
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::realm::Realm;
use crate::store::Rx;
use crate::web::cookies::{self, CookieKind};
use axum::http::HeaderMap;
use poterne_protocol::claims::level::{Amr, Level, amr};
use poterne_protocol::id::{AccountId, BrowserId};
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// A person who is signed in with this browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Names the account within its realm, for as long as it exists. Relying parties never learn it: each knows the person by a `sub` of
    /// its own.
    pub account: AccountId,
    /// The fund's own key for the person or organisation.
    pub registry_no: Option<String>,
    /// What to call them: the name of the account, else of the registry, else the e-mail address.
    pub name: String,
    /// The e-mail address they sign in with.
    pub email: String,
    /// The key of the population that the account enrolled in.
    pub population: String,
    /// The language of their mails.
    pub language: Lang,
    /// When they last proved who they are.
    pub auth_time: Timestamp,
    /// How surely (`acr`); levels can be compared: `person.level >= Level::Multi`.
    pub level: Level,
    /// By what (`amr`).
    pub amr: Vec<Amr>,
}

impl Idp {
    /// Who is signed in at a realm, by the cookies of a request to the host's own page. `None` unless the session lives, the account is
    /// active and has accepted the terms of use in force.
    ///
    /// The provider's cookie belongs to its host as a whole (`Path=/`), so that every page of the *same host name*, and on http loopback
    /// the same port, can ask, whatever path the provider is nested under. Pages of another host name never get the cookie: they are
    /// relying parties and sign people in with OpenID Connect. Asking does not prolong the session, and a page that changes something
    /// must refuse posts of other sites by itself.
    ///
    /// # Errors
    /// [`Failure::Settings`] when there is no such realm; [`Failure::Busy`] when too much waits.
    pub async fn signed_in(&self, realm: &str, headers: &HeaderMap) -> Result<Option<SignedIn>> {
        let found = self.realms.by_slug(&self.app, realm).await?;
        let realm = found.ok_or_else(|| Failure::Settings(format!("there is no realm {realm}")))?;
        let name = cookies::name(CookieKind::Browser, &realm.urls, &realm.document.slug);
        let presented = cookies::get(headers, &name);
        let Some(browser) = presented.as_deref().and_then(Handle::parse) else { return Ok(None) };
        let (id, now, browser) = (realm.id, self.app.clock.now(), Arc::new(browser));
        self.app.db.read(id, move |rx| person(rx, &realm, &browser, now)).await
    }
}

fn person(rx: &mut Rx<'_>, realm: &Realm, presented: &Handle<BrowserId>, now: Timestamp) -> Result<Option<SignedIn>> {
    let browser = session::known(rx, Some(presented), now)?;
    let Some((session, account)) = signin::signed_in(rx, realm, browser, &Progress::Started, now)? else { return Ok(None) };
    if !account.is_active(now) || terms::outstanding(rx, realm, &account, now)?.is_some() {
        return Ok(None);
    }
    let entry = account.entry.map(|entry| registry::load(rx, entry)).transpose()?.flatten();
    let own = account.last_name.as_ref().map(|last| format!("{} {last}", account.first_name.as_deref().unwrap_or_default()));
    let name = own.or_else(|| entry.as_ref().map(registry::Entry::name)).unwrap_or_else(|| account.email.clone());
    Ok(Some(SignedIn {
        account: account.id,
        registry_no: entry.map(|entry| entry.registry_no),
        name: name.trim().to_owned(),
        email: account.email,
        population: account.population,
        language: account.language,
        auth_time: session.auth_time,
        level: session.level,
        amr: amr(&session.amr),
    }))
}
