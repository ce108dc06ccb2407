//! Redeeming a code and using a refresh token, each in one transaction. A refusal that must leave a trace (a spent code, a revoked
//! grant) commits, so it is an answer, not a failure.

use crate::app::App;
use crate::directory::account::Account;
use crate::directory::client::Registered;
use crate::error::{Failure, Result};
use crate::oidc::grant::{self, Grant};
use crate::oidc::known::{Known, known_of};
use crate::oidc::mint::{AccessToken, TokenName};
use crate::oidc::{access_token, lifetimes};
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::vault::Purpose;
use poterne_protocol::claims::request::Opened;
use poterne_protocol::client::GrantType;
use poterne_protocol::error::{TokenError, TokenErrorCode};
use poterne_protocol::grant::{Redeem, redeem};
use poterne_protocol::id::RefreshTokenId;
use poterne_protocol::refresh::{Lifetimes, Refresh, RefreshFacts, SuccessorKey, refresh};
use poterne_protocol::resource::{self, BadTarget};
use poterne_protocol::scope::{self, OPENID, Scope};
use poterne_protocol::secret::{Handle, Secret};
use poterne_protocol::time::Timestamp;
use poterne_protocol::token::{CodeRequest, RefreshRequest};
use std::sync::Arc;

/// What tokens are made from, once the transaction is through.
#[derive(Debug)]
pub(super) struct Issued {
    /// The grant behind them.
    pub(super) grant: Grant,
    /// What they may be used for.
    pub(super) scope: Scope,
    /// Of the authorization request; only for the first ID token (OpenID Connect Core section 12.2).
    pub(super) nonce: Option<String>,
    /// The refresh token to hand out.
    pub(super) refresh_token: Option<Secret>,
    /// The person, as far as the ID token tells of them.
    pub(super) known: Known,
    /// The resources that the access token is for.
    pub(super) audience: Vec<String>,
    /// How the access token is written.
    pub(super) name: TokenName,
}

/// Tokens, or why not. In a box: it is handed on several times between the writer and who asked.
pub(super) type Answer = std::result::Result<Box<Issued>, TokenError>;

/// A token request of a client that has proven who it is, before its transaction.
pub(super) struct Asking {
    pub(super) realm: Arc<Realm>,
    pub(super) client: Arc<Registered>,
    pub(super) now: Timestamp,
    /// Whether the host adds claims.
    for_host: bool,
    /// The first refresh token, where a code is redeemed by a client that may have one.
    first_refresh: Option<Handle<RefreshTokenId>>,
    access: TokenName,
    /// What comes of it is one event, whichever.
    event: Event,
}

impl Asking {
    /// Draws what the request may need of ids and chance.
    pub(super) fn new(app: &App, realm: Arc<Realm>, client: Arc<Registered>, grant: GrantType, now: Timestamp) -> Self {
        let first = grant == GrantType::AuthorizationCode && client.client.grant_types.contains(&GrantType::RefreshToken);
        Self {
            first_refresh: first.then(|| app.entropy.handle(|random| RefreshTokenId::new(now, random))),
            access: TokenName::draw(app, &client.client, now),
            event: Event::new(app, now, "code.redeemed", Actor::Client(client.client.client_id.clone())),
            for_host: app.claims.is_some(),
            realm,
            client,
            now,
        }
    }

    fn event(&self, kind: &'static str, grant: &Grant) -> Event {
        self.event.clone().of_kind(kind).about(grant.account)
    }

    /// Redeems an authorization code, once; a second use ends everything that was issued from it (RFC 6749 section 4.1.2).
    pub(super) fn redeem_code(&self, tx: &mut Tx<'_>, request: &CodeRequest) -> Result<Answer> {
        let Some(code) = grant::load_code(tx, request.code.id)? else {
            return Ok(Err(TokenError::invalid_grant("code is not valid")));
        };
        let mut grant = grant::load(tx, code.grant)?.ok_or_else(|| Failure::impossible("a code without grant"))?;
        match redeem(&code.facts(grant.client)?, self.client.row, request, self.now) {
            Redeem::Grant => match self.still_granted(&mut grant, &request.resources) {
                Err(error) => Ok(Err(error)),
                Ok(audience) if grant::mark_redeemed(tx, request.code.id, self.now)? => {
                    self.first_tokens(tx, grant, code.nonce, audience)
                }
                Ok(_) => self.revoke(tx, &grant, "code_reused", TokenError::invalid_grant("code was used before")),
            },
            Redeem::Refuse(error) => Ok(Err(error)),
            Redeem::Spend(error) => {
                if grant::mark_redeemed(tx, request.code.id, self.now)? {
                    record(tx, &self.event("code.spent", &grant).with("reason", error.description.as_str()))?;
                }
                Ok(Err(error))
            }
            Redeem::Reused(error) => self.revoke(tx, &grant, "code_reused", error),
        }
    }

    /// Narrows a grant to what the client is registered for now, which may be less than when the person allowed it; with the resources
    /// that are left for an access token.
    fn still_granted(&self, grant: &mut Grant, named: &[String]) -> std::result::Result<Vec<String>, TokenError> {
        grant.scope = scope::allowed(&grant.scope, &self.client.client.scope, true);
        if !grant.scope.contains(OPENID) {
            return Err(TokenError::new(TokenErrorCode::InvalidScope, "openid is no longer registered for this client"));
        }
        self.audience(grant, named).map_err(TokenError::invalid_target)
    }

