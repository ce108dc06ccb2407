//! Tokens for what a transaction allowed, each in the algorithm that the client registered. The token and the authorization endpoint share
//! them; they are signed after the closure that allows them ran, and given out after its commit.

use super::encrypted::{Plain, Recipient};
use super::grant::{Bond, Grant};
use super::known::Known;
use super::lifetimes;
use crate::app::App;
use crate::error::{Failure, Result};
use crate::realm::Realm;
use crate::web::context::Ctx;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poterne_protocol::claims::access_token::{AccessTokenClaims, Granted};
use poterne_protocol::claims::id_token::{IdTokenClaims, half_hash};
use poterne_protocol::claims::level::amr;
use poterne_protocol::claims::person::{UserInfo, claims, more_claims};
use poterne_protocol::claims::request::Opened;
use poterne_protocol::client::{AccessTokenFormat, Client};
use poterne_protocol::id::AccessTokenId;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jws::{TokenType, mint};
use poterne_protocol::resource;
use poterne_protocol::scope::Scope;
use poterne_protocol::secret::{Handle, Secret};
use poterne_protocol::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// How an access token is written: drawn before the transaction that allows it.
#[derive(Debug, Clone)]
pub enum TokenName {
    /// It says all by itself (RFC 9068); its `jti`.
    Signed(String),
    /// It names a row, which [`super::access_token::keep`] writes in that transaction.
    Opaque(Handle<AccessTokenId>),
}

impl TokenName {
    /// One of the form that the client registered.
    pub fn draw(app: &App, client: &Client, now: Timestamp) -> Self {
        match client.access_token_format {
            AccessTokenFormat::Jwt => Self::Signed(jti(app)),
            AccessTokenFormat::Opaque => Self::Opaque(handle(app, now)),
        }
    }
}

/// What the name of an access token is made of, drawn before it is known whose it will be.
#[derive(Clone)]
pub struct FreshName {
    jti: String,
    handle: Handle<AccessTokenId>,
}

impl FreshName {
    /// Draws it.
    pub fn draw(app: &App, now: Timestamp) -> Self {
        Self { jti: jti(app), handle: handle(app, now) }
    }

    /// The name in the form that the client registered.
    pub fn of(&self, client: &Client) -> TokenName {
        match client.access_token_format {
            AccessTokenFormat::Jwt => TokenName::Signed(self.jti.clone()),
            AccessTokenFormat::Opaque => TokenName::Opaque(self.handle.clone()),
        }
    }
}

fn jti(app: &App) -> String {
    URL_SAFE_NO_PAD.encode(app.entropy.bytes::<16>())
}

fn handle(app: &App, now: Timestamp) -> Handle<AccessTokenId> {
    app.entropy.handle(|random| AccessTokenId::new(now, random))
}

/// What an access token is for.
#[derive(Clone, Copy)]
pub struct AccessToken<'a> {
    /// What a person allowed; nothing for a client that acts for itself (RFC 6749 section 4.4.3).
    pub grant: Option<&'a Grant>,
    /// What it may be used for.
    pub scope: &'a Scope,
    /// The resources it is for (RFC 8707): the issuer where none was named; see `poterne_protocol::resource::narrowed`.
    pub audience: &'a [String],
    /// Its name and form.
    pub name: &'a TokenName,
}

/// What an access token says of the person behind it.
pub fn granted(grant: &Grant) -> Granted {
    Granted {
        auth_time: grant.auth_time.secs(),
        acr: grant.level,
        amr: amr(&grant.amr),
        sid: matches!(grant.bond, Bond::Session(_)).then(|| grant.sid.clone()),
        grant_id: grant.id,
    }
}

/// Writes an access token; [`super::access_token::keep`] must have kept it if it is an opaque one.
pub fn access_token(realm: &Realm, client: &Client, token: AccessToken<'_>, now: Timestamp) -> Result<Secret> {
    let jti = match token.name {
        TokenName::Opaque(handle) => return Ok(Secret::new(handle.expose())),
        TokenName::Signed(jti) => jti.clone(),
    };
    let claims = AccessTokenClaims {
        iss: realm.urls.issuer().to_owned(),
        sub: token.grant.map_or(&client.client_id, |grant| &grant.subject).clone(),
        aud: resource::audience(token.audience),
        exp: now.plus(lifetimes::access_token(realm, client)).secs(),
        iat: now.secs(),
        jti,
        client_id: client.client_id.clone(),
        scope: token.scope.clone(),
        granted: token.grant.map(granted),
    };
    sign(realm, client.access_token_signed_response_alg, TokenType::AccessToken, &claims)
}

