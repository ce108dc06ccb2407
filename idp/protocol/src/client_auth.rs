//! How a client proves who it is at the token endpoint (RFC 6749 section 2.3): by exactly the one method it registered.

use crate::assertion::{self, AssertionClaims};
use crate::client::{Client, ClientAuthMethod};
use crate::error::{TokenError, TokenErrorCode};
use crate::jose::foreign::ForeignToken;
use crate::secret::{Digest, Secret};
use crate::wire::Params;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// What a client showed, whatever it registered.
#[derive(Debug)]
pub struct Presented {
    /// Who it says it is: look this client up, then call [`Presented::authenticate`].
    pub client_id: String,
    proof: Proof,
}

#[derive(Debug)]
enum Proof {
    /// Nothing but the name in the body.
    Nothing,
    /// `Authorization: Basic`.
    Basic(Secret),
    /// `client_secret` in the body.
    Post(Secret),
    /// `client_assertion` in the body (RFC 7521 section 4.2).
    Assertion(Secret),
}

/// What a client's proof is worth so far.
#[derive(Debug)]
pub enum Proven<'a> {
    /// The client is who it says it is.
    Whole,
    /// It is, once this assertion was verified with its keys or its secret, and spent.
    Assertion(&'a str),
}

/// Reads what a client shows: from the `Authorization` header's value and from the body, never from the query
/// (RFC 6749 section 2.3.1). More than one method at a time is refused (RFC 6749 section 2.3).
pub fn read(authorization: Option<&str>, body: &Params) -> Result<Presented, TokenError> {
    for name in ["client_id", "client_secret", "client_assertion", "client_assertion_type"] {
        if body.is_repeated(name) {
            return Err(TokenError::invalid_request(format!("{name} is repeated")));
        }
    }
    let named = body.get("client_id");
    let in_body = match (body.get("client_secret"), body.get("client_assertion")) {
        (None, None) => Proof::Nothing,
        (Some(secret), None) => Proof::Post(Secret::new(secret.to_owned())),
        (None, Some(assertion)) => Proof::Assertion(Secret::new(assertion.to_owned())),
        (Some(_), Some(_)) => return Err(two_methods()),
    };
    check_type_of_assertion(body)?;
    let Some(header) = authorization else {
        let client_id = match (&in_body, named) {
            (_, Some(named)) => named.to_owned(),
            // RFC 7521 section 4.2: the assertion says it too.
            (Proof::Assertion(assertion), None) => subject(assertion.expose())?,
            _ => return Err(invalid_client("client_id is missing", false)),
        };
        return Ok(Presented { client_id, proof: in_body });
    };
    let (client_id, secret) = basic(header).ok_or_else(|| invalid_client("Authorization is not well-formed Basic", true))?;
    match in_body {
        Proof::Nothing if named.is_none_or(|named| named == client_id) => {
            Ok(Presented { client_id, proof: Proof::Basic(secret) })
        }
        Proof::Nothing => Err(TokenError::invalid_request("client_id differs from the one in Authorization")),
        _ => Err(two_methods()),
    }
}

impl Presented {
    /// Checks the proof against the registration and the digests of the client's live secrets (several while a secret is
    /// replaced). The error names the registered method, because a wrong one is the commonest mistake of all.
    pub fn authenticate(&self, client: &Client, secrets: &[Digest]) -> Result<Proven<'_>, TokenError> {
        let registered = client.token_endpoint_auth_method;
        match (&self.proof, registered) {
            (Proof::Nothing, ClientAuthMethod::None) => Ok(Proven::Whole),
            (Proof::Basic(secret), ClientAuthMethod::ClientSecretBasic) if secrets.contains(&secret.digest()) => {
                Ok(Proven::Whole)
            }
            (Proof::Post(secret), ClientAuthMethod::ClientSecretPost) if secrets.contains(&secret.digest()) => Ok(Proven::Whole),
            (Proof::Assertion(assertion), ClientAuthMethod::ClientSecretJwt | ClientAuthMethod::PrivateKeyJwt) => {
                Ok(Proven::Assertion(assertion.expose()))
            }
            (Proof::Basic(_), ClientAuthMethod::ClientSecretBasic) | (Proof::Post(_), ClientAuthMethod::ClientSecretPost) => {
                Err(invalid_client("wrong client secret", self.used_header()))
            }
            _ => Err(invalid_client(
                format!("this client is registered with token_endpoint_auth_method {}", registered.as_str()),
                self.used_header(),
            )),
        }
    }

    /// The answer where no client of this name is registered.
    #[must_use]
    pub fn unknown_client(&self) -> TokenError {
        invalid_client("unknown client", self.used_header())
    }

    fn used_header(&self) -> bool {
        matches!(self.proof, Proof::Basic(_))
    }
}

