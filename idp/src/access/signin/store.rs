//! What sign-in reads and changes, each in one transaction.

use super::rules::{Next, Person, Proof, Stand, next_step, stand};
use crate::access::factor::asked::{self, Code, Means, Sending};
use crate::access::flow::{self, Beginning, Flow, NewFlow, Progress};
use crate::access::notice::{self, Kind, Occasion};
use crate::access::session::{self, NewSession};
use crate::app::App;
use crate::directory::account::{self, Account};
use crate::directory::client::Registered;
use crate::error::{Failure, Result};
use crate::operations::audit::{Actor, Event, record};
use crate::operations::limits::{self, Counter, Taken};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::vault::Purpose;
use poterne_protocol::claims::level::Amr;
use poterne_protocol::id::{AccountId, BrowserId, FlowId, SessionId};
use poterne_protocol::secret::{Digest, Handle, Secret};
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// A request to the pages of a flow.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) realm: Arc<Realm>,
    pub(super) now: Timestamp,
    /// The browser's cookie, unchecked.
    pub(super) presented: Option<Handle<BrowserId>>,
    pub(super) flow: FlowId,
}

/// What became of beginning a flow in another browser.
pub(super) enum BegunHere {
    /// It began.
    Begun {
        /// Whether the browser must be given its handle.
        is_new: bool,
    },
    /// It need not, or cannot.
    Not,
    /// Too much began from this address: not before then.
    TooMany(Timestamp),
}

/// What a visit finds.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) stand: Stand,
    pub(super) flow: Option<Flow>,
    pub(super) client: Option<Registered>,
    /// The login name of the browser's current session: for its own eyes alone.
    pub(super) username: Option<String>,
    /// Whether the account whose factor is asked for is known in this browser.
    pub(super) known_device: bool,
}

/// What the way to a session may need of ids and chance, drawn before its transaction.
#[derive(Clone)]
pub(super) struct Fresh {
    session: SessionId,
    secret: Secret,
    accepted: Event,
    succeeded: Event,
    refused: Event,
    device: Option<String>,
    place: Option<String>,
    new_device: Option<notice::Prepared>,
}

/// What came of a right password.
pub(super) enum Passed {
    /// The second factor is asked for; whether a code was sent.
    Factor,
    /// There is a session; the browser gets this new handle.
    Session(Handle<BrowserId>),
    /// This account cannot sign in.
    Refused,
    /// The flow has moved on meanwhile: look again.
    Moved,
}

impl Fresh {
    /// For the account whose proof is asked for; with the notice to its owner, where it is not known in this browser.
    pub(super) fn draw(app: &App, realm: &Realm, account: &Account, known_device: bool, occasion: &Occasion) -> Result<Self> {
        let now = occasion.at();
        let notice = || notice::prepare(app, realm, now, account, Kind::NewDevice, occasion);
        Ok(Self {
            session: SessionId::new(now, app.entropy.bytes()),
            secret: app.entropy.secret(),
            accepted: Event::new(app, now, "login.password_accepted", Actor::Visitor),
            succeeded: Event::new(app, now, "login.succeeded", Actor::Visitor),
            refused: Event::new(app, now, "login.refused", Actor::Visitor),
            device: occasion.device(),
            place: occasion.place(app, account.language),
            new_device: (!known_device).then(notice).transpose()?,
        })
    }

    /// Whether a session that comes of this is told to the account's owner.
    pub(super) const fn tells(&self) -> bool {
        self.new_device.is_some()
    }
}

impl Visit {
    /// Where this request stands.
    pub(super) fn see(&self, rx: &mut Rx<'_>) -> Result<Seen> {
        let flow = flow::load(rx, self.flow)?;
        let browser = session::known(rx, self.presented.as_ref(), self.now)?;
        let session_lives = match (&flow, browser) {
            (Some(Flow { progress: Progress::Authenticated { session, .. }, .. }), Some(browser)) => {
                let session = session::live(rx, *session, self.now, self.realm.policy())?;
                session.is_some_and(|session| session.browser == browser)
            }
            _ => false,
        };
        let stand = stand(flow.as_ref(), browser, session_lives, self.now);
        let client = match &flow {
            Some(flow) => flow::client(rx, flow)?,
            None => None,
        };
        let username = match (stand, browser) {
            (Stand::Finished | Stand::Password, Some(browser)) => self.username(rx, browser)?,
            _ => None,
        };
        let known_device = match &flow {
            Some(Flow { progress: Progress::Password { account, .. }, browser, .. }) if stand == Stand::Factor => {
                session::is_known_device(rx, *account, *browser)?
            }
            _ => false,
        };
        Ok(Seen { stand, flow, client, username, known_device })
    }

