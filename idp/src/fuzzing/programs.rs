//! What relying parties' programs send: requests, tokens, addresses.

use super::pen::PEN;
use super::{has_control, text};
use poterne_protocol::authorize::reply::{Delivery, Handed, ResponseMode};
use poterne_protocol::authorize::request::{self, AuthorizationRequest, Refusal};
use poterne_protocol::claims::access_token::AccessTokenClaims;
use poterne_protocol::claims::id_token::IdTokenHint;
use poterne_protocol::client::{Client, ResponseType};
use poterne_protocol::error::TokenError;
use poterne_protocol::jose::jws::{self, TokenType};
use poterne_protocol::logout::{self, LogoutRequest};
use poterne_protocol::scope::Scope;
use poterne_protocol::time::Timestamp;
use poterne_protocol::wire::Params;
use poterne_protocol::{bearer, client_auth, pkce as proof, redirect, token};
use serde_json::{Value, json};
use std::sync::LazyLock;
use url::Url;

pub(super) const ISSUER: &str = "https://id.example/lac";
const REGISTERED: [&str; 3] = ["https://flex.example/app/cb?tab=1", "http://127.0.0.1/cb", "http://[::1]:1234/cb?a"];

/// A portal of the web and an app on the person's machine, with the same addresses.
pub(super) static CLIENTS: LazyLock<Vec<Client>> = LazyLock::new(|| {
    let client = |kind: &str| {
        serde_json::from_value(json!({
            "client_id": "flex", "client_name": "Flex", "application_type": kind, "redirect_uris": REGISTERED,
            "post_logout_redirect_uris": REGISTERED, "scope": "openid email offline_access api",
            "grant_types": ["authorization_code", "refresh_token", "client_credentials", "implicit"],
            "response_types": ResponseType::ALL.map(ResponseType::as_str),
        }))
    };
    ["web", "native"].into_iter().filter_map(|kind| client(kind).ok()).collect()
});

pub(super) const REDIRECTS: &[&str] = &[
    "https://flex.example/app/cb?tab=1",
    "http://127.0.0.1:51004/cb",
    "http://[::1]:9/cb?a",
    "http://127.0.0.1:80@evil.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "javascript:alert(1)",
];

/// Accepted is what is registered, byte for byte; for a native client a loopback address with another port, as any reader of URLs sees it.
pub(super) fn redirect_uri(data: &[u8]) {
    let Some(asked) = text(data) else { return };
    for client in CLIENTS.iter() {
        if let Ok(found) = redirect::resolve(client, Some(asked)) {
            assert_eq!(found.as_str(), asked);
            assert!(is_registered(asked), "{asked:?}");
        }
        assert!(redirect::resolve_post_logout(client, asked).is_none_or(|found| REGISTERED.contains(&found.as_str())));
    }
}

/// An oracle of its own for [`redirect_uri`]: the same host, path and query, and nothing else.
fn is_registered(asked: &str) -> bool {
    let parts = |uri: &str| {
        let url = Url::parse(uri)
            .ok()
            .filter(|url| url.username().is_empty() && url.password().is_none() && url.fragment().is_none())?;
        Some((url.scheme().to_owned(), url.host_str()?.to_owned(), url.path().to_owned(), url.query().map(str::to_owned)))
    };
    let same = |known: &&&str| parts(known).is_some() && parts(known) == parts(asked);
    REGISTERED.contains(&asked) || REGISTERED.iter().skip(1).find(same).is_some()
}

pub(super) const REQUESTS: &[&str] = &[
    "response_type=code&client_id=flex&redirect_uri=https%3A%2F%2Fflex.example%2Fapp%2Fcb%3Ftab%3D1&scope=openid+email&state=a%0D%0A%26\
     &nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    "client_id=flex&redirect_uri=http%3A%2F%2F127.0.0.1%3A51004%2Fcb&response_type=code&scope=openid&prompt=login+consent&max_age=0&display=wap",
    "client_id=flex&client_id=flex&redirect_uri=x",
    "client_id=flex&redirect_uri=http://127.0.0.1/cb&response_type=token+id_token+code&response_mode=form_post&scope=openid&nonce=n",
    "client_id=flex&redirect_uri=http://127.0.0.1/cb&response_type=id_token&response_mode=fragment&ui_locales=fr+de&acr_values=a+b",
];

/// A request that is accepted survives its JSON and has no more than was registered; every answer leads to a registered address.
pub(super) fn authorization_request(data: &[u8]) {
    let Ok(params) = Params::parse(data) else { return };
    assert!(request::client_id(&params).is_err() || params.get("client_id").is_some());
    for client in CLIENTS.iter() {
        decided(&params, client);
    }
}

