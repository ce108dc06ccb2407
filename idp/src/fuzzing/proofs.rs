//! What clients show to prove who they are, and the tokens that they are asked for.

use super::pen::PEN;
use super::programs::{CLIENTS, ISSUER, refused_in_words};
use super::{has_control, lines, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poterne_protocol::assertion::{AssertionClaims, check_type};
use poterne_protocol::client::{Client, ClientAuthMethod};
use poterne_protocol::id::{ClientRowId, InvitationId};
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::foreign::{ForeignKeySet, ForeignRefusal, ForeignToken};
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;
use poterne_protocol::wire::Params;
use poterne_protocol::{bearer, client_auth, introspection};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The public half of the pen, as a client publishes it.
static KEYS: LazyLock<ForeignKeySet> = LazyLock::new(|| ForeignKeySet::from_value(&json!(PEN.keys)).unwrap_or_default());

pub(super) const ASSERTIONS: &[&str] = &[
    "{\"alg\":\"ES256\"}\n{\"iss\":\"flex\",\"sub\":\"flex\",\"aud\":\"https://id.example/lac\",\"exp\":1000060,\"jti\":\"a\"}",
    "{\"alg\":\"ES256\",\"typ\":\"client-authentication+jwt\"}\n{\"iss\":\"flex\",\"sub\":\"flex\",\"aud\":[\"x\",\"https://id.example/lac/token\"],\
     \"exp\":1000060.5,\"nbf\":1e6,\"iat\":999000,\"jti\":\"b\",\"more\":{}}",
    "{\"alg\":\"ES256\",\"typ\":\"application/JWT\"}\n{\"iss\":\"flex\",\"sub\":\"flex\",\"aud\":\"https://id.example/lac\",\"exp\":1003611,\"jti\":\"\\n\"}",
    "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"crit\":[\"exp\"]}\n{\"iss\":\"flex\",\"sub\":\"other\",\"aud\":{},\"exp\":\"1\",\"jti\":1}",
    "{\"alg\":\"none\",\"alg\":\"HS256\",\"kid\":\"\"}\n{\"iss\":\"flex\",\"iss\":\"x\",\"exp\":-9223372036854775808,\"jti\":null}",
];

/// A header and claims that a client signed: what proves anything is of the client, for us, of now and for an hour at most, once.
pub(super) fn client_assertion(data: &[u8]) {
    let (header, payload) = lines(data);
    if let Some(raw) = text(data) {
        let verified = ForeignToken::read(raw).and_then(|token| token.verified_by_keys::<Value>(&Algorithm::ALL, &KEYS));
        assert!(verified.is_err(), "nobody signs by chance");
    }
    let Some(written) = PEN.compact(header, payload) else { return };
    let token = match ForeignToken::read(&written) {
        Ok(token) => token,
        Err(refusal) => {
            return assert!(matches!(refusal, ForeignRefusal::Header | ForeignRefusal::Critical | ForeignRefusal::Shape));
        }
    };
    assert!(
        token.verified_by_secret::<Value>(b"s3cret").is_err()
            && token.verified_by_keys::<Value>(&[Algorithm::Rs256], &KEYS).is_err()
    );
    let Ok(claims) = token.verified_by_keys::<AssertionClaims>(&Algorithm::ALL, &KEYS) else { return };
    assert_eq!(token.unverified().as_ref(), Ok(&claims));
    let (readers, now) = ([ISSUER, "https://id.example/lac/token"], Timestamp::from_secs(1_000_000));
    let Ok(spent) = check_type(&token).and_then(|()| claims.check("flex", &readers, now)) else { return };
    let said: Map<String, Value> = serde_json::from_slice(payload).unwrap_or_default();
    let member = |name: &str| said.get(name).unwrap_or(&Value::Null);
    assert!(member("iss") == "flex" && member("sub") == "flex", "{said:?}");
    assert!(member("jti").as_str().is_some_and(|jti| !jti.is_empty()), "{said:?}");
    let aud = member("aud");
    let named = aud.as_array().map_or_else(|| vec![aud], |several| several.iter().collect());
    assert!(named.iter().any(|one| readers.iter().any(|reader| *one == reader)), "{said:?}");
    assert!((1_000_001..=1_003_610).contains(&spent.expires_at.secs()), "{said:?}");
    assert!(token.typ().is_none_or(|typ| typ.to_ascii_lowercase().ends_with("jwt") && !typ.contains("at+")), "{:?}", token.typ());
    assert!(claims.check("flex", &readers, spent.expires_at).is_err(), "it ends: {said:?}");
    assert!(claims.check("flex2", &readers, now).is_err() && claims.check("flex", &["https://id.example/lac/"], now).is_err());
}

pub(super) const BASIC: &[&str] = &["flex\ns3cret", "fl%65x\nold s+cret%", "a&b=c\n&=", "é:\n:", "\n", "a\n\u{fffd}"];

/// A name and a secret, written as the specification says (RFC 6749 section 2.3.1), are read as they were; whatever else is read is said to
/// be the client's.
pub(super) fn basic(data: &[u8]) {
    let (Some(id), Some(secret)) = (text(lines(data).0), text(lines(data).1)) else { return };
    let header = |clear: &str| format!("Basic {}", STANDARD.encode(clear));
    let read = |header: &str| client_auth::read(Some(header), &Params::default());
    if let Err(error) = read(&header(&format!("{id}:{secret}"))) {
        refused_in_words(&error);
    }
    let encoded = |part: &str| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
    let presented = read(&header(&format!("{}:{}", encoded(id), encoded(secret))));
    let lost = [id, secret].iter().any(|part| part.contains('\u{fffd}'));
    assert!(presented.is_ok() != (id.is_empty() || lost), "{id:?} {secret:?}");
    let (Ok(presented), Some(client)) = (presented, CLIENTS.first()) else { return };
    let client = Client { token_endpoint_auth_method: ClientAuthMethod::ClientSecretBasic, ..client.clone() };
    let [own, another] = [secret, "another"].map(|secret| Digest::of(secret.as_bytes()));
    assert!(presented.client_id == id && presented.authenticate(&client, &[another, own]).is_ok(), "{id:?} {secret:?}");
    assert!(secret == "another" || presented.authenticate(&client, &[another]).is_err());
}

pub(super) const BEARERS: &[&str] = &[
    "Bearer AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\ntoken=a.b&token_type_hint=refresh_token",
    "bearer   eyJhbGciOiJub25lIn0.e30.\ntoken=&token_type_hint=access_token",
    "Bearer a b\ntoken=1&token=2",
    "Bearer\t\u{e9}\ntoken=%00",
];

/// Tokens that are shown or asked about: in one spelling, and refused in words that a header may carry. A handle says of itself whose it is.
pub(super) fn presented_token(data: &[u8]) {
    let (Some(header), body) = (text(lines(data).0), lines(data).1) else { return };
    match bearer::read(Some(header), None) {
        Ok(token) => {
            assert!(header.ends_with(token.expose()) && !has_control(token.expose()) && !token.expose().contains(' '));
            if let Some(handle) = Handle::<InvitationId>::parse(token.expose()) {
                assert_eq!(handle.expose(), token.expose());
            }
            let managing = Handle::<ClientRowId>::parse(token.expose());
            assert!(managing.is_none_or(|handle| handle.secret.expose().len() == 43));
        }
        Err(error) => assert!(!has_control(&error.www_authenticate(ISSUER)) && error.www_authenticate(ISSUER).is_ascii()),
    }
    let Ok(params) = Params::parse(body) else { return };
    match introspection::parse(&params) {
        Ok(asked) => assert_eq!(Some(asked.token.expose()), params.get("token")),
        Err(error) => refused_in_words(&error),
    }
}
