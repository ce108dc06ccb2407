//! Whose password was forgotten. Whatever was typed, the same page comes next, after the same work.

use super::mail::{Addressee, Code, Sending};
use super::pages::RequestPage;
use super::rules::Progress;
use super::store::{self, NewRecovery, place};
use super::visit::{NOBODY, NOWHERE, Portal};
use crate::access::session;
use crate::access::signin::TypedName;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::operations::limits::{self, Counter};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::vault::Purpose;
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form, minutes, seconds};
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Query;
use axum::response::Response;
use poterne_protocol::id::{BrowserId, FlowId, RecoveryId};
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// Characters of the longest user name (RFC 5321 section 4.5.3.1.3, less the angle brackets).
const LONGEST_NAME: u32 = 254;
const HOUR: Duration = Duration::from_secs(60 * 60);

/// What the address of the page carries; a flow that is none counts as no flow.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    flow: Option<String>,
}

impl Asked {
    fn flow(&self) -> Option<FlowId> {
        self.flow.as_deref().and_then(|flow| flow.parse().ok())
    }
}

async fn portal(ctx: &Ctx, flow: Option<FlowId>) -> Result<Portal> {
    let (presented, now) = (ctx.browser.clone(), ctx.now);
    let load = move |rx: &mut Rx<'_>| {
        let browser = session::known(rx, presented.as_ref(), now)?;
        Portal::load(rx, browser, flow)
    };
    ctx.app.db.read(ctx.realm.id, load).await
}

fn request_page(ctx: &Ctx, form: Form) -> RequestPage {
    RequestPage { form, aliases: ctx.realm.document.has_login_aliases() }
}

/// The page.
pub(super) async fn page(ctx: Ctx, Query(asked): Query<Asked>) -> Result<Response> {
    let portal = portal(&ctx, asked.flow()).await?;
    let page = request_page(&ctx, Form::to(ctx.realm.urls.recovery(asked.flow())));
    ctx.page(&page, portal.client.as_ref())
}

/// The posted form.
pub(super) async fn submit(ctx: Ctx, Query(asked): Query<Asked>, body: Bytes) -> Result<Response> {
    let portal = portal(&ctx, asked.flow()).await?;
    let fields = Posted::parse(&body);
    if fields.get("action") == "cancel" {
        return Ok(ctx.see_other(&portal.onward(&ctx)));
    }
    let typed = fields.get("username").trim();
    let kept: String = typed.chars().take(LONGEST_NAME as usize).collect();
    let form = Form::to(ctx.realm.urls.recovery(asked.flow())).with("username", kept.as_str());
    let again = |form| ctx.page_again(&request_page(&ctx, form), portal.client.as_ref());
    if typed.is_empty() {
        return again(form.wrong("username", Fault::Required));
    }
    if kept.len() != typed.len() {
        return again(form.wrong("username", Fault::TooLong(LONGEST_NAME)));
    }
    let request = Request::new(&ctx, asked.flow(), kept).await?;
    let (id, fresh) = (request.new.id, request.fresh.clone());
    let begun = ctx.app.db.write(ctx.realm.id, move |tx| request.begin(tx)).await?;
    ctx.app.outbox_wake.notify_one();
    match begun {
        Begun::Waits { is_new } => {
            let mut response = ctx.see_other(&ctx.realm.urls.recovery_code(id));
            if is_new {
                ctx.set_browser(&mut response, &fresh);
            }
            Ok(response)
        }
        Begun::Not(Sending::TooSoon(wait)) => again(form.refused(Fault::ResendTooSoon(seconds(wait)))),
        Begun::Not(_) => again(form.refused(Fault::ResendUsedUp)),
        Begun::AddressFull(until) => again(form.refused(Fault::TooManyTries(minutes(until.since(ctx.now))))),
    }
}

/// What came of a request.
enum Begun {
    /// A code is asked for now; whether the browser gets a cookie first.
    Waits { is_new: bool },
    /// Not now.
    Not(Sending),
    /// Too many from this address.
    AddressFull(Timestamp),
}

/// A reset about to begin, with everything its transaction needs.
struct Request {
    realm: Arc<Realm>,
    presented: Option<Handle<BrowserId>>,
    fresh: Handle<BrowserId>,
    new: NewRecovery,
    code: Code,
    address: Option<Digest>,
    requested: Event,
}

impl Request {
    async fn new(ctx: &Ctx, flow: Option<FlowId>, typed: String) -> Result<Self> {
        let (app, realm, now) = (&ctx.app, &ctx.realm, ctx.now);
        let name = TypedName::read(realm, &typed, now);
        let (looked_for, presented) = (name.clone(), ctx.browser.clone());
        let look = move |rx: &mut Rx<'_>| {
            let account = looked_for.account(rx)?.filter(|account| account.is_active(now));
            let browser = session::known(rx, presented.as_ref(), now)?.unwrap_or(NOWHERE);
            let known = session::is_known_device(rx, account.as_ref().map_or(NOBODY, |account| account.id), browser)?;
            Ok((account, known.then_some(browser)))
        };
        let (account, known_in) = app.db.read(realm.id, look).await?;
        let id = RecoveryId::new(now, app.entropy.bytes());
        let code = Code::new(ctx, id, &Addressee { account: account.as_ref(), name: &name, known_in }, None)?;
        // Nobody's password is no password: a random one is like no other.
        let nobody: [u8; 32] = app.entropy.bytes();
        let password = account.as_ref().map_or(&nobody[..], |account| account.password_hash.as_bytes());
        let requested = Event::new(app, now, "password.reset_requested", Actor::Visitor);
        let address = ctx.address.map(|address| {
            realm.vault.digest(Purpose::Lookup, "recovery-address", &limits::network(address)).map(|(_, digest)| digest)
        });
        Ok(Self {
            new: NewRecovery {
                id,
                flow,
                account: account.as_ref().map(|account| account.id),
                progress: Progress::Requested { challenge: code.challenge() },
                password: Digest::of(password),
                typed: realm.vault.seal(&app.entropy, place(&id), typed.as_bytes())?,
                at: now,
                expires_at: now.plus(realm.policy().recovery()),
            },
            fresh: app.entropy.handle(|random| BrowserId::new(now, random)),
            presented: ctx.browser.clone(),
            realm: realm.clone(),
            code,
            // Who shares an address with a flood still gets a code where they are known.
            address: address.filter(|_| known_in.is_none()).transpose()?,
            requested: match &account {
                Some(account) => requested.about(account.id),
                None => requested.about("unknown"),
            },
        })
    }

    fn begin(&self, tx: &mut Tx<'_>) -> Result<Begun> {
        let (now, policy) = (self.new.at, self.realm.policy());
        if let Some(address) = self.address {
            let limit = policy.signin_tries_per_address;
            if let Some(until) = limits::full_until(tx, Counter::RecoveryAddress, address, now, limit)? {
                return Ok(Begun::AddressFull(until));
            }
            limits::count_event(tx, Counter::RecoveryAddress, address, now, limit, HOUR)?;
        }
        let sending = self.code.start(tx, &self.realm)?;
        if sending != Sending::Sent {
            return Ok(Begun::Not(sending));
        }
        let until = now.plus(policy.browser());
        let (browser, is_new) = session::settle(tx, self.presented.as_ref(), &self.fresh, now, until)?;
        store::insert(tx, browser, &self.new)?;
        record(tx, &self.requested)?;
        Ok(Begun::Waits { is_new })
    }
}
