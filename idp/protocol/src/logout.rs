//! Logout that a relying party starts (OpenID Connect RP-Initiated Logout 1.0).
//!
//! First [`parse`]; then the hint is read with [`IdTokenHint::read`] and its client looked up; then [`decide`].

use crate::claims::id_token::IdTokenHint;
use crate::client::Client;
use crate::error::Description;
use crate::redirect;
use crate::wire::{Params, with_query};
use serde::{Deserialize, Serialize};

/// A request of section 2, nothing of it trusted yet. As JSON it waits until the person has confirmed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// The ID token the client got when the person signed in.
    pub id_token_hint: Option<String>,
    /// Who the client thinks is signed in.
    pub logout_hint: Option<String>,
    /// The client; must agree with the hint.
    pub client_id: Option<String>,
    /// Where to go afterwards.
    pub post_logout_redirect_uri: Option<String>,
    /// What the client wants back.
    pub state: Option<String>,
    /// Languages for pages, the favourite first.
    pub ui_locales: Vec<String>,
}

/// Longest `state`, in bytes.
const LONGEST_STATE: usize = 2 * 1024;

/// A request that cannot be read: an error page with status 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLogout {
    /// A parameter stands twice.
    #[error("{} is repeated", .0.as_str())]
    Repeated(Description),
    /// `state` is longer than anybody needs.
    #[error("state is longer than {LONGEST_STATE} bytes")]
    LongState,
}

/// Reads a request.
pub fn parse(params: &Params) -> Result<LogoutRequest, BadLogout> {
    if let Some(name) = params.repeated() {
        return Err(BadLogout::Repeated(Description::new(name.to_owned())));
    }
    if params.get("state").is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(BadLogout::LongState);
    }
    let owned = |name| params.get(name).map(str::to_owned);
    let ui_locales = params.get("ui_locales").into_iter().flat_map(|text| text.split(' ')).filter(|tag| !tag.is_empty());
    Ok(LogoutRequest {
        id_token_hint: owned("id_token_hint"),
        logout_hint: owned("logout_hint"),
        client_id: owned("client_id"),
        post_logout_redirect_uri: owned("post_logout_redirect_uri"),
        state: owned("state"),
        ui_locales: ui_locales.take(16).map(str::to_owned).collect(),
    })
}

/// What became of the hint.
#[derive(Debug, Clone, Copy)]
pub enum Hint<'a> {
    /// There is none, or it is no ID token of this realm, or its client is not registered any more.
    Untrusted,
    /// It is ours, and the client it was issued to.
    Trusted(&'a IdTokenHint, &'a Client),
}

/// The browser's current session, as the hint's client would see it.
#[derive(Debug, Clone, Copy)]
pub struct SessionFacts<'a> {
    /// The person's `sub` for that client.
    pub subject: Option<&'a str>,
    /// The session's `sid` at that client, if it ever signed in there.
    pub sid: Option<&'a str>,
    /// What the person signs in with.
    pub login: Option<&'a str>,
}

/// What to do. `return_to` is a whole `Location`, made from a registered URI; without it the logged-out page is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logout {
    /// End the session, if there is one, and go on.
    End {
        /// Where to.
        return_to: Option<String>,
    },
    /// Ask the person first, because anybody could have made this request (ASVS 10.6.2).
    Confirm {
        /// Where to once they have said yes.
        return_to: Option<String>,
    },
}

/// Decides. `session` is `None` when nobody is signed in.
#[must_use]
pub fn decide(request: &LogoutRequest, hint: Hint<'_>, session: Option<SessionFacts<'_>>) -> Logout {
    let Hint::Trusted(hint, client) = hint else { return Logout::Confirm { return_to: None } };
    let agrees = |client_id: &String| *client_id == hint.client_id();
    if client.client_id != hint.client_id() || !request.client_id.as_ref().is_none_or(agrees) {
        return Logout::Confirm { return_to: None };
    }
    let Ok(return_to) = return_to(request, client) else { return Logout::Confirm { return_to: None } };
    let sure = session.is_none_or(|session| is_of(hint, &session) && agrees_with(request.logout_hint.as_deref(), &session));
    if sure { Logout::End { return_to } } else { Logout::Confirm { return_to } }
}

