//! The steps after identification: each a page of its own under the enrollment's URL, bound to the browser that began it.

mod confirm;
mod data;
mod email;
mod factor;

use super::completion::Ending;
use super::draft::Draft;
use super::identify::Fields;
use super::pages::StopReason;
use super::portal::Portal;
use super::routes::{cancelled_url, page_of, stopped};
use super::rules::{Next, Step, next_step};
use super::sending::{To, bound};
use super::store::{self, Row};
use super::views;
use crate::access::factor::otp;
use crate::access::session;
use crate::app::App;
use crate::directory::account::{self, Account};
use crate::error::Result;
use crate::onboarding::code::{self, Code, CodePurpose};
use crate::operations::audit::{self, Actor, Event};
use crate::settings::Population;
use crate::store::Rx;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::form::{Fault, Resend};
use crate::web::layers;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use axum::routing::get;
use poterne_protocol::client::Client;
use poterne_protocol::id::{ChallengeId, EnrollmentId};
use serde::Deserialize;

/// An enrollment of this browser, opened.
pub(super) struct Opened {
    pub(super) row: Row,
    pub(super) draft: Draft,
    pub(super) population: Population,
    pub(super) portal: Option<Portal>,
    pub(super) whose: Whose,
}

/// What an enrollment leads to, as the purpose of its code says.
pub(super) enum Whose {
    /// An account that there is not yet.
    New,
    /// This account, with a new password and a new factor.
    Existing(Box<Account>),
}

impl Whose {
    /// The account of this code's entry, where the code is to bring one back; `None` where there is none any more.
    fn of(rx: &mut Rx<'_>, code: &Code) -> Result<Option<Self>> {
        match code.purpose {
            CodePurpose::Register => Ok(Some(Self::New)),
            CodePurpose::RecoverFactor => Ok(account::by_entry(rx, code.entry)?.map(|account| Self::Existing(Box::new(account)))),
        }
    }

    /// The account there is already.
    pub(super) fn account(&self) -> Option<&Account> {
        match self {
            Self::New => None,
            Self::Existing(account) => Some(account),
        }
    }
}

/// What a step's form came to.
enum Submitted {
    /// On to this page.
    To(Step),
    /// On to this page, which says that a code was just sent.
    Sent(Step),
    /// Another request moved the enrollment meanwhile: whatever is its furthest page.
    Moved,
    /// The page again, with what was wrong.
    Again(Response),
    /// It cannot go on.
    Stopped(StopReason),
    /// The account exists.
    Ended(Ending),
}

#[derive(Debug, Default, Deserialize)]
struct Shown {
    sent: Option<String>,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route(paths::ENROLL_IN, get(show).post(submit))
}

impl Opened {
    /// The URL of one of its pages.
    pub(super) fn url(&self, ctx: &Ctx, step: Step) -> String {
        ctx.realm.urls.enrollment(self.row.id, step.path())
    }

    pub(super) fn client(&self) -> Option<&Client> {
        self.portal.as_ref().map(|portal| &portal.client)
    }

    fn furthest(&self, ctx: &Ctx) -> Step {
        page_of(&self.draft, &self.population, self.row.expires_at, ctx.now)
    }

    /// An event about this enrollment; its id is drawn here, outside the transaction.
    pub(super) fn event(&self, ctx: &Ctx, kind: &'static str) -> Event {
        Event::new(&ctx.app, ctx.now, kind, Actor::Visitor).about(self.row.id)
    }

    fn app_name(&self) -> Option<&str> {
        self.portal.as_ref().map(|portal| portal.client.client_name.as_str())
    }
}

