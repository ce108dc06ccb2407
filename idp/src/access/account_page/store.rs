//! What the account page reads and changes, each in one transaction.

use super::rules::{Door, Ending, Wish, door, ending};
use crate::access::consent::{Access, accesses};
use crate::access::ending::end_everything;
use crate::access::factor::{self, Factor};
use crate::access::flow::{self, Beginning, Goal, NewFlow, Progress};
use crate::access::session::{self, Listed, Session};
use crate::access::signin;
use crate::app::App;
use crate::directory::account::{self, Account};
use crate::directory::client::{self, Registered};
use crate::directory::registry;
use crate::directory::terms::{self, Acceptance};
use crate::error::Result;
use crate::lang::Lang;
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::urls::AccountPage;
use poterne_protocol::client::Client;
use poterne_protocol::id::{BrowserId, FlowId, SessionId};
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// A request to the account page.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) realm: Arc<Realm>,
    pub(super) now: Timestamp,
    /// The browser's cookie, unchecked.
    pub(super) presented: Option<Handle<BrowserId>>,
    /// The `client_id` of the portal that the person came from, unchecked.
    pub(super) from: Option<String>,
}

/// What a visit through sign-in needs.
pub(super) struct NewVisit {
    /// Names its flow.
    pub(super) id: FlowId,
    /// The browser, should it be new.
    pub(super) fresh: Handle<BrowserId>,
    /// Whom it counts for.
    pub(super) beginning: Beginning,
}

/// Whether it began.
pub(super) enum Begun {
    /// It did.
    Waits {
        /// Whether the browser must be given its handle.
        is_new: bool,
    },
    /// Too much began from this address: not before then.
    TooMany(Timestamp),
}

/// Who is signed in with this browser.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) session: Session,
    pub(super) account: Account,
}

/// What a visit finds.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) door: Door,
    pub(super) person: Option<Person>,
    /// The portal that the person came from, where it is one to go back to.
    pub(super) portal: Option<Registered>,
}

/// Everything the overview tells.
pub(super) struct Overview {
    pub(super) person: Person,
    /// First and last name, where they are known.
    pub(super) names: Option<String>,
    pub(super) factors: Vec<Factor>,
    pub(super) sessions: Vec<Listed>,
    pub(super) portals: Vec<(Client, Timestamp)>,
    pub(super) accesses: Vec<Access>,
    pub(super) accepted: Vec<Acceptance>,
}

/// What came of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is done.
    Done,
    /// It is done, and this browser is signed out.
    SignedOut,
    /// There was nothing to do.
    Nothing,
    /// The form is not of the session that this browser is in now: nothing was done.
    NotHere,
}

/// The ids of what may be recorded.
#[derive(Clone)]
pub(super) struct Events {
    ended: Event,
    everywhere: Event,
    language: Event,
}

impl Events {
    pub(super) fn draw(app: &App, now: Timestamp) -> Self {
        let event = |kind| Event::new(app, now, kind, Actor::Visitor);
        Self {
            ended: event("session.ended"),
            everywhere: event("session.ended_everywhere"),
            language: event("account.language_changed"),
        }
    }
}

impl Visit {
    /// Whether this page is open, and to whom.
    pub(super) fn see(&self, rx: &mut Rx<'_>, page: AccountPage) -> Result<Seen> {
        let browser = session::known(rx, self.presented.as_ref(), self.now)?;
        let found = signin::signed_in(rx, &self.realm, browser, &Progress::Started, self.now)?;
        let person = found.map(|(session, account)| Person { session, account });
        let pair = person.as_ref().map(|person| (&person.session, &person.account));
        let door = door(pair, page, self.now, self.realm.policy());
        let portal = match &self.from {
            Some(client_id) => client::portal(rx, client_id)?,
            None => None,
        };
        Ok(Seen { door, person, portal })
    }

    /// Who may change something now, by a form that was made for this session. Using it keeps the session alive.
    pub(super) fn at_work(&self, tx: &mut Tx<'_>, page: AccountPage, of: Option<SessionId>) -> Result<Option<Person>> {
        let seen = self.see(tx, page)?;
        let person = seen.person.filter(|person| seen.door == Door::Open && of == Some(person.session.id));
        if let Some(person) = &person {
            session::touch(tx, person.session.id, self.now)?;
        }
        Ok(person)
    }

