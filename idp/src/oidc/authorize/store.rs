//! One authorization request in one transaction: who is there, what comes next, and whatever that changes.

use super::rules::{Asked, Person, decide};
use crate::access::flow::Progress;
use crate::access::{flow, session};
use crate::app::App;
use crate::directory::{account, client};
use crate::error::{Failure, Result};
use crate::oidc::grant::{self, Bond, Grant, NewCode};
use crate::oidc::subject;
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use poterne_protocol::authorize::step::{SignIn, Step};
use poterne_protocol::error::{AuthorizationError, AuthorizationErrorCode as Code};
use poterne_protocol::id::{AuthorizationCodeId, BrowserId, FlowId, GrantId};
use poterne_protocol::redirect;
use poterne_protocol::scope::OFFLINE_ACCESS;
use poterne_protocol::secret::{Handle, Secret};
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// What a request may need of ids and chance, drawn before its transaction.
pub(super) struct Fresh {
    pub(super) browser: Handle<BrowserId>,
    flow: FlowId,
    grant: GrantId,
    code: Handle<AuthorizationCodeId>,
    subject: String,
    sid: String,
    issued: Event,
    refused: Event,
}

impl Fresh {
    /// Draws all of it.
    pub(super) fn draw(app: &App, now: Timestamp) -> Self {
        let text = || app.entropy.secret().expose().to_owned();
        Self {
            browser: Handle { id: BrowserId::new(now, app.entropy.bytes()), secret: app.entropy.secret() },
            flow: FlowId::new(now, app.entropy.bytes()),
            grant: GrantId::new(now, app.entropy.bytes()),
            code: Handle { id: AuthorizationCodeId::new(now, app.entropy.bytes()), secret: app.entropy.secret() },
            subject: text(),
            sid: text(),
            issued: Event::new(app, now, "code.issued", Actor::Visitor),
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
    pub(super) fresh: Fresh,
}

/// What the browser is told.
pub(super) enum Outcome {
    /// To sign in or enroll first.
    SignIn {
        /// Comes back with it.
        flow: FlowId,
        /// How.
        how: SignIn,
        /// Whether the browser must be given its handle.
        new_browser: bool,
    },
    /// To take the answer to the client; it may hold the code.
    Answer(Secret),
    /// The flow cannot be taken up here (any more): its own sign-in page says why.
    NotHere,
    /// The flow's redirect URI is no longer registered.
    NowhereToGo,
}

/// Who is signed in with this browser, as the client knows them: whoever proved it in the flow, else the browser's current session.
pub(super) fn person(
    rx: &mut Rx<'_>,
    realm: &Realm,
    client: &client::Registered,
    browser: Option<BrowserId>,
    progress: &Progress,
    now: Timestamp,
) -> Result<Option<Person>> {
    let Some(browser) = browser else { return Ok(None) };
    let proven = match progress {
        // Another tab may have made another person's session current meanwhile.
        Progress::Authenticated { session, .. } => session::live(rx, *session, now, realm.policy())?,
        Progress::Started | Progress::Password { .. } => None,
    };
    let proven = proven.filter(|session| session.browser == browser);
    let session = match proven {
        Some(session) => Some(session),
        None => session::current(rx, browser, now, realm.policy())?,
    };
    let Some(session) = session else { return Ok(None) };
    let Some(account) = account::load(rx, session.account)? else { return Ok(None) };
    let subject = subject::known(rx, &client.client, account.id)?;
    Ok(Some(Person { session, account, subject }))
}

impl Visit {
    /// A new request: answers at once what needs no page, else begins a flow.
    pub(super) fn begin(&self, tx: &mut Tx<'_>, asked: &Asked) -> Result<Outcome> {
        let browser = session::known(tx, self.presented.as_ref(), self.now)?;
        let person = person(tx, &self.realm, &asked.client, browser, &Progress::Started, self.now)?;
        match decide(asked, person.as_ref(), None, self.now) {
            Step::Finish => self.issue(tx, asked, person.as_ref()),
            Step::Refuse(error) => Ok(self.refusal(asked, &error)),
            Step::SignIn(how) => {
                let expires_at = self.now.plus(self.realm.policy().browser());
                let (browser, new_browser) =
                    session::settle(tx, self.presented.as_ref(), &self.fresh.browser, self.now, expires_at)?;
                let (client, request) = (asked.client.row, asked.request.clone());
                let expires_at = self.now.plus(self.realm.policy().flow());
                let new = flow::NewFlow { id: self.fresh.flow, client, request, at: self.now, expires_at };
                flow::insert(tx, browser, &new)?;
                Ok(Outcome::SignIn { flow: self.fresh.flow, how, new_browser })
            }
            Step::Consent => Err(Failure::internal("consent was decided already")),
        }
    }

    /// The way back from signing in or enrolling, or from giving up.
    pub(super) fn resume(&self, tx: &mut Tx<'_>, id: FlowId, cancelled: bool) -> Result<Outcome> {
        let browser = session::known(tx, self.presented.as_ref(), self.now)?;
        let Some(flow) = flow::load(tx, id)? else { return Ok(Outcome::NotHere) };
        if browser != Some(flow.browser) || !flow.is_open(self.now) {
            return Ok(Outcome::NotHere);
        }
        let client = client::by_row(tx, flow.client)?.ok_or_else(|| Failure::impossible("a flow without client"))?;
        // The registration may have changed while the person signed in.
        if redirect::resolve(&client.client, Some(flow.request.reply_to.redirect_uri.as_str())).is_err() {
            return Ok(Outcome::NowhereToGo);
        }
        let authenticated_at = flow.authenticated_at();
        let asked = Asked::new(&self.realm, flow.request.clone(), client);
        if cancelled {
            let error = AuthorizationError::new(Code::AccessDenied, "the person cancelled");
            return self.finish_refused(tx, id, &asked, &error);
        }
        let person = person(tx, &self.realm, &asked.client, browser, &flow.progress, self.now)?;
        match decide(&asked, person.as_ref(), authenticated_at, self.now) {
            Step::Finish if flow::finish(tx, id, self.now)? => self.issue(tx, &asked, person.as_ref()),
            Step::Finish => Ok(Outcome::NotHere),
            Step::Refuse(error) => self.finish_refused(tx, id, &asked, &error),
            Step::SignIn(how) => Ok(Outcome::SignIn { flow: id, how, new_browser: false }),
            Step::Consent => Err(Failure::internal("consent was decided already")),
        }
    }

    fn finish_refused(&self, tx: &mut Tx<'_>, id: FlowId, asked: &Asked, error: &AuthorizationError) -> Result<Outcome> {
        if !flow::finish(tx, id, self.now)? {
            return Ok(Outcome::NotHere);
        }
        let event = self.fresh.refused.clone().about(&asked.request.client_id).with("error", error.code.as_str());
        record(tx, &event)?;
        Ok(self.refusal(asked, error))
    }

    fn refusal(&self, asked: &Asked, error: &AuthorizationError) -> Outcome {
        Outcome::Answer(Secret::new(asked.request.reply_to.error(self.realm.urls.issuer(), error)))
    }

    /// Issues the code, and with it the grant that all tokens hang on.
    fn issue(&self, tx: &mut Tx<'_>, asked: &Asked, person: Option<&Person>) -> Result<Outcome> {
        let Some(Person { session, account, .. }) = person else {
            return Err(Failure::internal("a finished request without a person"));
        };
        let (fresh, now, policy, request) = (&self.fresh, self.now, self.realm.policy(), &asked.request);
        session::touch(tx, session.id, now)?;
        let offline = request.scope.contains(OFFLINE_ACCESS);
        let grant = Grant {
            id: fresh.grant,
            account: account.id,
            client: asked.client.row,
            bond: if offline { Bond::Offline } else { Bond::Session(session.id) },
            subject: subject::settle(tx, &asked.client.client, account.id, &fresh.subject, now)?,
            sid: session::sid_for(tx, session.id, asked.client.row, &fresh.sid, now)?,
            scope: request.scope.clone(),
            auth_time: session.auth_time,
            level: session.level,
            amr: session.amr.clone(),
            created_at: now,
            expires_at: now.plus(policy.refresh_token()),
            revoked_at: None,
        };
        grant::insert(tx, &grant)?;
        let code = NewCode {
            id: fresh.code.id,
            secret: fresh.code.secret.digest(),
            grant: grant.id,
            redirect_uri: request.redirect_uri_given.then_some(&request.reply_to.redirect_uri),
            challenge: request.code_challenge.as_ref(),
            nonce: request.nonce.as_deref(),
            at: now,
            expires_at: now.plus(policy.authorization_code()),
        };
        grant::insert_code(tx, &code)?;
        let event = fresh.issued.clone().by(Actor::Account(account.id)).about(&request.client_id);
        record(tx, &event.with("grant", grant.id.to_string()).with("scope", grant.scope.to_string()))?;
        let code = Secret::new(fresh.code.expose());
        Ok(Outcome::Answer(Secret::new(request.reply_to.code(self.realm.urls.issuer(), &code))))
    }
}