/// Opens an enrollment, or says why it cannot go on.
async fn open(ctx: &Ctx, id: EnrollmentId) -> Result<Result<Opened, (StopReason, Option<Portal>)>> {
    let (presented, now) = (ctx.browser.clone(), ctx.now);
    let load = move |rx: &mut Rx<'_>| {
        let Some(browser) = session::known(rx, presented.as_ref(), now)? else {
            return Ok(None);
        };
        let Some(row) = store::load(rx, id)?.filter(|row| row.browser == browser) else {
            return Ok(None);
        };
        let portal = Portal::load(rx, Some(browser), row.flow)?;
        let code = code::load(rx, row.code)?;
        let whose = code.as_ref().map(|code| Whose::of(rx, code)).transpose()?.flatten();
        Ok(Some((row, portal, code, whose)))
    };
    let Some((row, portal, code, whose)) = ctx.app.db.read(ctx.realm.id, load).await? else {
        return Ok(Err((StopReason::Unknown, None)));
    };
    let Some(population) = ctx.realm.document.population(&row.population).cloned() else {
        return Ok(Err((StopReason::Unknown, portal)));
    };
    let draft = row.draft(&ctx.realm.vault)?;
    if next_step(&draft, &population.factors, row.expires_at, ctx.now) == Next::Expired {
        return Ok(Err((StopReason::Expired, portal)));
    }
    let completed = matches!(draft, Draft::Completed { .. });
    if !completed && code.is_none_or(|code| code.enrollment != Some(row.id)) {
        return Ok(Err((StopReason::Superseded, portal)));
    }
    match whose {
        Some(whose) => Ok(Ok(Opened { row, draft, population, portal, whose })),
        // The page of a finished one asks nothing of its account.
        None if completed => Ok(Ok(Opened { row, draft, population, portal, whose: Whose::New })),
        None => Ok(Err((StopReason::CodeGone, portal))),
    }
}

fn parse(id: &str, step: &str) -> Option<(EnrollmentId, Step)> {
    Some((id.parse().ok()?, Step::parse(step)?))
}

async fn show(ctx: Ctx, Path((id, step)): Path<(String, String)>, Query(asked): Query<Shown>) -> Result<Response> {
    let Some((id, step)) = parse(&id, &step) else {
        return Ok(layers::not_found());
    };
    let opened = match open(&ctx, id).await? {
        Ok(opened) => opened,
        Err((reason, portal)) => return stopped(&ctx, reason, portal.as_ref(), None),
    };
    let furthest = opened.furthest(&ctx);
    if step > furthest || (furthest == Step::Done && step != Step::Done) {
        return Ok(ctx.see_other(&opened.url(&ctx, furthest)));
    }
    let just_sent = asked.sent.is_some();
    match (step, &opened.draft) {
        (Step::Done, Draft::Completed { email, .. }) => {
            let page = views::success(&ctx, &opened.population, opened.portal.as_ref(), email);
            ctx.page(&page, opened.client())
        }
        (Step::Identified, draft) => match draft.who() {
            Some(who) => ctx.page(&views::identified(&ctx, &opened, who), opened.client()),
            None => Ok(layers::not_found()),
        },
        (Step::Email, _) => email::page(&ctx, &opened, just_sent, vec![]).await,
        (Step::Factor, _) => ctx.page(&views::factor(&ctx, &opened, None, vec![]), opened.client()),
        (Step::Confirm, _) => confirm::page(&ctx, &opened, just_sent, vec![]).await,
        (Step::Data | Step::Done, _) => ctx.page(&views::data(&ctx, &opened, None, vec![]), opened.client()),
    }
}