/// What an ID token tells.
pub struct IdToken<'a> {
    /// Who signed in, for whom, how.
    pub grant: &'a Grant,
    /// The person, as far as it tells of them.
    pub known: &'a Known,
    /// The scopes whose claims it holds: none where an access token can fetch them (OpenID Connect Core section 5.4). What was asked for by
    /// name (section 5.5) it holds in any case.
    pub scope: &'a Scope,
    /// Of the authorization request; only in the first ID token (section 12.2).
    pub nonce: Option<&'a str>,
    /// The access token that comes with it, where it must say so (sections 3.2.2.10 and 3.3.2.11).
    pub access_token: Option<&'a Secret>,
    /// The code that comes with it (section 3.3.2.11).
    pub code: Option<&'a Secret>,
    /// What the host adds.
    pub extra: Map<String, Value>,
}

/// Signs an ID token, and encrypts it where the client registered so. After a refresh `iss`, `sub`, `aud` and `auth_time` are those of
/// the first one (OpenID Connect Core section 12.2).
pub fn id_token(ctx: &Ctx, client: &Client, token: IdToken<'_>, recipient: Option<&Recipient>) -> Result<Secret> {
    let (realm, now) = (&*ctx.realm, ctx.now);
    let (grant, algorithm) = (token.grant, client.id_token_signed_response_alg);
    let opened = Opened { scope: token.scope, names: &grant.wanted.id_token };
    let hash = |secret: &Secret| half_hash(algorithm, secret.expose());
    let claims = IdTokenClaims {
        iss: realm.urls.issuer().to_owned(),
        aud: client.client_id.clone(),
        exp: now.plus(lifetimes::id_token(realm, client)).secs(),
        iat: now.secs(),
        auth_time: grant.auth_time.secs(),
        nonce: token.nonce.map(str::to_owned),
        acr: grant.level,
        amr: amr(&grant.amr),
        sid: grant.sid.clone(),
        azp: None,
        at_hash: token.access_token.map(hash),
        c_hash: token.code.map(hash),
        person: claims(&grant.subject, &token.known.person, opened),
        more: more_claims(&token.known.person, opened, token.extra),
    };
    let signed = sign(realm, algorithm, TokenType::IdToken, &claims)?;
    match recipient {
        Some(recipient) => recipient.encrypt(ctx, Plain::Signed(&signed)),
        None if client.id_token_encrypted_response_alg.is_some() => Err(Failure::internal("an ID token without its recipient")),
        None => Ok(signed),
    }
}

/// What a userinfo answer says beside the claims when it is a token (OpenID Connect Core section 5.3.2).
#[derive(Serialize)]
struct UserInfoToken<'a> {
    iss: &'a str,
    aud: &'a str,
    #[serde(flatten)]
    info: &'a UserInfo,
}

/// Signs a userinfo answer, encrypts it, or both, as the client registered; nothing where it wants plain JSON.
pub fn user_info(ctx: &Ctx, client: &Client, info: &UserInfo, recipient: Option<&Recipient>) -> Result<Option<Secret>> {
    let claims = UserInfoToken { iss: ctx.realm.urls.issuer(), aud: &client.client_id, info };
    let signed = match client.userinfo_signed_response_alg {
        Some(algorithm) => Some(sign(&ctx.realm, algorithm, TokenType::UserInfo, &claims)?),
        None => None,
    };
    let Some(recipient) = recipient else {
        let wanted = client.userinfo_encrypted_response_alg.is_some();
        return if wanted { Err(Failure::internal("a userinfo answer without its recipient")) } else { Ok(signed) };
    };
    let plain = match &signed {
        Some(signed) => Plain::Signed(signed),
        // OpenID Connect Core section 5.3.2 asks for issuer and audience only where it is signed; without them it would be anybody's.
        None => Plain::Claims(serde_json::to_vec(&claims)?),
    };
    recipient.encrypt(ctx, plain).map(Some)
}

fn sign(realm: &Realm, algorithm: Algorithm, typ: TokenType, claims: &impl Serialize) -> Result<Secret> {
    let signer = realm.signer(algorithm).ok_or_else(|| Failure::internal("the realm has no signing key in use"))?;
    let token = mint(signer, typ, claims).map_err(|error| Failure::Internal(error.to_string().into()))?;
    Ok(Secret::new(token))
}
