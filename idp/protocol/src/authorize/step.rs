//! What comes next for a request: a pure decision over what the browser's session shows (OpenID Connect Core sections
//! 3.1.2.1, 3.1.2.3 and 3.1.2.6).

use super::prompt::Prompt;
use super::request::AuthorizationRequest;
use crate::claims::level::Level;
use crate::consent::Agreed;
use crate::error::{AuthorizationError, AuthorizationErrorCode as Code};
use crate::time::Timestamp;

/// The browser's current session, as this client would see it.
#[derive(Debug, Clone, Copy)]
pub struct SessionFacts<'a> {
    /// The person's `sub` for the asking client.
    pub subject: &'a str,
    /// When the person last proved who they are.
    pub authenticated_at: Timestamp,
    /// How surely they did.
    pub level: Level,
    /// How surely they do when they sign in again.
    pub reachable: Level,
    /// Whether the client serves the person's population.
    pub served: bool,
    /// Whether the person has accepted the terms of use in force, where there are any.
    pub terms_accepted: bool,
}

/// What the request's `id_token_hint` says, after it was verified against the realm's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint<'a> {
    /// There is none.
    None,
    /// It is not a token of this realm for this client. A token that is merely expired is [`Hint::Subject`].
    Unreadable,
    /// It names this `sub`.
    Subject(&'a str),
}

/// Everything but the request itself that the decision needs.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The current session, if it lives.
    pub session: Option<SessionFacts<'a>>,
    /// When somebody signed in or enrolled within this very flow; `None` if nobody has yet.
    pub authenticated_in_flow_at: Option<Timestamp>,
    /// Whether the person chose an account within this very flow, among those signed in with this browser.
    pub chosen_in_flow: bool,
    /// The verified hint.
    pub hint: Hint<'a>,
    /// The highest level that anybody here can reach.
    pub highest: Level,
    /// What needs no more asking.
    pub consent: Consent<'a>,
}

/// Who has agreed to the client's getting at the person's data.
#[derive(Debug, Clone, Copy)]
pub enum Consent<'a> {
    /// The operator, for everybody: a first-party client.
    ByOperator,
    /// The person, earlier, to so much; none if they never did.
    Earlier(Option<&'a Agreed>),
    /// The person, in this very flow.
    InFlow,
}

/// How the person is to prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// There is no session: the sign-in page.
    Fresh,
    /// There is one, but the person must prove again who they are (`prompt=login`, `max_age`).
    Reauthenticate,
    /// The person chooses between accounts (`prompt=select_account`).
    SelectAccount,
    /// The person creates an account (`prompt=create`).
    Create,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A page to sign in on.
    SignIn(SignIn),
    /// A page that says that the client does not serve this person, and where to go instead.
    NotServed,
    /// A page to accept the terms of use on.
    AcceptTerms,
    /// A page to consent on.
    Consent,
    /// Nothing more to ask: issue the code.
    Finish,
    /// Tell the client no.
    Refuse(AuthorizationError),
}

/// Decides what comes next. Called at the start and after every step; a finished step is a fact the next time.
#[must_use]
pub fn next_step(request: &AuthorizationRequest, facts: &Facts<'_>, now: Timestamp) -> Step {
    let silent = request.prompts(Prompt::None);
    if level_beyond_reach(request, facts) {
        return refuse(Code::UnmetAuthenticationRequirements, "no level that claims asks for can be reached here");
    }
    let proven = match facts.session {
        None => Err(first_sign_in(request, facts)),
        Some(session) => sign_in_again(request, &session, facts, now).map_or(Ok(session), Err),
    };
    let session = match proven {
        Ok(session) => session,
        Err(_) if silent => return refuse(Code::LoginRequired, "the person must sign in"),
        Err(sign_in) => return Step::SignIn(sign_in),
    };
    // Whoever is signed in now, before or within this flow, must be the one that the client asks for.
    if !hint_allows(facts.hint, &session, silent) {
        return refuse(Code::LoginRequired, "somebody else is signed in than id_token_hint names");
    }
    if request.claims.subjects.as_ref().is_some_and(|subjects| !subjects.iter().any(|subject| subject == session.subject)) {
        return refuse(Code::LoginRequired, "somebody else is signed in than claims asks for");
    }
    if !level_reached(request, &session) {
        return refuse(Code::UnmetAuthenticationRequirements, "the level that claims asks for was not reached");
    }
    if !session.served {
        return if silent { refuse(Code::AccessDenied, "the client does not serve this person") } else { Step::NotServed };
    }
    if !session.terms_accepted {
        return if silent {
            refuse(Code::InteractionRequired, "the person must accept the terms of use")
        } else {
            Step::AcceptTerms
        };
    }
    if consented(request, facts.consent) {
        Step::Finish
    } else if silent {
        refuse(Code::ConsentRequired, "the person must consent")
    } else {
        Step::Consent
    }
}