async fn submit(ctx: Ctx, Path((id, step)): Path<(String, String)>, Form(fields): Form<Fields>) -> Result<Response> {
    let Some((id, step)) = parse(&id, &step) else {
        return Ok(layers::not_found());
    };
    let opened = match open(&ctx, id).await? {
        Ok(opened) => opened,
        Err((reason, portal)) => return stopped(&ctx, reason, portal.as_ref(), None),
    };
    let furthest = opened.furthest(&ctx);
    let action = fields.get("action").map_or("next", String::as_str);
    if step > furthest || furthest == Step::Done {
        return Ok(ctx.see_other(&opened.url(&ctx, furthest)));
    }
    let submitted = match (action, step) {
        ("cancel", _) => return cancel(&ctx, &opened).await,
        ("back", _) => Submitted::To(step.before()),
        ("resend", Step::Email) => email::resend(&ctx, &opened).await?,
        ("resend", Step::Confirm) => confirm::resend(&ctx, &opened).await?,
        (_, Step::Identified) => Submitted::To(Step::Data),
        (_, Step::Data) => data::submit(&ctx, &opened, &fields).await?,
        (_, Step::Email) => email::submit(&ctx, &opened, &fields).await?,
        (_, Step::Factor) => factor::submit(&ctx, &opened, &fields).await?,
        (_, Step::Confirm) => confirm::submit(&ctx, &opened, &fields).await?,
        (_, Step::Done) => Submitted::To(Step::Done),
    };
    answer(&ctx, &opened, submitted)
}

fn answer(ctx: &Ctx, opened: &Opened, submitted: Submitted) -> Result<Response> {
    match submitted {
        Submitted::To(step) => Ok(ctx.see_other(&opened.url(ctx, step))),
        Submitted::Sent(step) => Ok(ctx.see_other(&format!("{}?sent=yes", opened.url(ctx, step)))),
        // The furthest page redirects further if it must: nothing is known here of what the other request did.
        Submitted::Moved => Ok(ctx.see_other(&opened.url(ctx, Step::Done))),
        Submitted::Again(response) => Ok(response),
        Submitted::Stopped(reason) => {
            let change = (reason == StopReason::EmailTaken).then(|| opened.url(ctx, Step::Data));
            stopped(ctx, reason, opened.portal.as_ref(), change)
        }
        Submitted::Ended(ending) => {
            ctx.app.outbox_wake.notify_one();
            let mut response = ctx.see_other(&opened.url(ctx, Step::Done));
            if let Some(browser) = &ending.browser {
                ctx.set_browser(&mut response, browser);
            }
            Ok(response)
        }
    }
}

/// «Annuler»: nothing is kept, the code stays usable.
async fn cancel(ctx: &Ctx, opened: &Opened) -> Result<Response> {
    let (id, code, event) = (opened.row.id, opened.row.code, opened.event(ctx, "enrollment.cancelled"));
    let cancel = move |tx: &mut crate::store::Tx<'_>| {
        if store::remove(tx, id)? {
            code::release(tx, code, id)?;
            audit::record(tx, &event)?;
        }
        Ok(())
    };
    ctx.app.db.write(ctx.realm.id, cancel).await?;
    let flow = opened.portal.as_ref().map(|portal| portal.flow.id);
    Ok(ctx.see_other(&cancelled_url(ctx, &opened.population.key, flow)))
}

/// Whether a code may be sent again, for the page to say.
async fn resend_state(ctx: &Ctx, id: EnrollmentId, challenge: ChallengeId, to: &To<'_>, just_sent: bool) -> Result<Resend> {
    let (realm, now, bound) = (ctx.realm.clone(), ctx.now, bound(id, to));
    let may = ctx.app.db.read(realm.id, move |rx| otp::may_resend(rx, &realm, now, challenge, &bound)).await?;
    let wait_seconds = match may {
        otp::Resend::TooSoon { wait } => seconds(wait),
        otp::Resend::Sent | otp::Resend::TooMany | otp::Resend::Spent => 0,
    };
    Ok(Resend { wait_seconds, just_sent })
}

fn seconds(wait: std::time::Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

/// Why a code was not sent again.
fn resend_fault(refused: otp::Resend) -> Option<Fault> {
    match refused {
        otp::Resend::Sent => None,
        otp::Resend::TooSoon { wait } => Some(Fault::ResendTooSoon(seconds(wait))),
        otp::Resend::TooMany | otp::Resend::Spent => Some(Fault::ResendUsedUp),
    }
}
