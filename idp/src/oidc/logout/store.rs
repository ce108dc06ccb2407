//! Ending a session in one transaction. What was issued from it dies with it, because every use asks whether the session lives; its clients
//! are told by the worker, which sees that it ended.

use super::left::has_frames;
use crate::access::flow::Beginning;
use crate::access::session::{self, Session};
use crate::directory::account;
use crate::directory::client::{self, Registered};
use crate::error::Result;
use crate::oidc::parked::{self, Endpoint};
use crate::oidc::subject;
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use poterne_protocol::claims::id_token::IdTokenHint;
use poterne_protocol::id::{BrowserId, ParkedRequestId};
use poterne_protocol::logout::{Hint, Logout, LogoutRequest, SessionFacts, decide};
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a person goes after answering whether they wish to sign out: made from registered URIs, kept until then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Afterwards {
    /// A whole `Location` for the client that asked.
    pub(super) return_to: Option<String>,
    /// The client whose home page is offered where there is no such location.
    pub(super) client_id: Option<String>,
}

/// Somebody leaving, before the transaction.
pub(super) struct Leaving {
    pub(super) realm: Arc<Realm>,
    pub(super) now: Timestamp,
    /// The browser's cookie, unchecked.
    pub(super) presented: Option<Handle<BrowserId>>,
    /// Names the question, if one must be asked, else the way back.
    pub(super) question: ParkedRequestId,
    /// Whom a question that is kept counts for.
    beginning: Beginning,
    ended: Event,
}

/// What the browser is told.
pub(super) enum Outcome {
    /// To go on.
    Done(Afterwards),
    /// To load the portals' pages, and then to go on.
    Frames(ParkedRequestId),
    /// To ask the person first; with the question that knows where to go afterwards, where there is anything to know.
    Ask(Option<ParkedRequestId>),
}

impl Leaving {
    /// Draws what the request may need of ids.
    pub(super) fn new(ctx: &Ctx) -> Result<Self> {
        let (now, realm, presented) = (ctx.now, ctx.realm.clone(), ctx.browser.clone());
        let question = ParkedRequestId::new(now, ctx.app.entropy.bytes());
        let ended = Event::new(&ctx.app, now, "session.ended", Actor::Visitor);
        Ok(Self { realm, now, presented, question, beginning: Beginning::of(ctx)?, ended })
    }

    /// The end-session request of a client. `hint` was read outside; it may be expired.
    pub(super) fn ask(&self, tx: &mut Tx<'_>, request: &LogoutRequest, hint: Option<&IdTokenHint>) -> Result<Outcome> {
        let hinted = match hint {
            Some(hint) => client::by_client_id(tx, hint.client_id())?.map(|client| (hint, client)),
            None => None,
        };
        let session = self.session(tx, hinted.as_ref())?;
        let decided = match &hinted {
            None => decide(request, Hint::Untrusted, None),
            Some((hint, client)) => decide_for(tx, request, hint, client, session.as_ref())?,
        };
        let named = named(tx, request, hinted.as_ref().map(|(_, client)| client))?;
        match decided {
            Logout::End { return_to } => {
                self.end(tx, session.as_ref())?;
                self.done(tx, session.as_ref(), Afterwards { return_to, client_id: named })
            }
            Logout::Confirm { return_to } => {
                // Nobody is kept from signing out: where too much began, or there is nothing to know, only the way back is not kept.
                if return_to.is_none() && named.is_none() || self.beginning.take(tx, None)?.is_some() {
                    return Ok(Outcome::Ask(None));
                }
                let afterwards = serde_json::to_string(&Afterwards { return_to, client_id: named })?;
                let expires_at = self.now.plus(self.realm.policy().flow());
                parked::park(tx, self.question, Endpoint::LogoutConfirm, &afterwards, expires_at)?;
                Ok(Outcome::Ask(Some(self.question)))
            }
        }
    }

    /// The session the hint names, if it is this browser's, else the browser's current one.
    fn session(&self, rx: &mut Rx<'_>, hinted: Option<&(&IdTokenHint, Registered)>) -> Result<Option<Session>> {
        let Some(browser) = session::known(rx, self.presented.as_ref(), self.now)? else { return Ok(None) };
        if let Some((hint, client)) = hinted
            && let Some(sid) = hint.sid.as_deref()
            && let Some(id) = session::by_sid(rx, browser, client.row, sid)?
            && let Some(session) = session::live(rx, id, self.now, self.realm.policy())?
        {
            return Ok(Some(session));
        }
        session::current(rx, browser, self.now, self.realm.policy())
    }

    /// The person has said yes.
    pub(super) fn confirmed(&self, tx: &mut Tx<'_>, question: Option<ParkedRequestId>) -> Result<Outcome> {
        let afterwards = self.answered(tx, question)?;
        let session = self.session(tx, None)?;
        self.end(tx, session.as_ref())?;
        self.done(tx, session.as_ref(), afterwards)
    }

    /// Where to once the session has ended. The page after signing out finds the portals' pages by itself.
    fn done(&self, tx: &mut Tx<'_>, session: Option<&Session>, afterwards: Afterwards) -> Result<Outcome> {
        let framed = match session {
            Some(session) if afterwards.return_to.is_some() => has_frames(tx, session.id)?,
            _ => false,
        };
        if !framed {
            return Ok(Outcome::Done(afterwards));
        }
        let expires_at = self.now.plus(parked::BRIEFLY);
        parked::park(tx, self.question, Endpoint::LoggedOut, &serde_json::to_string(&afterwards)?, expires_at)?;
        Ok(Outcome::Frames(self.question))
    }

    /// Takes the question off, whatever the answer was.
    pub(super) fn answered(&self, tx: &mut Tx<'_>, question: Option<ParkedRequestId>) -> Result<Afterwards> {
        let Some(id) = question else { return Ok(Afterwards::default()) };
        let kept = parked::take(tx, id, Endpoint::LogoutConfirm, self.now)?;
        kept.map_or_else(|| Ok(Afterwards::default()), |kept| Ok(serde_json::from_str(&kept)?))
    }

    fn end(&self, tx: &mut Tx<'_>, session: Option<&Session>) -> Result<()> {
        let Some(session) = session else { return Ok(()) };
        if session::end(tx, session.id, self.now)? {
            let event = self.ended.clone().by(Actor::Account(session.account)).about(session.account);
            record(tx, &event.with("reason", "logout"))?;
        }
        Ok(())
    }
}

/// The client that the request names, where there is one, else the hint's.
fn named(rx: &mut Rx<'_>, request: &LogoutRequest, hinted: Option<&Registered>) -> Result<Option<String>> {
    let found = match &request.client_id {
        Some(client_id) => client::by_client_id(rx, client_id)?,
        None => None,
    };
    let hinted = hinted.filter(|_| request.client_id.is_none());
    Ok(found.as_ref().or(hinted).map(|found| found.client.client_id.clone()))
}

fn decide_for(
    rx: &mut Rx<'_>,
    request: &LogoutRequest,
    hint: &IdTokenHint,
    client: &Registered,
    session: Option<&Session>,
) -> Result<Logout> {
    let Some(session) = session else { return Ok(decide(request, Hint::Trusted(hint, &client.client), None)) };
    let subject = subject::known(rx, &client.client, session.account)?;
    let sid = session::sid_of(rx, session.id, client.row)?;
    let login = account::load(rx, session.account)?.map(|account| account.email);
    let facts = SessionFacts { subject: subject.as_deref(), sid: sid.as_deref(), login: login.as_deref() };
    Ok(decide(request, Hint::Trusted(hint, &client.client), Some(facts)))
}
