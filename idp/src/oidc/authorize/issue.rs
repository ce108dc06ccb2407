//! Issuing what the response type asks for: the grant that all tokens hang on, and the code. Tokens are signed after the commit.

use super::rules::{Asked, Person, Refused};
use super::store::{Outcome, Visit};
use crate::access::session::{self, Session};
use crate::error::{Failure, Result};
use crate::oidc::access_token;
use crate::oidc::encrypted::Recipient;
use crate::oidc::grant::{self, Bond, Grant, NewCode};
use crate::oidc::known::{Known, known_of};
use crate::oidc::mint::{AccessToken, TokenName};
use crate::oidc::subject;
use crate::operations::audit::{Actor, record};
use crate::store::Tx;
use poterne_protocol::claims::request::Opened;
use poterne_protocol::client::ResponseType;
use poterne_protocol::error::{AuthorizationError, AuthorizationErrorCode as Code};
use poterne_protocol::resource;
use poterne_protocol::scope::{self, OFFLINE_ACCESS, OPENID, Scope};
use poterne_protocol::secret::Secret;
use std::sync::Arc;

/// What was issued, to be signed and handed over once the transaction is through.
pub(super) struct Issued {
    /// What the person allowed.
    pub(super) grant: Grant,
    /// The code, where the response type has one.
    pub(super) code: Option<Secret>,
    /// The access token, where the response type has one.
    pub(super) access: Option<Access>,
    /// The person, as far as an ID token tells of them here.
    pub(super) known: Known,
    /// The session that it was issued in.
    pub(super) session: Session,
    /// Who reads the ID token, where it is encrypted.
    pub(super) recipient: Option<Arc<Recipient>>,
}

/// An access token that comes back at once.
pub(super) struct Access {
    pub(super) name: TokenName,
    /// The resources it is for.
    pub(super) audience: Vec<String>,
}

/// The scopes whose claims stand in an ID token of the authorization endpoint: all where nothing else comes back, none where an access token
/// can fetch them, at once or by the code (OpenID Connect Core section 5.4).
pub(super) fn told_scope(response_type: ResponseType, granted: &Scope) -> Scope {
    if response_type == ResponseType::IdToken { granted.clone() } else { Scope::default() }
}

impl Visit {
    /// Issues what the response type has. A code and the tokens beside it share one grant, so that whoever uses the code twice ends
    /// them all (RFC 6749 section 4.1.2).
    pub(super) fn issue(&self, tx: &mut Tx<'_>, asked: &Arc<Asked>, person: Option<&Person>) -> Result<Outcome> {
        let Some(person) = person else {
            return Err(Failure::internal("a finished request without a person"));
        };
        let request = &asked.request;
        let refused = |code, words: String| {
            let refused = Refused::with(Some(person), AuthorizationError::new(code, words));
            Ok(Outcome::Refused(asked.clone(), refused))
        };
        // What was registered may have changed while the person signed in.
        let scope = scope::allowed(&request.scope, &asked.client.client.scope, true);
        if !scope.contains(OPENID) {
            return refused(Code::InvalidScope, "openid is no longer registered for this client".to_owned());
        }
        let audience = resource::narrowed(&request.resources, &[], &asked.client.client, self.realm.urls.issuer());
        let audience = match audience {
            Ok(audience) => audience,
            Err(why) => return refused(Code::InvalidTarget, why.to_string()),
        };
        session::touch(tx, person.session.id, self.now)?;
        let grant = self.grant(tx, asked, person, scope)?;
        let code = if request.response_type.has_code() { Some(self.code(tx, asked, &grant)?) } else { None };
        let access = if request.response_type.has_token() { Some(self.access(tx, asked, &grant, audience)?) } else { None };
        let known = self.known(tx, asked, person, &grant)?;
        let event = if code.is_some() { &self.fresh.issued } else { &self.fresh.handed };
        let event = event.clone().by(Actor::Account(grant.account)).about(&request.client_id);
        let event = event.with("response_type", request.response_type.as_str());
        record(tx, &event.with("grant", grant.id.to_string()).with("scope", grant.scope.to_string()))?;
        let (session, recipient) = (person.session.clone(), self.recipient.clone());
        Ok(Outcome::Issued(asked.clone(), Box::new(Issued { grant, code, access, known, session, recipient })))
    }

