//! Revocation (RFC 7009): a client gives a token back.

use super::access_token::{self, Recognised};
use super::client_auth::{self, Told};
use super::{cors, grant, http};
use crate::app::App;
use crate::directory::client::Registered;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::urls::paths;
use crate::web::context::Ctx;
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use poterne_protocol::error::TokenError;
use poterne_protocol::id::{AccountId, ClientRowId, GrantId, RefreshTokenId};
use poterne_protocol::introspection::parse;
use poterne_protocol::revocation::{Found, Revoke, revoke};
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// The routes of this room.
pub fn endpoint() -> Router<App> {
    Router::new().route(paths::REVOKE, post(give_back).options(cors::preflight).fallback(http::not_by_post))
}

async fn give_back(ctx: Ctx, headers: HeaderMap, body: Bytes) -> Result<Response> {
    let response = match answer(&ctx, &headers, &body).await? {
        // Section 2.2: the content does not matter.
        Ok(()) => Ok((StatusCode::OK, [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")]).into_response()),
        Err(error) => http::refusal(&ctx.realm, &error),
    };
    cors::registered(&headers, response?, client_auth::named(&ctx, &headers, &body)).await
}

async fn answer(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Told<()> {
    let (params, client) = match client_auth::authenticate(ctx, headers, body).await? {
        Ok(proven) => proven,
        Err(error) => return Ok(Err(error)),
    };
    let token = match parse(&params) {
        Ok(presented) => presented.token,
        Err(error) => return Ok(Err(error)),
    };
    let access = access_token::recognise(&ctx.realm, &token);
    let refresh = match &access {
        Some(Recognised::Signed(..)) => None,
        _ => Handle::parse(token.expose()),
    };
    if access.is_none() && refresh.is_none() {
        return Ok(Ok(()));
    }
    let event = |kind| Event::new(&ctx.app, ctx.now, kind, Actor::Client(client.client.client_id.clone()));
    let (ended, revoked) = (event("grant.revoked"), event("access_token.revoked"));
    let given = Given { realm: ctx.realm.clone(), client, access, refresh, ended, revoked, now: ctx.now };
    let told = ctx.app.db.write(ctx.realm.id, move |tx| given.back(tx)).await?;
    if matches!(told, Ok(true)) {
        ctx.app.figures.revoked();
    }
    Ok(told.map(|_| ()))
}

/// A token that is given back, by what it may be.
struct Given {
    realm: Arc<Realm>,
    client: Arc<Registered>,
    access: Option<Recognised>,
    refresh: Option<Handle<RefreshTokenId>>,
    ended: Event,
    revoked: Event,
    now: Timestamp,
}

/// What it turned out to be.
struct Genuine {
    issued_to: ClientRowId,
    from: Option<(GrantId, AccountId)>,
}

impl Given {
    /// Whether something ended. A hint could only say where to look first: both are looked for in any case.
    fn back(&self, tx: &mut Tx<'_>) -> Result<std::result::Result<bool, TokenError>> {
        let genuine = match self.access_token(tx)? {
            Some(genuine) => Some(genuine),
            None => self.refresh_token(tx)?,
        };
        let found = genuine.as_ref().map(|it| Found { issued_to: it.issued_to, from_grant: it.from.is_some() });
        let from = genuine.and_then(|it| it.from);
        match (revoke(found, self.client.row), from) {
            (Revoke::Refuse(error), _) => Ok(Err(error)),
            (Revoke::Grant, Some((id, account))) => self.end(tx, id, account).map(Ok),
            (Revoke::Token, _) => self.end_token(tx).map(Ok),
            (Revoke::Nothing | Revoke::Grant, _) => Ok(Ok(false)),
        }
    }

    fn access_token(&self, rx: &mut Rx<'_>) -> Result<Option<Genuine>> {
        let Some(token) = &self.access else { return Ok(None) };
        let live = access_token::live(rx, &self.realm, token, self.now)?;
        Ok(live
            .map(|live| Genuine { issued_to: live.client.row, from: live.behind.map(|(grant, account)| (grant.id, account.id)) }))
    }

    /// Also one that was rotated: whoever gives it back wants its family to end.
    fn refresh_token(&self, rx: &mut Rx<'_>) -> Result<Option<Genuine>> {
        let Some(handle) = &self.refresh else { return Ok(None) };
        let token = grant::load_refresh(rx, handle.id)?.filter(|token| token.secret == handle.secret.digest());
        let Some(token) = token else { return Ok(None) };
        let grant = grant::load(rx, token.grant)?.filter(|grant| grant.revoked_at.is_none());
        Ok(grant.map(|grant| Genuine { issued_to: grant.client, from: Some((grant.id, grant.account)) }))
    }

    fn end(&self, tx: &mut Tx<'_>, id: GrantId, account: AccountId) -> Result<bool> {
        let ended = grant::revoke(tx, id, self.now)?;
        if ended {
            let event = self.ended.clone().about(account);
            record(tx, &event.with("grant", id.to_string()).with("reason", "given_back"))?;
        }
        Ok(ended)
    }

    /// Ends a token that hangs on no grant.
    fn end_token(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let (ended, name) = match &self.access {
            Some(Recognised::Opaque(handle)) => (access_token::revoke(tx, handle.id, self.now)?, handle.id.to_string()),
            Some(Recognised::Signed(claims, digest)) => {
                (access_token::revoke_signed(tx, *digest, Timestamp::from_secs(claims.exp))?, claims.jti.clone())
            }
            None => return Ok(false),
        };
        if ended {
            record(tx, &self.revoked.clone().about(&self.client.client.client_id).with("token", name))?;
        }
        Ok(ended)
    }
}