    /// Begins the way to this page through sign-in.
    pub(super) fn begin(&self, tx: &mut Tx<'_>, page: AccountPage, new: &NewVisit) -> Result<Begun> {
        let NewVisit { id, fresh, beginning } = new;
        let known = session::known(tx, self.presented.as_ref(), self.now)?;
        if let Some(until) = beginning.take(tx, known)? {
            return Ok(Begun::TooMany(until));
        }
        let policy = self.realm.policy();
        let until = |span| self.now.plus(span);
        let (browser, is_new) = session::settle(tx, self.presented.as_ref(), fresh, self.now, until(policy.browser()))?;
        let from = self.see(tx, page)?.portal.map(|portal| portal.row);
        let goal = Goal::Account { page, from };
        flow::insert(tx, browser, &NewFlow { id: *id, goal, at: self.now, expires_at: until(policy.flow()) })?;
        Ok(Begun::Waits { is_new })
    }

    /// Everything the overview tells of whoever is signed in.
    pub(super) fn overview(&self, rx: &mut Rx<'_>, person: Person) -> Result<Overview> {
        let id = person.account.id;
        let mut portals = Vec::new();
        for (client, at) in session::clients_of(rx, id)? {
            portals.extend(client::by_row(rx, client)?.map(|registered| (registered.client, at)));
        }
        Ok(Overview {
            names: names(rx, &person.account)?,
            factors: factor::active(rx, id)?,
            sessions: session::of_account(rx, id, self.now, self.realm.policy())?,
            accesses: accesses(rx, &person.account, self.now, self.realm.policy())?,
            portals,
            accepted: terms::acceptances(rx, id)?,
            person,
        })
    }

    /// A button of the list of sessions.
    pub(super) fn end(&self, tx: &mut Tx<'_>, of: Option<SessionId>, wish: Wish, events: &Events) -> Result<Outcome> {
        let Some(Person { session: here, account }) = self.at_work(tx, AccountPage::Overview, of)? else {
            return Ok(Outcome::NotHere);
        };
        let by = |event: &Event| event.clone().by(Actor::Account(account.id)).about(account.id);
        let Wish::End(id) = wish else {
            let ended = end_everything(tx, account.id, Some(here.browser), self.now)?;
            record(tx, &by(&events.everywhere).with("sessions", ended))?;
            return Ok(Outcome::SignedOut);
        };
        let found = session::live(tx, id, self.now, self.realm.policy())?.map(|session| (session.id, session.account));
        let outcome = match ending(found, here.id, account.id) {
            Ending::Nothing => return Ok(Outcome::Nothing),
            Ending::This => Outcome::SignedOut,
            Ending::Other => Outcome::Done,
        };
        if session::end(tx, id, self.now)? {
            record(tx, &by(&events.ended).with("reason", "account page"))?;
        }
        Ok(outcome)
    }

    /// The language of mails.
    pub(super) fn speak(&self, tx: &mut Tx<'_>, of: Option<SessionId>, language: Lang, events: &Events) -> Result<Outcome> {
        let Some(Person { account, .. }) = self.at_work(tx, AccountPage::Overview, of)? else {
            return Ok(Outcome::NotHere);
        };
        if account.language == language {
            return Ok(Outcome::Nothing);
        }
        account::set_language(tx, account.id, language)?;
        let event = events.language.clone().by(Actor::Account(account.id)).about(account.id);
        record(tx, &event.with("from", account.language.tag()).with("to", language.tag()))?;
        Ok(Outcome::Done)
    }
}

/// Who was not asked for a name at enrollment has the one the fund knows.
fn names(rx: &mut Rx<'_>, account: &Account) -> Result<Option<String>> {
    let entry = match (&account.last_name, account.entry) {
        (None, Some(entry)) => registry::load(rx, entry)?,
        _ => None,
    };
    let (first, last) = match entry {
        Some(entry) => (entry.first_name, Some(entry.last_name)),
        None => (account.first_name.clone(), account.last_name.clone()),
    };
    let names: Vec<String> = [first, last].into_iter().flatten().filter(|name| !name.is_empty()).collect();
    Ok((!names.is_empty()).then(|| names.join(" ")))
}