/// What holds of a request once its parameters are known, wherever they stood.
pub(super) fn decided(params: &Params, client: &Client) {
    let to = match request::parse(params, client) {
        Ok(mut request) => {
            // Read before the request is kept, and not kept.
            request.id_token_hint = None;
            let json = serde_json::to_string(&request).unwrap_or_default();
            let again = serde_json::from_str::<AuthorizationRequest>(&json);
            assert!(again.is_ok_and(|again| again == request), "{json}");
            assert!(request.scope.is_within(&client.scope) && request.scope.contains("openid"));
            assert!(request.ui_locales.len() <= 16 && request.acr_values.len() <= 16);
            let by_query = request.reply_to.mode == ResponseMode::Query;
            assert!(!by_query || request.response_type == ResponseType::Code, "a token in a query");
            assert!(request.nonce.is_some() || !request.response_type.has_id_token(), "an ID token without nonce");
            let handed = Handed { code: Some("c0de".to_owned().into()), ..Handed::default() };
            leads_home(&request.reply_to.handed(ISSUER, &handed));
            request.reply_to
        }
        Err(refusal) => return turned_away(refusal),
    };
    assert!(is_registered(to.redirect_uri.as_str()));
}

/// A refusal goes to a registered address, or to nobody but the person.
pub(super) fn turned_away(refusal: Refusal) {
    if let Refusal::Redirect { to, error } = refusal {
        leads_home(&to.error(ISSUER, &error));
        assert!(is_registered(to.redirect_uri.as_str()));
    }
}

/// An answer's `Location`: a registered address with nothing that could end a header. (A form goes to the redirect URI itself.)
fn leads_home(delivery: &Delivery) {
    let Delivery::Redirect(location) = delivery else { return };
    let location = location.expose();
    assert!(!has_control(location) && location.is_ascii(), "{location:?}");
    let home = location.split(['?', '#']).next().unwrap_or_default();
    let known = REGISTERED.iter().any(|known| known.split('?').next() == Some(home));
    assert!(known || home.starts_with("http://127.0.0.1:") || home.starts_with("http://[::1]"), "{location:?}");
}

pub(super) const TOKENS: &[&str] = &[
    "Basic ZmxleDpzM2NyZXQ=\ngrant_type=authorization_code&code=AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
     &redirect_uri=https%3A%2F%2Fflex.example%2Fapp%2Fcb&code_verifier=a-verifier-of-forty-three-characters-or-more-12345",
    "\ngrant_type=refresh_token&client_id=flex&client_secret=x&refresh_token=a.b&scope=openid",
    "Bearer a.b.c\ngrant_type=client_credentials&scope=api",
    "Basic fl%65x\naccess_token=a&access_token=b",
    "basic ZmwlNjV4Om9sZCtzJTJCY3JldA==\ngrant_type=x\u{1}",
];

/// Header and body of a request to the token endpoint, and of one with a bearer token: refused in words that a header and JSON may carry.
pub(super) fn token_request(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (header, body) = data.split_at_checked(at).unwrap_or((&[], data));
    let (header, Ok(params)) = (text(header).filter(|text| !text.is_empty()), Params::parse(body)) else { return };
    match client_auth::read(header, &params) {
        Ok(presented) => {
            assert!(!presented.client_id.is_empty());
            refused_in_words(&presented.unknown_client());
            for client in CLIENTS.iter() {
                assert!(presented.authenticate(client, &[]).is_err(), "no secret is right where none is registered");
            }
        }
        Err(error) => refused_in_words(&error),
    }
    for client in CLIENTS.iter() {
        if let Err(error) = token::parse(&params, client) {
            refused_in_words(&error);
        }
    }
    match bearer::read(header, Some(&params)) {
        Ok(token) => assert!(!token.expose().is_empty()),
        Err(error) => assert!(!has_control(&error.www_authenticate(ISSUER))),
    }
}

/// RFC 6749 section 5.2 names the characters of a description.
pub(super) fn refused_in_words(error: &TokenError) {
    let words = error.description.as_str();
    assert!(words.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)), "{words:?}");
    assert!(error.www_authenticate(ISSUER).is_none_or(|header| !has_control(&header) && header.is_ascii()));
}

pub(super) const LOGOUTS: &[&str] = &[
    "id_token_hint=a.b.c&client_id=flex&post_logout_redirect_uri=https%3A%2F%2Fflex.example%2Fbye&state=s%0A&ui_locales=fr+de",
    "state=1&state=2",
];

pub(super) fn logout_request(data: &[u8]) {
    let Ok(params) = Params::parse(data) else { return };
    if let Ok(request) = logout::parse(&params) {
        let json = serde_json::to_string(&request).unwrap_or_default();
        assert!(serde_json::from_str::<LogoutRequest>(&json).is_ok_and(|again| again == request));
        if let Some(token) = &request.id_token_hint {
            assert!(IdTokenHint::read(token, &PEN.keys, ISSUER).is_err(), "nobody signs by chance");
        }
    }
}

pub(super) const SCOPES: &[&str] = &["openid profile email", "  b a a ", "a\"b", "é", "openid\u{1}"];

