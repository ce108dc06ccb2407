//! One authorization request in one transaction: who is there, what comes next, and whatever that changes.

use super::issue::Issued;
use super::rules::{Asked, Done, Person, Refused, decide};
use crate::access::flow::{Beginning, Flow, Goal, Progress};
use crate::access::{consent, flow, session, signin};
use crate::app::App;
use crate::directory::{client, terms};
use crate::error::Result;
use crate::oidc::encrypted::Recipient;
use crate::oidc::mint::FreshName;
use crate::oidc::subject;
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::urls::AccountPage;
use poterne_protocol::authorize::reply::ReplyTo;
use poterne_protocol::authorize::step::{SignIn, Step};
use poterne_protocol::error::{AuthorizationError, AuthorizationErrorCode as Code};
use poterne_protocol::id::{AuthorizationCodeId, BrowserId, ClientRowId, FlowId, GrantId};
use poterne_protocol::redirect;
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// What a request may need of ids and chance, drawn before its transaction.
pub(super) struct Fresh {
    pub(super) browser: Handle<BrowserId>,
    flow: FlowId,
    pub(super) grant: GrantId,
    pub(super) code: Handle<AuthorizationCodeId>,
    pub(super) subject: String,
    pub(super) sid: String,
    /// The access token, where one comes back at once.
    pub(super) access: FreshName,
    /// A code went out, with or without tokens.
    pub(super) issued: Event,
    /// Tokens went out without a code.
    pub(super) handed: Event,
    refused: Event,
}

impl Fresh {
    /// Draws all of it.
    pub(super) fn draw(app: &App, now: Timestamp) -> Self {
        let text = || app.entropy.secret().expose().to_owned();
        Self {
            browser: app.entropy.handle(|random| BrowserId::new(now, random)),
            flow: FlowId::new(now, app.entropy.bytes()),
            grant: GrantId::new(now, app.entropy.bytes()),
            code: app.entropy.handle(|random| AuthorizationCodeId::new(now, random)),
            subject: text(),
            sid: text(),
            access: FreshName::draw(app, now),
            issued: Event::new(app, now, "code.issued", Actor::Visitor),
            handed: Event::new(app, now, "token.issued", Actor::Visitor),
            refused: Event::new(app, now, "authorization.refused", Actor::Visitor),
        }
    }
}

/// A request at the authorization endpoint, before its transaction.
pub(super) struct Visit {
    pub(super) realm: Arc<Realm>,
    pub(super) now: Timestamp,
    /// The browser's cookie, unchecked.
    pub(super) presented: Option<Handle<BrowserId>>,
    /// Whether the host adds claims.
    pub(super) for_host: bool,
    /// Whom a new flow counts for.
    pub(super) beginning: Beginning,
    /// Who reads the ID token, once it is known that there is one to encrypt.
    pub(super) recipient: Option<Arc<Recipient>>,
    pub(super) fresh: Fresh,
}

/// The page that a flow waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// Signing in or enrolling.
    SignIn(SignIn),
    /// Hearing that the client does not serve this person.
    NotServed,
    /// Accepting the terms of use.
    Terms,
    /// Consenting to what the client asks.
    Consent,
}

/// What the browser is told.
pub(super) enum Outcome {
    /// A page comes first.
    Page {
        /// Comes back with it.
        flow: FlowId,
        /// Which one.
        waits: Waits,
        /// Whether the browser must be given its handle.
        new_browser: bool,
    },
    /// To a page of the person's own account; with the portal they came from.
    Account(AccountPage, Option<String>),
    /// To the realm's own page.
    Home,
    /// To the client, with what it asked for.
    Issued(Arc<Asked>, Box<Issued>),
    /// To the client, with an error.
    Refused(Arc<Asked>, Refused),
    /// Nowhere yet, and nothing is written: what is issued is to be encrypted, so the client's key is wanted first.
    KeyFirst(Arc<Asked>),
    /// The flow cannot be taken up here (any more): its own sign-in page says why.
    NotHere,
    /// Too much began from this address: not before then.
    TooMany(Timestamp),
    /// The flow's redirect URI is no longer registered.
    NowhereToGo,
}