    fn username(&self, rx: &mut Rx<'_>, browser: BrowserId) -> Result<Option<String>> {
        let Some(session) = session::current(rx, browser, self.now, self.realm.policy())? else {
            return Ok(None);
        };
        Ok(account::load(rx, session.account)?.map(|account| account.email))
    }

    /// Begins a flow for this browser with the request of another one's: the request alone, nothing of what was proven there.
    pub(super) fn begin_here(
        &self,
        tx: &mut Tx<'_>,
        id: FlowId,
        fresh: &Handle<BrowserId>,
        beginning: &Beginning,
    ) -> Result<BegunHere> {
        let seen = self.see(tx)?;
        let (Stand::Elsewhere, Some(theirs)) = (seen.stand, seen.flow) else {
            return Ok(BegunHere::Not);
        };
        let known = session::known(tx, self.presented.as_ref(), self.now)?;
        if let Some(until) = beginning.take(tx, known)? {
            return Ok(BegunHere::TooMany(until));
        }
        let until = |span| self.now.plus(span);
        let policy = self.realm.policy();
        let (browser, is_new) = session::settle(tx, self.presented.as_ref(), fresh, self.now, until(policy.browser()))?;
        flow::insert(tx, browser, &NewFlow { id, goal: theirs.goal, at: self.now, expires_at: until(policy.flow()) })?;
        Ok(BegunHere::Begun { is_new })
    }

    /// What this account can prove itself with.
    pub(super) fn means(&self, rx: &mut Rx<'_>, id: AccountId) -> Result<Option<Means>> {
        asked::means(rx, &self.realm, id)
    }

    /// The right password of an account, as it was verified: on to the factor, or to the session where none is needed.
    pub(super) fn pass_password(
        &self,
        tx: &mut Tx<'_>,
        verified: &Account,
        code: Option<&Code>,
        fresh: &Fresh,
    ) -> Result<Passed> {
        let seen = self.see(tx)?;
        let (Stand::Password, Some(flow)) = (seen.stand, seen.flow) else {
            return Ok(Passed::Moved);
        };
        let means = self.means(tx, verified.id)?;
        // The password may have been changed since it was verified.
        let Some(means) = means.filter(|means| means.account.password_hash == verified.password_hash) else {
            return Ok(Passed::Moved);
        };
        let count = self.password_count(tx, &Login::Account(verified.id))?;
        match next_step(&flow.progress, Proof::Password, &Person::of(&means, self.now)) {
            Next::Refuse => {
                record(tx, &fresh.refused.clone().about(verified.id))?;
                Ok(Passed::Refused)
            }
            Next::Session(methods) => {
                limits::succeed(tx, Counter::Password, count.subject)?;
                Ok(Passed::Session(self.sign_in(tx, &flow, verified.id, methods, fresh)?))
            }
            Next::Factor(factor) => {
                limits::succeed(tx, Counter::Password, count.subject)?;
                let challenge = match code.filter(|code| code.to.id == factor) {
                    Some(code) => match code.start(tx, &self.realm)? {
                        Sending::Sent(challenge) => Some(challenge),
                        Sending::TooSoon(_) | Sending::UsedUp | Sending::Moved => None,
                    },
                    None => None,
                };
                let progress = Progress::Password { account: verified.id, proven_at: self.now, factor, challenge };
                moved(flow::save(tx, &flow, &progress)?)?;
                record(tx, &fresh.accepted.clone().about(verified.id))?;
                Ok(Passed::Factor)
            }
        }
    }

    /// Everything is proven: the session, under a new secret of the browser, and the flow that knows of it. The caller has loaded flow
    /// and account in this transaction and asked [`next_step`].
    pub(super) fn sign_in(
        &self,
        tx: &mut Tx<'_>,
        flow: &Flow,
        account: AccountId,
        amr: Vec<Amr>,
        fresh: &Fresh,
    ) -> Result<Handle<BrowserId>> {
        let policy = self.realm.policy();
        let methods = serde_json::to_value(&amr)?;
        let expires_at = self.now.plus(policy.session());
        let (device, place) = (fresh.device.clone(), fresh.place.clone());
        let new = NewSession { id: fresh.session, account, auth_time: self.now, amr, expires_at, device, place };
        let session = session::establish(tx, flow.browser, &new, policy)?;
        moved(flow::save(tx, flow, &Progress::Authenticated { session: session.id, at: self.now })?)?;
        session::rotate(tx, flow.browser, fresh.secret.digest(), self.now, self.now.plus(policy.browser()))?;
        if session::note_device(tx, account, flow.browser, self.now)? {
            // Known when the notice would have been made, and forgotten since: nothing of this may stay, and the next try tells.
            fresh.new_device.as_ref().ok_or(Failure::Busy("a browser was forgotten meanwhile"))?.leave(tx)?;
        }
        account::note_login(tx, account, self.now)?;
        record(tx, &fresh.succeeded.clone().by(Actor::Account(account)).about(account).with("amr", methods))?;
        Ok(Handle { id: flow.browser, secret: fresh.secret.clone() })
    }