    fn first_tokens(&self, tx: &mut Tx<'_>, mut grant: Grant, nonce: Option<String>, audience: Vec<String>) -> Result<Answer> {
        record(tx, &self.event("code.redeemed", &grant).with("grant", grant.id.to_string()))?;
        let client = &self.client.client;
        let Some(account) = grant::holder(tx, &grant, client, self.now, self.realm.policy())? else {
            return Ok(Err(TokenError::invalid_grant("the grant has ended")));
        };
        grant.wanted = grant.wanted.narrowed(&client.scope);
        let known = self.known(tx, account, &grant)?;
        if let Some(first) = &self.first_refresh {
            let expires_at = grant.expires_at.min(self.now.plus(lifetimes::refresh_token(&self.realm, client)));
            grant::insert_refresh(tx, first, grant.id, &grant.scope, self.now, expires_at)?;
        }
        let refresh_token = self.first_refresh.as_ref().map(|first| Secret::new(first.expose()));
        let scope = grant.scope.clone();
        self.issue(tx, Issued { scope, nonce, refresh_token, known, grant, audience, name: self.access.clone() })
    }

    /// The resources that an access token is for: those that the request names, of those of the grant (RFC 8707 section 2.2).
    fn audience(&self, grant: &Grant, named: &[String]) -> std::result::Result<Vec<String>, BadTarget> {
        resource::narrowed(&grant.resources, named, &self.client.client, self.realm.urls.issuer())
    }

    /// Keeps what an opaque access token stands for.
    fn issue(&self, tx: &mut Tx<'_>, issued: Issued) -> Result<Answer> {
        let Issued { grant, scope, audience, name, .. } = &issued;
        access_token::keep(tx, &self.realm, &self.client, &AccessToken { grant: Some(grant), scope, audience, name }, self.now)?;
        Ok(Ok(Box::new(issued)))
    }

    /// What the ID token tells of the person, which is nothing but who unless claims were asked for by name or the host adds some.
    fn known(&self, rx: &mut Rx<'_>, account: Account, grant: &Grant) -> Result<Known> {
        if grant.wanted.id_token.is_empty() && !self.for_host {
            return Ok(Known::default());
        }
        let opened = Opened { scope: &Scope::default(), names: &grant.wanted.id_token };
        known_of(rx, &self.realm, account, opened, self.for_host)
    }

    /// Uses a refresh token: a confidential client keeps it, a public one gets its successor (RFC 9700 section 4.14.2).
    pub(super) fn refresh(&self, tx: &mut Tx<'_>, request: &RefreshRequest) -> Result<Answer> {
        let presented = &request.refresh_token;
        let Some(token) = grant::load_refresh(tx, presented.id)? else {
            return Ok(Err(TokenError::invalid_grant("refresh_token is not valid")));
        };
        let mut grant = grant::load(tx, token.grant)?.ok_or_else(|| Failure::impossible("a refresh token without grant"))?;
        let (client, policy) = (&self.client.client, self.realm.policy());
        grant.wanted = grant.wanted.narrowed(&client.scope);
        let holder = grant::holder(tx, &grant, client, self.now, policy)?;
        let facts = RefreshFacts {
            secret: token.secret,
            client: grant.client,
            scope: token.scope.clone(),
            family_started_at: grant.created_at,
            last_used_at: token.issued_at,
            rotated_at: token.rotated_at,
            grant_lives: holder.is_some() && self.now < token.expires_at,
            audience: self.audience(&grant, &request.resources),
        };
        let known = holder.map_or_else(|| Ok(Known::default()), |account| self.known(tx, account, &grant))?;
        let lifetime = lifetimes::refresh_token(&self.realm, client);
        let lifetimes = Lifetimes { idle: lifetime, absolute: lifetime };
        let key = SuccessorKey::new(*self.realm.vault.key(Purpose::Refresh)?);
        let issued = |tx: &mut Tx<'_>, grant, scope, refresh_token, audience| {
            self.issue(tx, Issued { grant, scope, nonce: None, refresh_token, known, audience, name: self.access.clone() })
        };
        match refresh(&facts, self.client.row, client, request, lifetimes, &key, self.now) {
            Refresh::Keep { scope, audience } => issued(tx, grant, scope, None, audience),
            Refresh::Rotate { scope, audience, successor } => {
                if !grant::mark_rotated(tx, presented.id, successor.id, self.now)? {
                    return Err(Failure::Busy("the refresh token was rotated at this moment"));
                }
                grant::insert_refresh(tx, &successor, grant.id, &token.scope, self.now, token.expires_at)?;
                record(tx, &self.event("refresh_token.rotated", &grant).with("grant", grant.id.to_string()))?;
                issued(tx, grant, scope, Some(Secret::new(successor.expose())), audience)
            }
            Refresh::Repeat { scope, audience, successor } => {
                issued(tx, grant, scope, Some(Secret::new(successor.expose())), audience)
            }
            Refresh::Refuse(error) => Ok(Err(error)),
            Refresh::RevokeFamily(error) => self.revoke(tx, &grant, "refresh_token_reused", error),
        }
    }

    fn revoke(&self, tx: &mut Tx<'_>, grant: &Grant, reason: &'static str, error: TokenError) -> Result<Answer> {
        if grant::revoke(tx, grant.id, self.now)? {
            let event = self.event("grant.revoked", grant).with("grant", grant.id.to_string());
            record(tx, &event.with("reason", reason))?;
        }
        Ok(Err(error))
    }
}