fn first_sign_in(request: &AuthorizationRequest, facts: &Facts<'_>) -> SignIn {
    // After an enrollment in this flow whose session has ended meanwhile, the account exists: sign in.
    if facts.authenticated_in_flow_at.is_some() {
        return SignIn::Fresh;
    }
    // None of the browser's sessions need be the current one for there to be accounts to choose from.
    match (request.prompts(Prompt::Create), request.prompts(Prompt::SelectAccount) && !request.prompts(Prompt::Login)) {
        (true, _) => SignIn::Create,
        (false, true) if !facts.chosen_in_flow => SignIn::SelectAccount,
        (false, _) => SignIn::Fresh,
    }
}

/// Whether a session is not enough, and what is asked then.
fn sign_in_again(
    request: &AuthorizationRequest,
    session: &SessionFacts<'_>,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Option<SignIn> {
    // A sign-in of this flow satisfies prompt and max_age, else max_age=0 could never be met.
    if facts.authenticated_in_flow_at.is_some_and(|at| session.authenticated_at >= at) {
        return None;
    }
    if request.prompts(Prompt::Create) {
        return Some(SignIn::Create);
    }
    let too_old = request.max_age.is_some_and(|max_age| max_age.is_zero() || now.since(session.authenticated_at) > max_age);
    // Signing in again may reach the level that the session has not.
    if request.prompts(Prompt::Login) || too_old || !level_reached(request, session) || wishes_more(request, session) {
        return Some(SignIn::Reauthenticate);
    }
    (request.prompts(Prompt::SelectAccount) && !facts.chosen_in_flow).then_some(SignIn::SelectAccount)
}

/// Whether the session has a level that is asked for as essential (OpenID Connect Core section 5.5.1.1): exactly one of them, since the
/// ID token will say which.
fn level_reached(request: &AuthorizationRequest, session: &SessionFacts<'_>) -> bool {
    request.claims.levels.as_ref().is_none_or(|levels| levels.contains(&session.level))
}

/// Whether an essential level is asked for that nobody here reaches: then nobody is asked to sign in, or to sign in again, in vain. Where
/// another person may sign in, one who could not reach it is no reason yet.
fn level_beyond_reach(request: &AuthorizationRequest, facts: &Facts<'_>) -> bool {
    request.claims.levels.as_ref().is_some_and(|levels| !levels.iter().any(|level| *level <= facts.highest))
}

/// Whether the favourite of the levels that are asked for without insisting, among those that this person can reach, is above the
/// session's. It is asked for where they can be asked, and once: what is reached then is the answer (OpenID Connect Core section 3.1.2.1).
fn wishes_more(request: &AuthorizationRequest, session: &SessionFacts<'_>) -> bool {
    let known = |value: &String| Level::ALL.into_iter().find(|level| level.as_str() == value);
    let favourite = request.acr_values.iter().filter_map(known).find(|level| *level <= session.reachable.max(session.level));
    !request.prompts(Prompt::None) && favourite.is_some_and(|level| level > session.level)
}

/// A hint that cannot be read names nobody: it is ignored where the person can be asked, and fails where they cannot
/// (OpenID Connect Core section 3.1.2.1).
fn hint_allows(hint: Hint<'_>, session: &SessionFacts<'_>, silent: bool) -> bool {
    match hint {
        Hint::None => true,
        Hint::Unreadable => !silent,
        Hint::Subject(subject) => subject == session.subject,
    }
}

fn consented(request: &AuthorizationRequest, consent: Consent<'_>) -> bool {
    match consent {
        Consent::ByOperator | Consent::InFlow => true,
        Consent::Earlier(agreed) => {
            !request.prompts(Prompt::Consent) && agreed.is_some_and(|agreed| agreed.covers(&Agreed::asked(request)))
        }
    }
}

fn refuse(code: Code, words: &'static str) -> Step {
    Step::Refuse(AuthorizationError::new(code, words))
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
