//! Using a refresh token (RFC 6749 section 6, RFC 9700 section 4.14.2).
//!
//! A confidential client's token stays as it is, bound to client authentication. A public client's is rotated: the
//! successor follows from the old token and a key of the realm, so that a client whose answer was lost asks again within
//! [`GRACE`] and gets the same one; later it is theft, and the whole family ends.

use crate::client::Client;
use crate::error::{TokenError, TokenErrorCode};
use crate::id::{ClientRowId, RefreshTokenId};
use crate::resource::BadTarget;
use crate::scope::{self, Scope};
use crate::secret::{Digest, Handle, SECRET_LEN, Secret};
use crate::time::Timestamp;
use crate::token::RefreshRequest;
use aws_lc_rs::hmac;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a rotated token still gives its successor.
pub const GRACE: Duration = Duration::from_secs(10);

/// A realm's key from which successors are derived.
pub struct SuccessorKey(Zeroizing<[u8; 32]>);

impl SuccessorKey {
    /// A key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn derive(&self, purpose: &[u8], old: &Handle<RefreshTokenId>) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice()));
        // Every part but the last has a fixed length for its purpose, so no two inputs run together.
        for part in [purpose, old.id.as_bytes(), old.secret.expose().as_bytes()] {
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

/// The token that follows another: the same for the same old token, key and time of rotation.
#[must_use]
pub fn successor(old: &Handle<RefreshTokenId>, rotated_at: Timestamp, key: &SuccessorKey) -> Handle<RefreshTokenId> {
    let mut random = [0; 10];
    random.copy_from_slice(key.derive(b"poterne refresh id     ", old).split_at(10).0);
    let secret: Zeroizing<[u8; SECRET_LEN]> = Zeroizing::new(key.derive(b"poterne refresh secret ", old));
    Handle { id: RefreshTokenId::new(rotated_at, random), secret: Secret::from_random(&secret) }
}

/// How long refresh tokens live.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// Since the last use.
    pub idle: Duration,
    /// Since the family's first token, whatever happens.
    pub absolute: Duration,
}

/// What was kept of a refresh token and of the grant behind it.
#[derive(Debug, Clone)]
pub struct RefreshFacts {
    /// The digest of its secret.
    pub secret: Digest,
    /// The client it was issued to.
    pub client: ClientRowId,
    /// The scope that was granted.
    pub scope: Scope,
    /// When the first token of its family was issued.
    pub family_started_at: Timestamp,
    /// When it was issued or last used.
    pub last_used_at: Timestamp,
    /// When it was rotated, if it was.
    pub rotated_at: Option<Timestamp>,
    /// Whether the grant lives: not revoked, the account active, and the session too unless `offline_access` was granted.
    pub grant_lives: bool,
    /// What the new access token is for, by what the grant is for and the request names ([`crate::resource::narrowed`]).
    pub audience: Result<Vec<String>, BadTarget>,
}

/// What to do with a refresh token. The scope is that of the new access token; the refresh token keeps its own.
#[derive(Debug)]
pub enum Refresh {
    /// Issue an access token; the refresh token stays, used now.
    Keep {
        /// Scope of the access token.
        scope: Scope,
        /// Its audience.
        audience: Vec<String>,
    },
    /// Mark it rotated now, by a conditional update, keep the successor's digest, issue both.
    Rotate {
        /// Scope of the access token.
        scope: Scope,
        /// Its audience.
        audience: Vec<String>,
        /// The next refresh token.
        successor: Handle<RefreshTokenId>,
    },
    /// It was rotated a moment ago: issue an access token and hand out the same successor, which is there already.
    Repeat {
        /// Scope of the access token.
        scope: Scope,
        /// Its audience.
        audience: Vec<String>,
        /// The next refresh token.
        successor: Handle<RefreshTokenId>,
    },
    /// Say no; nothing changes.
    Refuse(TokenError),
    /// Say no, and end the grant with every token of it.
    RevokeFamily(TokenError),
}

/// Decides about a refresh token that a client, having proven who it is, presents.
#[must_use]
pub fn refresh(
    token: &RefreshFacts,
    row: ClientRowId,
    client: &Client,
    request: &RefreshRequest,
    lifetimes: Lifetimes,
    key: &SuccessorKey,
    now: Timestamp,
) -> Refresh {
    let refuse = |words| Refresh::Refuse(TokenError::invalid_grant(words));
    if token.secret != request.refresh_token.secret.digest() {
        return refuse("refresh_token is not valid");
    }
    if token.client != row {
        return refuse("refresh_token was issued to another client");
    }
    if token.rotated_at.is_some_and(|at| now.since(at) > GRACE) {
        return Refresh::RevokeFamily(TokenError::invalid_grant("refresh_token was used before"));
    }
    if !token.grant_lives {
        return refuse("the grant has ended");
    }
    if now >= token.family_started_at.plus(lifetimes.absolute) || now >= token.last_used_at.plus(lifetimes.idle) {
        return refuse("refresh_token is expired");
    }
    let scope = match narrowed(token, client, request) {
        Ok(scope) => scope,
        Err(error) => return Refresh::Refuse(error),
    };
    let audience = match &token.audience {
        Ok(audience) => audience.clone(),
        Err(why) => return Refresh::Refuse(TokenError::invalid_target(*why)),
    };
    match token.rotated_at {
        Some(at) => Refresh::Repeat { scope, audience, successor: successor(&request.refresh_token, at, key) },
        None if client.is_public() => Refresh::Rotate { scope, audience, successor: successor(&request.refresh_token, now, key) },
        None => Refresh::Keep { scope, audience },
    }
}

/// What is asked for, within what was granted, less what the client may no longer ask for (RFC 6749 section 6).
fn narrowed(token: &RefreshFacts, client: &Client, request: &RefreshRequest) -> Result<Scope, TokenError> {
    let exceeded = |words: &'static str| TokenError::new(TokenErrorCode::InvalidScope, words);
    let asked = request.scope.as_ref().unwrap_or(&token.scope);
    if !asked.is_within(&token.scope) {
        return Err(exceeded("scope exceeds what was granted"));
    }
    let granted = scope::allowed(asked, &client.scope, true);
    if granted.is_empty() { Err(exceeded("nothing is left of the scope")) } else { Ok(granted) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_secs(100_000);
    const LIVES: Lifetimes = Lifetimes { idle: Duration::from_secs(3600), absolute: Duration::from_secs(36_000) };

    fn row(byte: u8) -> ClientRowId {
        ClientRowId::from_bytes([byte; 16])
    }

    fn handle(byte: u8) -> Handle<RefreshTokenId> {
        Handle { id: RefreshTokenId::from_bytes([1; 16]), secret: Secret::from_random(&[byte; 32]) }
    }

    fn key() -> SuccessorKey {
        SuccessorKey::new([9; 32])
    }

    fn facts() -> RefreshFacts {
        RefreshFacts {
            secret: handle(2).secret.digest(),
            client: row(1),
            scope: Scope::parse("openid email").unwrap(),
            family_started_at: NOW.minus(Duration::from_secs(7200)),
            last_used_at: NOW.minus(Duration::from_secs(60)),
            rotated_at: None,
            grant_lives: true,
            audience: Ok(vec!["https://i.example".to_owned()]),
        }
    }

    fn used(facts: &RefreshFacts, method: &str, scope: Option<&str>, presented: Handle<RefreshTokenId>) -> Refresh {
        let client = portal(&json!({"token_endpoint_auth_method": method}));
        let scope = scope.map(|text| Scope::parse(text).unwrap());
        let request = RefreshRequest { refresh_token: presented, scope, resources: Vec::new() };
        refresh(facts, row(1), &client, &request, LIVES, &key(), NOW)
    }

    fn seen(refresh: &Refresh) -> String {
        match refresh {
            Refresh::Keep { scope, .. } => format!("keep {scope}"),
            Refresh::Rotate { scope, .. } => format!("rotate {scope}"),
            Refresh::Repeat { scope, .. } => format!("repeat {scope}"),
            Refresh::Refuse(error) => format!("refuse {}", error.code.as_str()),
            Refresh::RevokeFamily(error) => format!("revoke {}", error.code.as_str()),
        }
    }

    #[test]
    fn rfc9700_4_14_2_a_public_clients_token_is_rotated_a_confidential_ones_is_not() {
        let ago = |seconds| Some(NOW.minus(Duration::from_secs(seconds)));
        for (method, rotated_at, expected) in [
            ("client_secret_basic", None, "keep openid email"),
            ("none", None, "rotate openid email"),
            ("none", ago(0), "repeat openid email"),
            ("none", ago(10), "repeat openid email"),
            ("none", ago(11), "revoke invalid_grant"),
        ] {
            let facts = RefreshFacts { rotated_at, ..facts() };
            assert_eq!(seen(&used(&facts, method, None, handle(2))), expected, "{method} {rotated_at:?}");
        }
    }

    #[test]
    fn a_repeat_gives_the_same_successor_and_nobody_else_can_tell_it() {
        let Refresh::Rotate { successor: first, .. } = used(&facts(), "none", None, handle(2)) else { panic!("rotated") };
        let rotated = RefreshFacts { rotated_at: Some(NOW), ..facts() };
        let Refresh::Repeat { successor: again, .. } = used(&rotated, "none", None, handle(2)) else { panic!("repeated") };
        assert_eq!(first.expose(), again.expose());
        assert!(Handle::<RefreshTokenId>::parse(&first.expose()).is_some());
        let other = |old: u8, key: u8| successor(&handle(old), NOW, &SuccessorKey::new([key; 32])).expose();
        assert_eq!(other(2, 9), first.expose());
        assert!(other(3, 9) != first.expose() && other(2, 8) != first.expose());
        assert_ne!(first.secret.expose(), handle(2).secret.expose());
    }

    #[test]
    fn rfc6749_6_a_token_works_for_its_client_while_its_grant_lives() {
        type Change = fn(&mut RefreshFacts);
        let changes: [(&str, Change, &str); 7] = [
            ("another client", |facts| facts.client = row(2), "refuse invalid_grant"),
            ("the grant has ended", |facts| facts.grant_lives = false, "refuse invalid_grant"),
            ("idle too long", |facts| facts.last_used_at = NOW.minus(LIVES.idle), "refuse invalid_grant"),
            ("too old", |facts| facts.family_started_at = NOW.minus(LIVES.absolute), "refuse invalid_grant"),
            ("another secret", |facts| facts.secret = handle(3).secret.digest(), "refuse invalid_grant"),
            (
                "rotated long ago, the grant has ended",
                |facts| (facts.rotated_at, facts.grant_lives) = (Some(Timestamp::from_secs(0)), false),
                "revoke invalid_grant",
            ),
            (
                "rotated long ago, only the id known",
                |facts| (facts.rotated_at, facts.secret) = (Some(Timestamp::from_secs(0)), handle(3).secret.digest()),
                "refuse invalid_grant",
            ),
        ];
        for (what, change, expected) in changes {
            for method in ["none", "client_secret_basic"] {
                let mut facts = facts();
                change(&mut facts);
                assert_eq!(seen(&used(&facts, method, None, handle(2))), expected, "{what}");
            }
        }
    }

    #[test]
    fn rfc8707_2_2_a_resource_beyond_the_grant_is_refused_and_a_replay_still_ends_the_family() {
        let beyond = RefreshFacts { audience: Err(BadTarget::NotGranted), ..facts() };
        assert_eq!(seen(&used(&beyond, "none", None, handle(2))), "refuse invalid_target");
        let replayed = RefreshFacts { rotated_at: Some(Timestamp::from_secs(0)), ..beyond };
        assert_eq!(seen(&used(&replayed, "none", None, handle(2))), "revoke invalid_grant");
    }

    #[test]
    fn rfc6749_6_a_scope_can_be_narrowed_and_never_widened() {
        for (asked, expected) in [
            (Some("openid"), "keep openid"),
            (Some("email"), "keep email"),
            (Some("openid email profile"), "refuse invalid_scope"),
            (Some("openid admin"), "refuse invalid_scope"),
            (None, "keep openid email"),
        ] {
            assert_eq!(seen(&used(&facts(), "client_secret_basic", asked, handle(2))), expected, "{asked:?}");
        }
        let withdrawn = RefreshFacts { scope: Scope::parse("openid phone").unwrap(), ..facts() };
        assert_eq!(seen(&used(&withdrawn, "client_secret_basic", None, handle(2))), "keep openid");
    }
}
