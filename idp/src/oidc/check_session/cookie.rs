//! What a browser knows of its session, in a cookie that the page in the frame reads: a hash, from which nobody finds the session.

use crate::access::session::Session;
use crate::web::context::Ctx;
use crate::web::cookies::{self, CookieKind};
use axum::http::header;
use axum::response::Response;
use poterne_protocol::session_state::{browser_state, session_state};
use std::time::Duration;

/// `session_state` for a client's page, where the realm has it and the redirect URI is a web page's.
pub fn state_at(ctx: &Ctx, client_id: &str, redirect_uri: &str, session: &Session) -> Option<String> {
    if !ctx.realm.document.session_management {
        return None;
    }
    let salt = ctx.app.entropy.secret();
    session_state(client_id, redirect_uri, &state(session), salt.expose())
}

fn state(session: &Session) -> String {
    browser_state(session.id.as_bytes(), session.browser.as_bytes())
}

/// Lets the browser know of this session.
pub fn remember(ctx: &Ctx, response: &mut Response, session: &Session) {
    if ctx.realm.document.session_management {
        set(ctx, response, &state(session), session.expires_at.since(ctx.now));
    }
}

/// Lets the browser forget the session that it was in.
pub fn forget(ctx: &Ctx, response: &mut Response) {
    if ctx.realm.document.session_management {
        set(ctx, response, "", Duration::ZERO);
    }
}

fn set(ctx: &Ctx, response: &mut Response, state: &str, lifetime: Duration) {
    let name = cookies::name(CookieKind::State, &ctx.realm.urls, &ctx.realm.document.slug);
    if let Some(cookie) = cookies::set_for_frames(&ctx.realm.urls, &name, state, lifetime) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