/// An assertion comes with its type, and its type with an assertion (RFC 7521 section 4.2).
fn check_type_of_assertion(body: &Params) -> Result<(), TokenError> {
    match (body.get("client_assertion"), body.get("client_assertion_type")) {
        (None, None) | (Some(_), Some(assertion::TYPE)) => Ok(()),
        (Some(_), _) => Err(bad_assertion(format!("client_assertion_type must be {}", assertion::TYPE))),
        (None, Some(_)) => Err(bad_assertion("client_assertion is missing")),
    }
}

/// Of whom an assertion says it is, before anything is known to be true.
fn subject(assertion: &str) -> Result<String, TokenError> {
    let token = ForeignToken::read(assertion).map_err(|refusal| bad_assertion(format!("client_assertion: {refusal}")))?;
    let claims: AssertionClaims = token.unverified().map_err(|refusal| bad_assertion(format!("client_assertion: {refusal}")))?;
    Ok(claims.subject().to_owned())
}

/// The answer to an assertion that proves nothing (RFC 7521 section 4.2.1).
#[must_use]
pub fn bad_assertion(words: impl Into<std::borrow::Cow<'static, str>>) -> TokenError {
    invalid_client(words, false)
}

fn two_methods() -> TokenError {
    TokenError::invalid_request("more than one client authentication method")
}

fn invalid_client(words: impl Into<std::borrow::Cow<'static, str>>, used_header: bool) -> TokenError {
    TokenError { used_header, ..TokenError::new(TokenErrorCode::InvalidClient, words) }
}

/// `Basic` credentials: identifier and secret are form-encoded each, before they are joined (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, Secret)> {
    let (scheme, encoded) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Basic").then_some(())?;
    let clear = Zeroizing::new(STANDARD.decode(encoded.trim_start_matches(' ')).ok()?);
    let (id, secret) = std::str::from_utf8(&clear).ok()?.split_once(':')?;
    let id = form_decoded(id)?;
    (!id.is_empty()).then_some(())?;
    Some((id, Secret::new(form_decoded(secret)?)))
}

