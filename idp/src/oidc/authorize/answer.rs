//! The answer to the client, made after the commit: tokens signed, everything handed over in the mode that was asked for.

use super::issue::{Access, Issued, told_scope};
use super::pages::FormPostPage;
use super::rules::{Asked, Refused};
use crate::error::{Failure, Result};
use crate::figures::Grant as GrantFigure;
use crate::host::ClaimsPlace;
use crate::oidc::check_session;
use crate::oidc::client_keys::KeysError;
use crate::oidc::grant::Grant;
use crate::oidc::known::{Reader, of_the_host};
use crate::oidc::lifetimes;
use crate::oidc::mint::{self, AccessToken, IdToken};
use crate::web::context::Ctx;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use poterne_protocol::authorize::reply::{self, Delivery, Handed, ReplyTo};
use poterne_protocol::client::{Client, ResponseType};
use poterne_protocol::error::{AuthorizationError, AuthorizationErrorCode as Code};
use poterne_protocol::secret::Secret;
use serde_json::Map;
use std::sync::Arc;

/// Hands over what was issued.
pub(super) async fn issued(ctx: &Ctx, asked: &Asked, issued: Issued) -> Result<Response> {
    let (client, request) = (&asked.client.client, &asked.request);
    let access_token = issued.access.as_ref().map(|access| access_token(ctx, client, &issued.grant, access)).transpose()?;
    let id_token = if request.response_type.has_id_token() {
        Some(id_token(ctx, asked, &issued, access_token.as_ref()).await?)
    } else {
        None
    };
    if access_token.is_some() || id_token.is_some() {
        ctx.app.figures.tokens(GrantFigure::Implicit);
    }
    let expires_in = lifetimes::access_token(&ctx.realm, client);
    let scope = issued.grant.scope;
    let access_token = access_token.map(|token| reply::AccessToken { token, expires_in, scope });
    let session_state = check_session::state_at(ctx, &client.client_id, request.reply_to.redirect_uri.as_str(), &issued.session);
    let handed = Handed { code: issued.code, access_token, id_token, session_state };
    let mut response = deliver(ctx, client, &request.reply_to, request.reply_to.handed(ctx.realm.urls.issuer(), &handed))?;
    check_session::remember(ctx, &mut response, &issued.session);
    Ok(response)
}

/// Tells the client no.
pub(super) fn refused(ctx: &Ctx, client: &Client, to: &ReplyTo, error: &AuthorizationError) -> Result<Response> {
    deliver(ctx, client, to, to.error(ctx.realm.urls.issuer(), error))
}

/// The same, once it is known who is signed in.
pub(super) fn refused_to(ctx: &Ctx, asked: &Asked, Refused { error, nobody }: &Refused) -> Result<Response> {
    let mut response = refused(ctx, &asked.client.client, &asked.request.reply_to, error)?;
    if *nobody && error.code == Code::LoginRequired {
        check_session::forget(ctx, &mut response);
    }
    Ok(response)
}

/// Tells the client that something failed here (RFC 6749 section 4.1.2.1). The log says why, from what the answer carries. Where not even that
/// can be told, the failure goes on.
pub(super) fn failed(ctx: &Ctx, client: &Client, to: &ReplyTo, failure: Failure) -> Result<Response> {
    let Ok(mut response) = refused(ctx, client, to, &told_of(ctx, &failure)) else { return Err(failure) };
    response.extensions_mut().insert(Arc::new(failure));
    Ok(response)
}

/// What a client is told of a failure.
pub(super) fn told_of(ctx: &Ctx, failure: &Failure) -> AuthorizationError {
    match failure {
        Failure::Busy(_) | Failure::Disk(_) => {
            AuthorizationError::new(Code::TemporarilyUnavailable, "nothing was done: ask again in a moment")
        }
        _ => {
            AuthorizationError::new(Code::ServerError, format!("something failed here, see request {} in the log", ctx.reference))
        }
    }
}

/// What a client is told that wants an ID token encrypted and has no key for it.
pub(super) fn unreadable(why: &KeysError) -> AuthorizationError {
    let code = if why.may_pass() { Code::TemporarilyUnavailable } else { Code::ServerError };
    AuthorizationError::new(code, format!("id_token_encrypted_response_alg: {why}"))
}

fn access_token(ctx: &Ctx, client: &Client, grant: &Grant, Access { name, audience }: &Access) -> Result<Secret> {
    let token = AccessToken { grant: Some(grant), scope: &grant.scope, audience, name };
    mint::access_token(&ctx.realm, client, token, ctx.now)
}

async fn id_token(ctx: &Ctx, asked: &Asked, issued: &Issued, access_token: Option<&Secret>) -> Result<Secret> {
    let (client, request) = (&asked.client.client, &asked.request);
    let Issued { grant, code, known, .. } = issued;
    let scope = told_scope(request.response_type, &grant.scope);
    let extra = if request.response_type == ResponseType::IdToken {
        let (client_id, sub) = (&client.client_id, &grant.subject);
        let reader = Reader { client_id, scope: &grant.scope, sub, place: ClaimsPlace::IdToken };
        of_the_host(&ctx.app, &ctx.realm, known, reader).await
    } else {
        Map::new()
    };
    let nonce = request.nonce.as_deref();
    let token = IdToken { grant, known, scope: &scope, nonce, access_token, code: code.as_ref(), extra };
    mint::id_token(ctx, client, token, issued.recipient.as_deref())
}

fn deliver(ctx: &Ctx, client: &Client, to: &ReplyTo, delivery: Delivery) -> Result<Response> {
    let fields = match delivery {
        Delivery::Redirect(location) => return Ok(ctx.see_other(location.expose())),
        Delivery::Form(fields) => fields,
    };
    let page = FormPostPage::new(client.client_name.clone(), to.redirect_uri.as_str(), &fields);
    let mut response = ctx.posting_page(&page, client)?;
    // Form Post Response Mode section 4.
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    Ok(response)
}
