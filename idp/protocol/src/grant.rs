//! Redeeming an authorization code (RFC 6749 sections 4.1.2 and 4.1.3, OpenID Connect Core section 3.1.3.2).
//!
//! The decision is pure. Whoever acts on [`Redeem::Grant`] marks the row redeemed by a conditional update and looks at the
//! row count: of two at once, one loses, loads again, and is told [`Redeem::Reused`].

use crate::error::TokenError;
use crate::id::ClientRowId;
use crate::pkce::{self, CodeChallenge};
use crate::redirect::RedirectUri;
use crate::secret::Digest;
use crate::time::Timestamp;
use crate::token::CodeRequest;
use std::time::Duration;

/// How long a code lives (RFC 9700 section 2.1.1, ASVS 10.4.3).
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// What was kept of an authorization code.
#[derive(Debug, Clone)]
pub struct CodeFacts {
    /// The digest of its secret.
    pub secret: Digest,
    /// The client it was issued to.
    pub client: ClientRowId,
    /// Where it was sent.
    pub redirect_uri: RedirectUri,
    /// What the verifier must hash to.
    pub challenge: Option<CodeChallenge>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it was redeemed, or spent by a wrong attempt.
    pub redeemed: bool,
}

/// What to do with a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeem {
    /// Mark it redeemed, issue tokens.
    Grant,
    /// Say no; nothing changes.
    Refuse(TokenError),
    /// Say no, and mark it redeemed: whoever has the whole code without the rest stole or injected it (RFC 9700
    /// section 4.5).
    Spend(TokenError),
    /// Say no, and revoke everything that was issued from it (RFC 6749 section 4.1.2).
    Reused(TokenError),
}

/// Decides about a code that a client, having proven who it is, presents.
#[must_use]
pub fn redeem(code: &CodeFacts, client: ClientRowId, request: &CodeRequest, now: Timestamp) -> Redeem {
    // Who knows only the id knows nothing, and must not be able to spend or revoke anything.
    if code.secret != request.code.secret.digest() {
        return Redeem::Refuse(TokenError::invalid_grant("code is not valid"));
    }
    if code.redeemed {
        return Redeem::Reused(TokenError::invalid_grant("code was used before"));
    }
    if code.client != client {
        return Redeem::Spend(TokenError::invalid_grant("code was issued to another client"));
    }
    if now >= code.expires_at {
        return Redeem::Refuse(TokenError::invalid_grant("code is expired"));
    }
    if request.redirect_uri.as_deref() != Some(code.redirect_uri.as_str()) {
        return Redeem::Spend(TokenError::invalid_grant("redirect_uri differs from the authorization request"));
    }
    let verifier = request.code_verifier.as_ref().map(crate::secret::Secret::expose);
    match pkce::verify(code.challenge.as_ref(), verifier) {
        Ok(()) => Redeem::Grant,
        Err(error) => Redeem::Spend(TokenError::invalid_grant(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use crate::id::AuthorizationCodeId;
    use crate::redirect::resolve;
    use crate::secret::{Handle, Secret};
    use serde_json::json;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const NOW: Timestamp = Timestamp::from_secs(1000);

    fn client(byte: u8) -> ClientRowId {
        ClientRowId::from_bytes([byte; 16])
    }

    fn code() -> CodeFacts {
        CodeFacts {
            secret: Secret::from_random(&[2; 32]).digest(),
            client: client(1),
            redirect_uri: resolve(&portal(&json!({})), Some("https://flex.example/cb")).unwrap(),
            challenge: pkce::challenge(Some(CHALLENGE), Some("S256"), true).unwrap(),
            expires_at: NOW.plus(CODE_LIFETIME),
            redeemed: false,
        }
    }

    fn request() -> CodeRequest {
        CodeRequest {
            code: Handle { id: AuthorizationCodeId::from_bytes([1; 16]), secret: Secret::from_random(&[2; 32]) },
            redirect_uri: Some("https://flex.example/cb".into()),
            code_verifier: Some(Secret::new(VERIFIER.into())),
            resources: Vec::new(),
        }
    }

    fn kind(redeem: &Redeem) -> &'static str {
        let (kind, error) = match redeem {
            Redeem::Grant => return "grant",
            Redeem::Refuse(error) => ("refuse", error),
            Redeem::Spend(error) => ("spend", error),
            Redeem::Reused(error) => ("reused", error),
        };
        assert_eq!((error.code.as_str(), error.status()), ("invalid_grant", 400));
        kind
    }

    #[test]
    fn rfc6749_4_1_3_a_code_is_bound_to_client_redirect_uri_and_pkce() {
        type Change = fn(&mut CodeFacts, &mut CodeRequest);
        let changes: [(&str, Change, &str); 13] = [
            ("nothing", |_, _| {}, "grant"),
            ("the secret", |_, request| request.code.secret = Secret::from_random(&[3; 32]), "refuse"),
            ("redeemed before", |code, _| code.redeemed = true, "reused"),
            (
                "redeemed, wrong secret",
                |code, request| {
                    code.redeemed = true;
                    request.code.secret = Secret::from_random(&[3; 32]);
                },
                "refuse",
            ),
            ("redeemed by another client", |code, _| (code.redeemed, code.client) = (true, client(2)), "reused"),
            ("another client", |code, _| code.client = client(2), "spend"),
            ("expired", |code, _| code.expires_at = NOW, "refuse"),
            ("the last microsecond", |code, _| code.expires_at = Timestamp::from_micros(NOW.micros() + 1), "grant"),
            ("another redirect_uri", |_, request| request.redirect_uri = Some("https://flex.example/cb?".into()), "spend"),
            ("no redirect_uri", |_, request| request.redirect_uri = None, "spend"),
            ("no verifier", |_, request| request.code_verifier = None, "spend"),
            ("another verifier", |_, request| request.code_verifier = Some(Secret::new(CHALLENGE.into())), "spend"),
            ("a verifier without challenge", |code, _| code.challenge = None, "spend"),
        ];
        for (what, change, expected) in changes {
            let (mut code, mut request) = (code(), request());
            change(&mut code, &mut request);
            assert_eq!(kind(&redeem(&code, client(1), &request, NOW)), expected, "{what}");
        }
    }
}