fn form_decoded(text: &str) -> Option<String> {
    // The decoder reads pairs, so a sign that separates them means that the text was not encoded: then it stands as it is, as it does without
    // any sign that encodes.
    let has = |signs: &[u8; 2]| text.bytes().any(|byte| signs.contains(&byte));
    if has(b"&=") || !has(b"%+") {
        return Some(text.to_owned());
    }
    let decoded = form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default();
    (!decoded.contains('\u{FFFD}')).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use serde_json::json;

    fn header(clear: &str) -> String {
        format!("Basic {}", STANDARD.encode(clear))
    }

    fn attempt(method: &str, authorization: Option<&str>, body: &str) -> Result<(), TokenError> {
        let client = portal(&json!({"token_endpoint_auth_method": method}));
        let secrets = [Digest::of(b"old s+cret"), Digest::of(b"s3cret")];
        let presented = read(authorization, &Params::parse(body.as_bytes()).unwrap())?;
        assert_eq!(presented.client_id, "flex");
        presented.authenticate(&client, &secrets).map(|proven| assert!(matches!(proven, Proven::Whole)))
    }

    #[test]
    fn rfc6749_2_3_1_the_registered_method_with_the_right_proof() {
        for (method, authorization, body) in [
            ("client_secret_basic", Some(header("flex:s3cret")), ""),
            ("client_secret_basic", Some(header("flex:s3cret")), "client_id=flex"),
            ("client_secret_basic", Some(header("fl%65x:old+s%2Bcret")), ""),
            ("client_secret_basic", Some(header("flex:s3cret").replace("Basic", "basic")), "client_secret="),
            ("client_secret_post", None, "client_id=flex&client_secret=s3cret"),
            ("none", None, "client_id=flex"),
        ] {
            assert_eq!(attempt(method, authorization.as_deref(), body), Ok(()), "{method} {authorization:?} {body}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn rfc6749_2_3_exactly_one_method_and_that_is_the_registered_one() {
        use TokenErrorCode::{InvalidClient, InvalidRequest};
        let right = header("flex:s3cret");
        for (method, authorization, body, code, status, words) in [
            ("client_secret_basic", None, "client_id=flex", InvalidClient, 400, "token_endpoint_auth_method client_secret_basic"),
            ("client_secret_basic", None, "client_id=flex&client_secret=s3cret", InvalidClient, 400, "client_secret_basic"),
            (
                "client_secret_basic",
                None,
                "client_id=flex&client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
                InvalidClient,
                400,
                "client_secret_basic",
            ),
            (
                "private_key_jwt",
                None,
                "client_id=flex&client_assertion=a.b.c",
                InvalidClient,
                400,
                "client_assertion_type must be",
            ),
            (
                "private_key_jwt",
                None,
                "client_id=flex&client_assertion=a.b.c&client_assertion_type=jwt-bearer",
                InvalidClient,
                400,
                "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            (
                "private_key_jwt",
                None,
                "client_id=flex&client_assertion_type=x",
                InvalidClient,
                400,
                "client_assertion is missing",
            ),
            ("private_key_jwt", None, "client_id=flex", InvalidClient, 400, "token_endpoint_auth_method private_key_jwt"),
            ("client_secret_jwt", Some(right.clone()), "", InvalidClient, 401, "token_endpoint_auth_method client_secret_jwt"),
            ("client_secret_basic", None, "", InvalidClient, 400, "client_id is missing"),
            ("client_secret_basic", Some(header("flex:wrong")), "", InvalidClient, 401, "wrong client secret"),
            ("client_secret_basic", Some(header("flex:")), "", InvalidClient, 401, "wrong client secret"),
            ("client_secret_basic", Some(header("flex")), "", InvalidClient, 401, "well-formed"),
            ("client_secret_basic", Some(header(":s3cret")), "", InvalidClient, 401, "well-formed"),
            ("client_secret_basic", Some("Basic !!!".into()), "", InvalidClient, 401, "well-formed"),
            ("client_secret_basic", Some("Bearer abc".into()), "client_id=flex", InvalidClient, 401, "well-formed"),
            ("client_secret_post", None, "client_id=flex&client_secret=wrong", InvalidClient, 400, "wrong client secret"),
            ("client_secret_post", None, "client_id=flex", InvalidClient, 400, "token_endpoint_auth_method client_secret_post"),
            ("client_secret_post", Some(right.clone()), "", InvalidClient, 401, "token_endpoint_auth_method client_secret_post"),
            ("none", Some(right.clone()), "", InvalidClient, 401, "token_endpoint_auth_method none"),
            ("none", None, "client_id=flex&client_secret=s3cret", InvalidClient, 400, "token_endpoint_auth_method none"),
            ("client_secret_basic", Some(right.clone()), "client_secret=s3cret", InvalidRequest, 400, "more than one"),
            ("client_secret_basic", Some(right.clone()), "client_id=other", InvalidRequest, 400, "differs"),
            ("client_secret_basic", None, "client_id=flex&client_secret=a&client_assertion=b", InvalidRequest, 400, "more than"),
            ("client_secret_basic", None, "client_id=flex&client_id=flex", InvalidRequest, 400, "client_id is repeated"),
            ("client_secret_basic", Some(right.clone()), "client_secret=a&client_secret=b", InvalidRequest, 400, "repeated"),
        ] {
            let error = attempt(method, authorization.as_deref(), body).unwrap_err();
            assert_eq!((error.code, error.status()), (code, status), "{authorization:?} {body}");
            assert!(error.description.as_str().contains(words), "{error:?}");
            assert_eq!(error.www_authenticate("i").is_some(), status == 401);
        }
    }

    #[test]
    fn an_unknown_client_is_answered_like_a_wrong_secret() {
        let presented = read(Some(&header("nobody:x")), &Params::default()).unwrap();
        let error = presented.unknown_client();
        assert_eq!((error.code, error.status()), (TokenErrorCode::InvalidClient, 401));
        assert!(!format!("{presented:?}").contains("\"x\""), "the secret is not printed");
    }
}