/// Who is signed in with this browser, as the client knows them.
pub(super) fn person(
    rx: &mut Rx<'_>,
    realm: &Realm,
    client: &client::Registered,
    browser: Option<BrowserId>,
    progress: &Progress,
    now: Timestamp,
) -> Result<Option<Person>> {
    let Some((session, account)) = signin::signed_in(rx, realm, browser, progress, now)? else { return Ok(None) };
    let subject = subject::known(rx, &client.client, account.id)?;
    let terms_accepted = terms::outstanding(rx, realm, &account, now)?.is_none();
    let consent = if client.client.first_party { None } else { consent::remembered(rx, account.id, client.row)? };
    Ok(Some(Person { session, account, subject, terms_accepted, consent }))
}

/// The client of a flow that comes back, if it may still be answered there: it may have removed itself while the person signed in, or its
/// registration may have changed.
fn still_registered(rx: &mut Rx<'_>, client: ClientRowId, to: &ReplyTo) -> Result<Option<client::Registered>> {
    let client = client::by_row(rx, client)?;
    Ok(client.filter(|client| redirect::resolve(&client.client, Some(to.redirect_uri.as_str())).is_ok()))
}

/// The client that an open flow of this browser waits for, and where it is answered: for when the flow itself could not be taken up.
pub(super) fn waiting(
    rx: &mut Rx<'_>,
    presented: Option<&Handle<BrowserId>>,
    id: FlowId,
    now: Timestamp,
) -> Result<Option<(client::Registered, ReplyTo)>> {
    let browser = session::known(rx, presented, now)?;
    let flow = flow::load(rx, id)?.filter(|flow| browser == Some(flow.browser) && flow.is_open(now));
    let Some(Goal::Portal { client, request }) = flow.map(|flow| flow.goal) else { return Ok(None) };
    Ok(still_registered(rx, client, &request.reply_to)?.map(|client| (client, request.reply_to)))
}

impl Visit {
    /// A new request: answers at once what needs no page, else begins a flow.
    pub(super) fn begin(&self, tx: &mut Tx<'_>, asked: &Arc<Asked>) -> Result<Outcome> {
        let browser = session::known(tx, self.presented.as_ref(), self.now)?;
        let person = person(tx, &self.realm, &asked.client, browser, &Progress::Started, self.now)?;
        match decide(asked, person.as_ref(), Done::default(), self.now) {
            Step::Finish if self.lacks_recipient(asked) => Ok(Outcome::KeyFirst(asked.clone())),
            Step::Finish => self.issue(tx, asked, person.as_ref()),
            Step::Refuse(error) => Ok(Outcome::Refused(asked.clone(), Refused::with(person.as_ref(), error))),
            Step::SignIn(how) => self.begin_flow(tx, asked, browser, Waits::SignIn(how)),
            Step::NotServed => self.begin_flow(tx, asked, browser, Waits::NotServed),
            Step::AcceptTerms => self.begin_flow(tx, asked, browser, Waits::Terms),
            Step::Consent => self.begin_flow(tx, asked, browser, Waits::Consent),
        }
    }

    fn begin_flow(&self, tx: &mut Tx<'_>, asked: &Asked, known: Option<BrowserId>, waits: Waits) -> Result<Outcome> {
        if let Some(until) = self.beginning.take(tx, known)? {
            return Ok(Outcome::TooMany(until));
        }
        let policy = self.realm.policy();
        let expires_at = self.now.plus(policy.browser());
        let (browser, new_browser) = session::settle(tx, self.presented.as_ref(), &self.fresh.browser, self.now, expires_at)?;
        let goal = Goal::Portal { client: asked.client.row, request: Box::new(asked.request.clone()) };
        let new = flow::NewFlow { id: self.fresh.flow, goal, at: self.now, expires_at: self.now.plus(policy.flow()) };
        flow::insert(tx, browser, &new)?;
        Ok(Outcome::Page { flow: self.fresh.flow, waits, new_browser })
    }