    /// Whose password tries are counted: an account's, whatever name was typed for it, else those of the name. A browser in which the
    /// account is known counts apart from the rest of the world, so that strangers never lock its owner out there. Asks the same of the
    /// database for known and unknown names.
    pub(super) fn password_count(&self, rx: &mut Rx<'_>, login: &Login) -> Result<PasswordCount> {
        let browser = session::known(rx, self.presented.as_ref(), self.now)?.unwrap_or(BrowserId::from_bytes([0; 16]));
        let account = match login {
            Login::Account(id) => *id,
            Login::Name(_) => AccountId::from_bytes([0; 16]),
        };
        let known_device = session::is_known_device(rx, account, browser)?;
        let text = match login {
            Login::Account(id) if known_device => known_count(*id, browser),
            Login::Account(id) => strangers_count(*id),
            Login::Name(name) => format!("name:{name}"),
        };
        Ok(PasswordCount { subject: self.realm.vault.digest(Purpose::Lookup, "login", &text)?.1, known_device })
    }
}

fn known_count(account: AccountId, browser: BrowserId) -> String {
    format!("device:{account}:{browser}")
}

fn strangers_count(account: AccountId) -> String {
    format!("account:{account}")
}

/// The count that this account's password tries go on in this browser, at sign-in or elsewhere ([`Counter::Password`]).
pub fn password_tries_of(rx: &mut Rx<'_>, realm: &Realm, account: AccountId, browser: BrowserId) -> Result<Digest> {
    let known = session::is_known_device(rx, account, browser)?;
    let text = if known { known_count(account, browser) } else { strangers_count(account) };
    Ok(realm.vault.digest(Purpose::Lookup, "login", &text)?.1)
}

/// The account has a new password: wrong ones are forgotten, those of strangers and those of this browser.
pub fn forget_wrong_passwords(tx: &mut Tx<'_>, realm: &Realm, account: AccountId, browser: BrowserId) -> Result<()> {
    for text in [strangers_count(account), known_count(account, browser)] {
        limits::succeed(tx, Counter::Password, realm.vault.digest(Purpose::Lookup, "login", &text)?.1)?;
    }
    Ok(())
}

/// Every count of this account's password tries: of strangers, and of each browser it is known in.
fn all_counts(rx: &mut Rx<'_>, realm: &Realm, account: AccountId) -> Result<Vec<Digest>> {
    let devices = session::devices_of(rx, account)?;
    let texts = devices.into_iter().map(|browser| known_count(account, browser)).chain([strangers_count(account)]);
    texts.map(|text| Ok(realm.vault.digest(Purpose::Lookup, "login", &text)?.1)).collect()
}

/// What each of this account's counts of password tries would say to another try.
pub fn password_standings(rx: &mut Rx<'_>, realm: &Realm, account: AccountId, now: Timestamp) -> Result<Vec<Taken>> {
    let counts = all_counts(rx, realm, account)?;
    counts.into_iter().map(|subject| limits::standing(rx, Counter::Password, subject, now, realm.policy())).collect()
}

/// An operator ends the delays: wrong passwords are forgotten, whoever typed them.
pub fn forget_all_wrong_passwords(tx: &mut Tx<'_>, realm: &Realm, account: AccountId) -> Result<()> {
    all_counts(tx, realm, account)?.into_iter().try_for_each(|subject| limits::succeed(tx, Counter::Password, subject))
}

/// On whose count a password try goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct PasswordCount {
    pub(super) subject: Digest,
    /// Whether this browser has a count of its own.
    pub(super) known_device: bool,
}

/// Whom a typed name stands for.
pub(super) enum Login {
    /// An account.
    Account(AccountId),
    /// Nobody we know.
    Name(String),
}

/// A flow that was loaded in this transaction cannot have moved: if it did, nothing of the transaction may stay.
pub(super) fn moved(saved: bool) -> Result<()> {
    if saved { Ok(()) } else { Err(Failure::Busy("a flow moved within a transaction")) }
}