    /// Whether an ID token would come back that is to be encrypted, and there is no key for it yet.
    pub(super) fn lacks_recipient(&self, asked: &Asked) -> bool {
        let encrypts = asked.client.client.id_token_encrypted_response_alg.is_some();
        encrypts && asked.request.response_type.has_id_token() && self.recipient.is_none()
    }

    fn grant(&self, tx: &mut Tx<'_>, asked: &Asked, person: &Person, scope: Scope) -> Result<Grant> {
        let (fresh, now, request) = (&self.fresh, self.now, &asked.request);
        let Person { session, account, .. } = person;
        let subject = subject::settle(tx, &asked.client.client, account.id, &fresh.subject, now)?;
        let sid = session::sid_for(tx, session.id, asked.client.row, &fresh.sid, (&subject, now))?;
        let grant = Grant {
            id: fresh.grant,
            account: account.id,
            client: asked.client.row,
            bond: if scope.contains(OFFLINE_ACCESS) { Bond::Offline } else { Bond::Session(session.id) },
            subject,
            sid,
            scope,
            wanted: request.claims.wanted.clone().narrowed(&asked.client.client.scope),
            resources: request.resources.clone(),
            auth_time: session.auth_time,
            level: session.level,
            amr: session.amr.clone(),
            created_at: now,
            expires_at: now.plus(self.realm.policy().refresh_token()),
            revoked_at: None,
        };
        // An ID token alone hangs on nothing: there is nothing to redeem, to fetch or to revoke.
        if request.response_type != ResponseType::IdToken {
            grant::insert(tx, &grant)?;
        }
        Ok(grant)
    }

    /// Keeps what an opaque access token stands for.
    fn access(&self, tx: &mut Tx<'_>, asked: &Asked, grant: &Grant, audience: Vec<String>) -> Result<Access> {
        let client = &asked.client;
        let name = self.fresh.access.of(&client.client);
        let token = AccessToken { grant: Some(grant), scope: &grant.scope, audience: &audience, name: &name };
        access_token::keep(tx, &self.realm, client, &token, self.now)?;
        Ok(Access { name, audience })
    }

    fn code(&self, tx: &mut Tx<'_>, asked: &Asked, grant: &Grant) -> Result<Secret> {
        let (fresh, request) = (&self.fresh, &asked.request);
        let code = NewCode {
            id: fresh.code.id,
            secret: fresh.code.secret.digest(),
            grant: grant.id,
            redirect_uri: &request.reply_to.redirect_uri,
            challenge: request.code_challenge.as_ref(),
            nonce: request.nonce.as_deref(),
            at: self.now,
            expires_at: self.now.plus(self.realm.policy().authorization_code()),
        };
        grant::insert_code(tx, &code)?;
        Ok(Secret::new(fresh.code.expose()))
    }

    /// What an ID token tells of the person, where one comes back here.
    fn known(&self, tx: &mut Tx<'_>, asked: &Asked, person: &Person, grant: &Grant) -> Result<Known> {
        let response_type = asked.request.response_type;
        let scope = told_scope(response_type, &grant.scope);
        let for_host = self.for_host && response_type == ResponseType::IdToken;
        if !response_type.has_id_token() || scope.is_empty() && grant.wanted.id_token.is_empty() {
            return Ok(Known::default());
        }
        let opened = Opened { scope: &scope, names: &grant.wanted.id_token };
        known_of(tx, &self.realm, person.account.clone(), opened, for_host)
    }
}
