//! Asking for consent in a flow. A GET shows, only a POST of what was shown consents or refuses.

use super::pages::ConsentPage;
use super::rules::things;
use super::store::{self, Remembered};
use crate::access::flow::{self, Goal};
use crate::access::{logo, session, signin};
use crate::app::App;
use crate::directory::account::Account;
use crate::directory::client::Registered;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::urls::{AccountPage, paths};
use crate::web::context::Ctx;
use crate::web::form::Form;
use crate::web::layers;
use crate::web::posted::Posted;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use poterne_protocol::consent::{Agreed, is_remembered};
use poterne_protocol::id::{BrowserId, FlowId, SessionId};
use poterne_protocol::scope::OFFLINE_ACCESS;
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// The routes of this room.
pub fn routes() -> Router<App> {
    Router::new().route(paths::CONSENT, get(page).post(submit))
}

/// A request to the page of a flow.
#[derive(Clone)]
struct Visit {
    realm: Arc<Realm>,
    now: Timestamp,
    /// The browser's cookie, unchecked.
    presented: Option<Handle<BrowserId>>,
    flow: FlowId,
}

/// Who is asked for what, in a flow of this browser.
struct Asked {
    session: SessionId,
    account: Account,
    client: Registered,
    wanted: Agreed,
    earlier: Option<Remembered>,
    /// Whether the answer counts for the next time as well.
    remembered: bool,
    /// The flow's version: an answer to it counts once.
    version: i64,
}

/// What the person said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Allow,
    Deny,
}

fn visit(ctx: &Ctx, flow: &str) -> Option<Visit> {
    let flow: FlowId = flow.parse().ok()?;
    Some(Visit { realm: ctx.realm.clone(), now: ctx.now, presented: ctx.browser.clone(), flow })
}

async fn page(ctx: Ctx, Path(flow): Path<String>) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let visiting = visit.clone();
    match ctx.app.db.read(ctx.realm.id, move |rx| visiting.asked(rx)).await? {
        Some(asked) => {
            logo::ready(&ctx, Some(&asked.client)).await;
            ctx.page(&asked.page(&ctx, &visit), Some(&asked.client.client))
        }
        // Nothing to ask, or no flow of this browser: the authorization endpoint knows which.
        None => Ok(ctx.see_other(&ctx.realm.urls.authorize_flow(visit.flow))),
    }
}

async fn submit(ctx: Ctx, Path(flow): Path<String>, body: Bytes) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let fields = Posted::parse(&body);
    let onward = ctx.see_other(&ctx.realm.urls.authorize_flow(visit.flow));
    let visiting = visit.clone();
    let Some(asked) = ctx.app.db.read(ctx.realm.id, move |rx| visiting.asked(rx)).await? else {
        return Ok(onward);
    };
    let answer = match fields.get("action") {
        "allow" => Some(Answer::Allow),
        "deny" => Some(Answer::Deny),
        _ => None,
    };
    let shown = fields.get("session") == asked.session.to_string() && fields.get("shown") == asked.version.to_string();
    let Some(answer) = answer.filter(|_| shown) else {
        let page = ConsentPage { renewed: true, ..asked.page(&ctx, &visit) };
        return ctx.page_again(&page, Some(&asked.client.client));
    };
    let kind = if answer == Answer::Allow { "consent.given" } else { "consent.refused" };
    let event = Event::new(&ctx.app, ctx.now, kind, Actor::Account(asked.account.id));
    let (flow, of) = (visit.flow, (asked.session, asked.version));
    let answered = ctx.app.db.write(ctx.realm.id, move |tx| visit.answer(tx, answer, of, &event)).await?;
    // Where another tab was faster, what it said counts, and the authorization endpoint knows what comes next.
    let refused = answered && answer == Answer::Deny;
    Ok(if refused { ctx.see_other(&ctx.realm.urls.authorize_cancel(flow)) } else { onward })
}

impl Visit {
    /// Who is asked here for what; nobody in another browser's flow, one that is over, one of the fund's own clients, or one of an
    /// inactive account.
    fn asked(&self, rx: &mut Rx<'_>) -> Result<Option<Asked>> {
        let browser = session::known(rx, self.presented.as_ref(), self.now)?;
        let flow = flow::load(rx, self.flow)?.filter(|flow| browser == Some(flow.browser) && flow.is_open(self.now));
        let Some(flow) = flow else { return Ok(None) };
        let Goal::Portal { request, .. } = &flow.goal else { return Ok(None) };
        let client = flow::client(rx, &flow)?.filter(|registered| !registered.client.first_party);
        let Some(client) = client else { return Ok(None) };
        let person = signin::signed_in(rx, &self.realm, browser, &flow.progress, self.now)?;
        let Some((session, account)) = person.filter(|(_, account)| account.is_active(self.now)) else {
            return Ok(None);
        };
        let remembered = is_remembered(&client.client, &request.reply_to.redirect_uri);
        let earlier = store::remembered(rx, account.id, client.row)?;
        let (session, wanted, version) = (session.id, Agreed::asked(request), flow.version);
        Ok(Some(Asked { session, account, client, wanted, earlier, remembered, version }))
    }

    /// Keeps the answer of this session's person to this version of the flow, once; whether it was kept.
    fn answer(&self, tx: &mut Tx<'_>, answer: Answer, of: (SessionId, i64), event: &Event) -> Result<bool> {
        let Some(asked) = self.asked(tx)?.filter(|asked| (asked.session, asked.version) == of) else {
            return Ok(false);
        };
        let consented_at = (answer == Answer::Allow).then_some(self.now);
        if !flow::answer_consent(tx, self.flow, asked.version, consented_at)? {
            return Ok(false);
        }
        if answer == Answer::Allow {
            store::give(tx, asked.account.id, asked.client.row, &asked.wanted, self.now)?;
        }
        let claims: Vec<String> = asked.wanted.claims.into_iter().collect();
        let event = event.clone().about(&asked.client.client.client_id).with("scope", asked.wanted.scope.to_string());
        record(tx, &if claims.is_empty() { event } else { event.with("claims", claims) })?;
        Ok(true)
    }
}

impl Asked {
    fn page(&self, ctx: &Ctx, visit: &Visit) -> ConsentPage {
        let urls = &ctx.realm.urls;
        let earlier = self.earlier.as_ref().map(|earlier| &earlier.agreed);
        let things = things(&self.wanted, earlier);
        let offline = self.wanted.scope.contains(OFFLINE_ACCESS);
        let own = self.client.client.refresh_token_seconds.map_or(u64::MAX, u64::from);
        let days = ctx.realm.policy().refresh_token().as_secs().min(own).div_ceil(24 * 60 * 60);
        ConsentPage {
            form: Form::to(urls.consent(visit.flow))
                .with("session", self.session.to_string())
                .with("shown", self.version.to_string()),
            username: self.account.email.clone(),
            other_url: urls.login_accounts(visit.flow),
            grown: things.iter().any(|thing| thing.is_new),
            things,
            offline_days: offline.then_some(days),
            remembered: self.remembered,
            renewed: false,
            account_url: urls.account(AccountPage::Overview, None),
        }
    }
}