/// Whether `logout_hint` names this person or this session, where it names somebody (section 2): by `sub`, `sid` or what they sign in with.
fn agrees_with(logout_hint: Option<&str>, session: &SessionFacts<'_>) -> bool {
    let SessionFacts { subject, sid, login } = session;
    let is_login = |hint: &str| login.is_some_and(|login| login.eq_ignore_ascii_case(hint));
    logout_hint.is_none_or(|hint| *subject == Some(hint) || *sid == Some(hint) || is_login(hint))
}

/// Whether the hint tells of this session, or at least of this person (section 2).
fn is_of(hint: &IdTokenHint, session: &SessionFacts<'_>) -> bool {
    session.subject == Some(hint.sub.as_str()) || session.sid.is_some() && session.sid == hint.sid.as_deref()
}

/// The way back with `state` and nothing else (section 3). An unregistered URI is an error.
fn return_to(request: &LogoutRequest, client: &Client) -> Result<Option<String>, Unregistered> {
    let Some(uri) = &request.post_logout_redirect_uri else { return Ok(None) };
    let uri = redirect::resolve_post_logout(client, uri).ok_or(Unregistered)?;
    let state = request.state.as_deref().map(|state| ("state", state));
    Ok(Some(with_query(uri.as_str(), &state.into_iter().collect::<Vec<_>>())))
}

struct Unregistered;

