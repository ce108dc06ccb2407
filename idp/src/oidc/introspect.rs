//! Introspection (RFC 7662): a resource server asks what a token is worth now.

use super::access_token::{self, Recognised};
use super::client_auth::{self, Told};
use super::{grant, http, lifetimes};
use crate::app::App;
use crate::directory::client::{self, Registered};
use crate::error::Result;
use crate::figures::Introspection;
use crate::realm::Realm;
use crate::store::Rx;
use crate::urls::paths;
use crate::web::context::Ctx;
use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use poterne_protocol::claims::level::amr;
use poterne_protocol::client::GrantType;
use poterne_protocol::id::RefreshTokenId;
use poterne_protocol::introspection::{ActiveRefresh, Hint, Introspected, concerns, may_ask, parse};
use poterne_protocol::scope;
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// The routes of this room.
pub fn endpoint() -> Router<App> {
    Router::new().route(paths::INTROSPECT, post(introspect).fallback(http::not_by_post))
}

async fn introspect(ctx: Ctx, headers: HeaderMap, body: Bytes) -> Result<Response> {
    match answer(&ctx, &headers, &body).await? {
        Ok(told) => {
            ctx.app.figures.introspection(if told.is_active() { Introspection::Active } else { Introspection::Inactive });
            http::json(200, &told)
        }
        Err(error) => {
            ctx.app.figures.introspection(Introspection::Refused);
            http::refusal(&ctx.realm, &error)
        }
    }
}

async fn answer(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Told<Introspected> {
    let (params, asking) = match client_auth::authenticate(ctx, headers, body).await? {
        Ok(proven) => proven,
        Err(error) => return Ok(Err(error)),
    };
    let presented = match may_ask(&asking.client).and_then(|()| parse(&params)) {
        Ok(presented) => presented,
        Err(error) => return Ok(Err(error)),
    };
    let access = access_token::recognise(&ctx.realm, &presented.token);
    let refresh = match &access {
        Some(Recognised::Signed(..)) => None,
        _ => Handle::parse(presented.token.expose()),
    };
    if access.is_none() && refresh.is_none() {
        return Ok(Ok(Introspected::inactive()));
    }
    let (realm, now) = (ctx.realm.clone(), ctx.now);
    let looked = Looked { realm, asking, access, refresh, hint: presented.hint, now };
    let found = ctx.app.db.read(ctx.realm.id, move |rx| looked.found(rx)).await?;
    Ok(Ok(found.unwrap_or(Introspected::inactive())))
}

/// A token that somebody asks about, by what it may be.
struct Looked {
    realm: Arc<Realm>,
    asking: Arc<Registered>,
    access: Option<Recognised>,
    refresh: Option<Handle<RefreshTokenId>>,
    hint: Hint,
    now: Timestamp,
}

impl Looked {
    /// The hint says where to look first, never where to stop (RFC 7662 section 2.1).
    fn found(&self, rx: &mut Rx<'_>) -> Result<Option<Introspected>> {
        let first = if self.hint == Hint::RefreshToken { self.refreshing(rx)? } else { self.accessing(rx)? };
        match first {
            Some(found) => Ok(Some(found)),
            None if self.hint == Hint::RefreshToken => self.accessing(rx),
            None => self.refreshing(rx),
        }
    }

    fn accessing(&self, rx: &mut Rx<'_>) -> Result<Option<Introspected>> {
        let Some(token) = &self.access else { return Ok(None) };
        let live = access_token::live(rx, &self.realm, token, self.now)?;
        let live = live.filter(|live| concerns(&self.asking.client, &live.claims.client_id, &live.claims.aud));
        Ok(live.map(|live| Introspected::access(live.claims)))
    }

    /// A refresh token concerns its own client alone: nobody else can use it.
    fn refreshing(&self, rx: &mut Rx<'_>) -> Result<Option<Introspected>> {
        let Some(handle) = &self.refresh else { return Ok(None) };
        let Some(token) = grant::load_refresh(rx, handle.id)? else { return Ok(None) };
        if token.secret != handle.secret.digest() || token.rotated_at.is_some() {
            return Ok(None);
        }
        let Some(grant) = grant::load(rx, token.grant)?.filter(|grant| grant.client == self.asking.row) else { return Ok(None) };
        // The one that asked may be a moment older than the grant's own.
        let Some(client) = client::known_by_row(rx, &self.realm, grant.client)? else { return Ok(None) };
        let ends = token.expires_at.min(grant.created_at.plus(lifetimes::refresh_token(&self.realm, &client.client)));
        let left = scope::allowed(&token.scope, &client.client.scope, true);
        if self.now >= ends || left.is_empty() || !client.client.grant_types.contains(&GrantType::RefreshToken) {
            return Ok(None);
        }
        if grant::holder(rx, &grant, &client.client, self.now, self.realm.policy())?.is_none() {
            return Ok(None);
        }
        let issuer = self.realm.urls.issuer();
        Ok(Some(Introspected::Refresh(Box::new(ActiveRefresh {
            active: true,
            iss: issuer.to_owned(),
            sub: grant.subject,
            aud: issuer.to_owned(),
            exp: ends.secs(),
            iat: token.issued_at.secs(),
            jti: handle.id.to_string(),
            client_id: client.client.client_id.clone(),
            scope: left,
            auth_time: grant.auth_time.secs(),
            acr: grant.level,
            amr: amr(&grant.amr),
        }))))
    }
}
