//! What comes next for a request: the protocol's rule, fed with what this realm knows.

use crate::access::session::Session;
use crate::directory::account::Account;
use crate::directory::client::Registered;
use crate::realm::Realm;
use poterne_protocol::authorize::request::AuthorizationRequest;
use poterne_protocol::authorize::step::{Consent, Facts, Hint, SessionFacts, Step, next_step};
use poterne_protocol::claims::id_token::IdTokenHint;
use poterne_protocol::claims::level::Level;
use poterne_protocol::error::{AuthorizationError, AuthorizationErrorCode as Code};
use poterne_protocol::time::Timestamp;

/// What became of `id_token_hint`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hinted {
    /// There is none.
    Nothing,
    /// It is not one of ours for this client.
    Unreadable,
    /// It names this `sub`; it may be expired.
    Subject(String),
}

/// A request that passed every check, with the client that makes it.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) request: AuthorizationRequest,
    pub(super) client: Registered,
    pub(super) hinted: Hinted,
    /// The highest level that the realm's people can reach.
    highest: Level,
}

impl Asked {
    /// Verifies the request's hint with the realm's keys.
    pub(super) fn new(realm: &Realm, request: AuthorizationRequest, client: Registered) -> Self {
        let hinted = match request.id_token_hint.as_deref() {
            None => Hinted::Nothing,
            Some(token) => match IdTokenHint::read(token, &realm.signing.known, realm.urls.issuer()) {
                Ok(hint) if hint.client_id() == client.client.client_id => Hinted::Subject(hint.sub),
                _ => Hinted::Unreadable,
            },
        };
        Self { request, client, hinted, highest: realm.highest_level() }
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
}

/// Decides what comes next. `authenticated_at` is when the person proved in this very flow who they are.
pub(super) fn decide(asked: &Asked, person: Option<&Person>, authenticated_at: Option<Timestamp>, now: Timestamp) -> Step {
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
    let hint = match &asked.hinted {
        Hinted::Nothing => Hint::None,
        Hinted::Unreadable => Hint::Unreadable,
        Hinted::Subject(subject) => Hint::Subject(subject),
    };
    let consent = if client.first_party { Consent::ByOperator } else { Consent::Earlier(None) };
    let facts = Facts { session, authenticated_in_flow_at: authenticated_at, hint, highest: asked.highest, consent };
    match next_step(&asked.request, &facts, now) {
        Step::NotServed if !active => denied("the account is not active"),
        Step::Consent => denied("only clients that the operator has consented to (first_party) are served"),
        step => step,
    }
}

fn denied(words: &'static str) -> Step {
    Step::Refuse(AuthorizationError::new(Code::AccessDenied, words))
}