/// A scope is one text, which reads as itself.
pub(super) fn scope(data: &[u8]) {
    let Some(asked) = text(data) else { return };
    let Ok(scope) = Scope::parse(asked) else { return };
    let written = scope.to_string();
    assert!(!has_control(&written) && Scope::parse(&written).as_ref() == Ok(&scope));
    assert!(scope.is_within(&scope.union(&Scope::default())) && scope.both(&scope) == scope);
    assert_eq!(scope.is_empty(), written.is_empty());
}

pub(super) const VERIFIERS: &[&str] =
    &["a-verifier-of-forty-three-characters-or-more-12345", "short", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"];

/// A well-formed verifier fits its own challenge and no other.
pub(super) fn pkce(data: &[u8]) {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use poterne_protocol::secret::Digest;
    let Some(sent) = text(data) else { return };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let well_formed = (43..=128).contains(&sent.len()) && sent.bytes().all(unreserved);
    let own = URL_SAFE_NO_PAD.encode(Digest::of(sent.as_bytes()).as_bytes());
    let own = proof::challenge(Some(&own), Some(proof::METHOD), true);
    assert!(matches!(&own, Ok(Some(own)) if proof::verify(Some(own), Some(sent)).is_ok() == well_formed));
    if let Ok(Some(other)) = proof::challenge(Some(sent), Some(proof::METHOD), true) {
        assert!(sent.len() == 43 && proof::verify(Some(&other), Some(sent)).is_err());
    }
    assert!(proof::challenge(Some(sent), None, false).is_err(), "plain is refused");
}

pub(super) const CLAIMS: &[&str] = &[
    r#"{"iss":"https://id.example/lac","sub":"m","aud":"https://id.example/lac","exp":1300,"iat":1000,"jti":"j","client_id":"flex","scope":"openid email","auth_time":900,"acr":"urn:poterne:level:multi","amr":["pwd","otp","mfa"],"sid":"s","grant_id":"AQEBAQEBAQEBAQEBAQEBAQ"}"#,
    r#"{"iss":"https://id.example/lac","sub":"m","aud":["flex"],"sid":null}"#,
    r#"{"iss":1,"aud":[],"exp":-9223372036854775808}"#,
];

/// Claims that are read are written as they were read, and never read from a time or by a reader that they are not for.
pub(super) fn claims(data: &[u8]) {
    if let Ok(claims) = serde_json::from_slice::<AccessTokenClaims>(data) {
        let again = serde_json::to_vec(&claims).map(|json| serde_json::from_slice::<AccessTokenClaims>(&json));
        assert!(matches!(&again, Ok(Ok(again)) if *again == claims), "{again:?}");
    }
    let Ok(payload) = serde_json::from_slice::<Value>(data) else { return };
    let Some(signed) = PEN.signed(TokenType::AccessToken, &payload) else { return };
    let verified = AccessTokenClaims::verified(&signed, &PEN.keys);
    for seconds in [0, 1_100, i64::MAX / 1_000_000] {
        let now = Timestamp::from_secs(seconds);
        if let Ok(claims) = &verified
            && claims.check(ISSUER, now).is_ok()
        {
            assert!(claims.iss == ISSUER && claims.aud.names(ISSUER) && claims.exp > seconds.saturating_sub(60), "{claims:?}");
        }
    }
    let hint = PEN.signed(TokenType::IdToken, &payload);
    if let Some(Ok(hint)) = hint.map(|hint| IdTokenHint::read(&hint, &PEN.keys, ISSUER)) {
        assert!(!hint.client_id().is_empty() || payload.get("aud").is_some());
    }
}

pub(super) const EDITS: &[&str] = &["\u{0}\u{0}\u{0}", "\u{5}\u{20}\u{1}A", "\u{1}\u{40}\u{2}..", "junk.junk.junk"];

/// A token that somebody changed is either refused or says what it said: three bytes name a place and how much of it is cut out, the rest
/// is put there.
pub(super) fn signed_token(data: &[u8]) {
    if let Some(raw) = text(data) {
        assert!(jws::verify::<Value>(raw, TokenType::AccessToken, &PEN.keys).is_err(), "nobody signs by chance");
    }
    let (payload, [high, low, cut, put @ ..]) = (json!({"iss": ISSUER, "sub": "marie", "aud": ISSUER}), data) else { return };
    let (Some(token), Some(put)) = (PEN.signed(TokenType::AccessToken, &payload), text(put)) else { return };
    let at = usize::from(u16::from_be_bytes([*high, *low])) % token.len();
    let end = (at + usize::from(*cut)).min(token.len());
    let (Some(before), Some(after)) = (token.get(..at), token.get(end..)) else { return };
    let changed = format!("{before}{put}{after}");
    assert!(jws::verify::<Value>(&changed, TokenType::IdToken, &PEN.keys).is_err(), "one kind is never taken for another");
    if let Ok(read) = jws::verify::<Value>(&changed, TokenType::AccessToken, &PEN.keys) {
        assert_eq!(read, payload, "{changed}");
    }
}