    /// The way back from signing in or enrolling, or from giving up.
    pub(super) fn resume(&self, tx: &mut Tx<'_>, id: FlowId, cancelled: bool) -> Result<Outcome> {
        let browser = session::known(tx, self.presented.as_ref(), self.now)?;
        let Some(flow) = flow::load(tx, id)? else { return Ok(Outcome::NotHere) };
        if browser != Some(flow.browser) || !flow.is_open(self.now) {
            return Ok(Outcome::NotHere);
        }
        let (client, request) = match &flow.goal {
            Goal::Portal { client, request } => (*client, request),
            Goal::Account { page, from } => return self.to_account(tx, &flow, *page, *from, cancelled),
        };
        let Some(client) = still_registered(tx, client, &request.reply_to)? else { return Ok(Outcome::NowhereToGo) };
        let asked = Arc::new(Asked::new(&self.realm, request.as_ref().clone(), client));
        let person = person(tx, &self.realm, &asked.client, browser, &flow.progress, self.now)?;
        let refused = |error| Refused::with(person.as_ref(), error);
        if cancelled {
            let error = AuthorizationError::new(Code::AccessDenied, "the person cancelled");
            return self.finish_refused(tx, id, &asked, refused(error));
        }
        if !asked.client.client.response_types.contains(&asked.request.response_type) {
            let words = "response_type is no longer registered for this client";
            return self.finish_refused(tx, id, &asked, refused(AuthorizationError::new(Code::UnauthorizedClient, words)));
        }
        match decide(&asked, person.as_ref(), Done::within(&flow), self.now) {
            Step::Finish if self.lacks_recipient(&asked) => Ok(Outcome::KeyFirst(asked)),
            Step::Finish if flow::finish(tx, id, self.now)? => self.issue(tx, &asked, person.as_ref()),
            Step::Finish => Ok(Outcome::NotHere),
            Step::Refuse(error) => self.finish_refused(tx, id, &asked, refused(error)),
            Step::SignIn(how) => Ok(Outcome::Page { flow: id, waits: Waits::SignIn(how), new_browser: false }),
            Step::NotServed => Ok(Outcome::Page { flow: id, waits: Waits::NotServed, new_browser: false }),
            Step::AcceptTerms => Ok(Outcome::Page { flow: id, waits: Waits::Terms, new_browser: false }),
            Step::Consent => Ok(Outcome::Page { flow: id, waits: Waits::Consent, new_browser: false }),
        }
    }

    /// Back to the person's own account, once they are signed in; giving up leads to the realm's home.
    fn to_account(
        &self,
        tx: &mut Tx<'_>,
        flow: &Flow,
        page: AccountPage,
        from: Option<ClientRowId>,
        cancelled: bool,
    ) -> Result<Outcome> {
        if cancelled {
            return Ok(if flow::finish(tx, flow.id, self.now)? { Outcome::Home } else { Outcome::NotHere });
        }
        let person = signin::signed_in(tx, &self.realm, Some(flow.browser), &flow.progress, self.now)?;
        let signed_in = person.is_some_and(|(_, account)| account.is_active(self.now));
        // To look, a session will do, begun in another tab perhaps; to change something, it must be proven in this very flow.
        let proven = match page {
            AccountPage::Overview => true,
            AccountPage::Password => flow.authenticated_at().is_some(),
        };
        if !(signed_in && proven) {
            return Ok(Outcome::Page { flow: flow.id, waits: Waits::SignIn(SignIn::Fresh), new_browser: false });
        }
        if !flow::finish(tx, flow.id, self.now)? {
            return Ok(Outcome::NotHere);
        }
        let portal = match from {
            Some(client) => client::by_row(tx, client)?.map(|registered| registered.client.client_id),
            None => None,
        };
        Ok(Outcome::Account(page, portal))
    }

    fn finish_refused(&self, tx: &mut Tx<'_>, id: FlowId, asked: &Arc<Asked>, refused: Refused) -> Result<Outcome> {
        if !flow::finish(tx, id, self.now)? {
            return Ok(Outcome::NotHere);
        }
        let event = self.fresh.refused.clone().about(&asked.request.client_id).with("error", refused.error.code.as_str());
        record(tx, &event)?;
        Ok(Outcome::Refused(asked.clone(), refused))
    }
}