/// The client's page that ends its session in the person's browser, with exactly `iss` and `sid` added, whether it must have them or not
/// (Front-Channel Logout section 2). A registered query survives.
#[must_use]
pub fn frontchannel(client: &Client, issuer: &str, sid: &str) -> Option<String> {
    let uri = client.frontchannel_logout_uri.as_deref()?;
    Some(with_query(uri, &[("iss", issuer), ("sid", sid)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use serde_json::json;

    const BYE: &str = "post_logout_redirect_uri=https%3A%2F%2Fflex.example%2Fbye";

    fn hint() -> IdTokenHint {
        serde_json::from_value(json!({"iss": "i", "sub": "marie", "aud": "flex", "sid": "one"})).unwrap()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the tables hold sessions and their absence")]
    fn session<'a>(subject: &'a str, sid: &'a str) -> Option<SessionFacts<'a>> {
        Some(SessionFacts { subject: Some(subject), sid: Some(sid), login: Some("marie@mail.example") })
    }

    fn decided(query: &str, trusted: bool, session: Option<SessionFacts<'_>>) -> Logout {
        let (hint, client) = (hint(), portal(&json!({})));
        let request = parse(&Params::parse(query.as_bytes()).unwrap()).unwrap();
        decide(&request, if trusted { Hint::Trusted(&hint, &client) } else { Hint::Untrusted }, session)
    }

    fn end(return_to: Option<&str>) -> Logout {
        Logout::End { return_to: return_to.map(str::to_owned) }
    }

    fn confirm(return_to: Option<&str>) -> Logout {
        Logout::Confirm { return_to: return_to.map(str::to_owned) }
    }

    #[test]
    fn rp_initiated_logout_3_with_a_valid_hint_it_leads_back_with_state_only() {
        let bye = "https://flex.example/bye";
        let marie = session("marie", "one");
        for (query, session, expected) in [
            (BYE.to_owned(), marie, end(Some(bye))),
            (format!("{BYE}&state=a%20b"), marie, end(Some("https://flex.example/bye?state=a+b"))),
            (format!("{BYE}&client_id=flex"), marie, end(Some(bye))),
            (BYE.to_owned(), None, end(Some(bye))),
            (BYE.to_owned(), session("marie", "another"), end(Some(bye))),
            (String::new(), marie, end(None)),
            (String::new(), None, end(None)),
        ] {
            assert_eq!(decided(&query, true, session), expected, "{query}");
        }
    }

    #[test]
    fn rp_initiated_logout_2_everything_doubtful_is_confirmed_and_leads_nowhere() {
        let marie = session("marie", "one");
        for (query, trusted) in [
            ("", false),
            (BYE, false),
            ("post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F", false),
            ("post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F", true),
            ("post_logout_redirect_uri=https%3A%2F%2Fflex.example%2Fbye%3Fx%3D1", true),
            ("post_logout_redirect_uri=https%3A%2F%2Fflex.example%2Fcb", true),
            ("post_logout_redirect_uri=%2F%2Fflex.example%2Fbye", true),
            ("post_logout_redirect_uri=https%3A%2F%2Fflex.example%2Fbye&client_id=other", true),
        ] {
            assert_eq!(decided(query, trusted, marie), confirm(None), "{query}");
            assert_eq!(decided(query, trusted, None), confirm(None), "{query}");
        }
    }

    #[test]
    fn rp_initiated_logout_3_a_uri_of_another_client_is_not_the_hints() {
        let (hint, other) = (hint(), portal(&json!({"client_id": "other"})));
        let request = parse(&Params::parse(BYE.as_bytes()).unwrap()).unwrap();
        assert_eq!(decide(&request, Hint::Trusted(&hint, &other), session("marie", "one")), confirm(None));
    }

    #[test]
    fn asvs_10_6_2_a_hint_of_somebody_else_does_not_end_this_session() {
        let back = Some("https://flex.example/bye");
        assert_eq!(decided(BYE, true, session("sophie", "two")), confirm(back));
        let nowhere_signed_in = Some(SessionFacts { subject: None, sid: None, login: None });
        assert_eq!(decided(BYE, true, nowhere_signed_in), confirm(back));
    }

    #[test]
    fn rp_initiated_logout_2_a_logout_hint_that_names_somebody_else_is_confirmed() {
        let back = Some("https://flex.example/bye");
        let decided = |hint: &str| decided(&format!("{BYE}&logout_hint={hint}"), true, session("marie", "one"));
        for hint in ["marie", "one", "marie%40mail.example", "Marie%40Mail.example"] {
            assert_eq!(decided(hint), end(back), "{hint}");
        }
        assert_eq!(decided("sophie%40mail.example"), confirm(back));
    }

    #[test]
    fn a_state_that_is_longer_than_anybody_needs_is_refused() {
        let asked = |length: usize| parse(&Params::parse(format!("state={}", "x".repeat(length)).as_bytes()).unwrap());
        assert!(asked(2048).is_ok());
        assert_eq!(asked(2049).unwrap_err().to_string(), "state is longer than 2048 bytes");
    }

    #[test]
    fn front_channel_2_the_page_gets_exactly_iss_and_sid() {
        for (uri, required, loaded) in [
            ("https://flex.example/out", false, "https://flex.example/out?iss=https%3A%2F%2Fi.example&sid=one"),
            ("https://flex.example/out?a=b", true, "https://flex.example/out?a=b&iss=https%3A%2F%2Fi.example&sid=one"),
        ] {
            let client = portal(&json!({"frontchannel_logout_uri": uri, "frontchannel_logout_session_required": required}));
            assert_eq!(frontchannel(&client, "https://i.example", "one").as_deref(), Some(loaded));
        }
        assert_eq!(frontchannel(&portal(&json!({})), "https://i.example", "one"), None);
    }

    #[test]
    fn b1_6_a_repeated_parameter_is_refused() {
        for name in ["id_token_hint", "post_logout_redirect_uri", "state", "client_id"] {
            let params = Params::parse(format!("{name}=a&{name}=b").as_bytes()).unwrap();
            assert_eq!(parse(&params).unwrap_err().to_string(), format!("{name} is repeated"));
        }
    }
}
