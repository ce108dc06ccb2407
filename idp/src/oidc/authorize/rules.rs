//! What comes next for a request: the protocol's rule, fed with what this realm knows.

use crate::access::consent::Remembered;
use crate::access::flow::Flow;
use crate::access::session::Session;
use crate::directory::account::Account;
use crate::directory::client::Registered;
use crate::realm::Realm;
use poterne_protocol::authorize::request::{AuthorizationRequest, Hinted};
use poterne_protocol::authorize::step::{Consent, Facts, Hint, SessionFacts, Step, next_step};
use poterne_protocol::claims::id_token::IdTokenHint;
use poterne_protocol::claims::level::Level;
use poterne_protocol::consent::{Agreed, is_remembered};
use poterne_protocol::error::{AuthorizationError, AuthorizationErrorCode as Code};
use poterne_protocol::time::Timestamp;

/// A request that passed every check, with the client that makes it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) request: AuthorizationRequest,
    pub(super) client: Registered,
    /// The highest level that the realm's people can reach.
    highest: Level,
}

impl Asked {
    /// Verifies the request's hint with the realm's keys, where that was not done already.
    pub(super) fn new(realm: &Realm, mut request: AuthorizationRequest, client: Registered) -> Self {
        if let Some(token) = request.id_token_hint.take() {
            request.hinted = match IdTokenHint::read(&token, &realm.signing.known, realm.urls.issuer()) {
                Ok(hint) if hint.client_id() == client.client.client_id => Hinted::Subject(hint.sub),
                _ => Hinted::Unreadable,
            };
        }
        Self { request, client, highest: realm.highest_level() }
    }
}

/// A no for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// What it is told.
    pub(super) error: AuthorizationError,
    /// Whether nobody is signed in with this browser, so that portals that watch it are to hear of it. A refusal alone says nothing of that:
    /// any client can have itself refused.
    pub(super) nobody: bool,
}

impl Refused {
    /// With whoever is signed in.
    pub(super) const fn with(person: Option<&Person>, error: AuthorizationError) -> Self {
        Self { error, nobody: person.is_none() }
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) session: Session,
    pub(super) account: Account,
    /// The person as the client knows them, if it has met them.
    pub(super) subject: Option<String>,
    /// Whether they have accepted the terms of use in force.
    pub(super) terms_accepted: bool,
    /// What they allowed the client, if it is not one of the fund's own.
    pub(super) consent: Option<Remembered>,
}

/// What the person did in this very flow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// When they proved who they are.
    pub(super) authenticated_at: Option<Timestamp>,
    /// Whether they chose an account.
    pub(super) chosen: bool,
    /// When they consented.
    pub(super) consented_at: Option<Timestamp>,
}

impl Done {
    /// As the flow tells.
    pub(super) const fn within(flow: &Flow) -> Self {
        Self { authenticated_at: flow.authenticated_at(), chosen: flow.chosen_at.is_some(), consented_at: flow.consented_at }
    }
}

/// Decides what comes next. `done` is what the person did in this very flow.
pub(super) fn decide(asked: &Asked, person: Option<&Person>, done: Done, now: Timestamp) -> Step {
    let client = &asked.client.client;
    let active = person.is_none_or(|person| person.account.is_active(now));
    let session = person.map(|person| SessionFacts {
        // A client that never met this person cannot have an ID token of theirs: no hint has an empty subject.
        subject: person.subject.as_deref().unwrap_or_default(),
        authenticated_at: person.session.auth_time,
        level: person.session.level,
        reachable: person.account.level,
        served: active && client.serves(&person.account.population),
        terms_accepted: person.terms_accepted,
    });
    let hint = match &asked.request.hinted {
        Hinted::Nothing => Hint::None,
        Hinted::Unreadable => Hint::Unreadable,
        Hinted::Subject(subject) => Hint::Subject(subject),
    };
    let consent = consent(asked, person, done.consented_at);
    let (authenticated_in_flow_at, chosen_in_flow) = (done.authenticated_at, done.chosen);
    let highest = asked.highest;
    let facts = Facts { session, authenticated_in_flow_at, chosen_in_flow, hint, highest, consent };
    match next_step(&asked.request, &facts, now) {
        Step::NotServed if !active => denied("the account is not active"),
        step => step,
    }
}

/// Who has agreed. What was consented in the flow counts for whoever did, told by when their own consent was last given: somebody else may
/// have come in between.
fn consent<'a>(asked: &Asked, person: Option<&'a Person>, consented_at: Option<Timestamp>) -> Consent<'a> {
    let (client, request) = (&asked.client.client, &asked.request);
    if client.first_party {
        return Consent::ByOperator;
    }
    let Some(remembered) = person.and_then(|person| person.consent.as_ref()) else { return Consent::Earlier(None) };
    let in_flow = consented_at.is_some_and(|at| remembered.updated_at >= at);
    if in_flow && remembered.agreed.covers(&Agreed::asked(request)) {
        return Consent::InFlow;
    }
    let counts = is_remembered(client, &request.reply_to.redirect_uri);
    Consent::Earlier(Some(&remembered.agreed).filter(|_| counts))
}

fn denied(words: &'static str) -> Step {
    Step::Refuse(AuthorizationError::new(Code::AccessDenied, words))
}
