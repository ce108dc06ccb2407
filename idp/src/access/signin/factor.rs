//! The page of the second factor.

use super::code::{Code, Recipient};
use super::confirm::{Asking, Confirmed, Sending};
use super::pages::{self, FactorPage, OtherFactor};
use super::routes::{Fields, elsewhere, seen, visit};
use super::rules::{Owned, Stand, minutes, seconds};
use super::store::{Fresh, Visit};
use crate::access::factor::{Factor, typed_digits};
use crate::access::notice::Occasion;
use crate::error::Result;
use crate::operations::audit::{Actor, Event};
use crate::settings::FactorKind;
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form, Resend};
use crate::web::layers;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::client::Client;
use poterne_protocol::id::{ChallengeId, FactorId};
use std::time::Duration;

/// What a factor page is made from.
struct Scene {
    asking: Asking,
    wait: Duration,
    client: Option<Client>,
}

/// The page.
pub(super) async fn page(ctx: Ctx, Path(flow): Path<String>) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    match scene(&ctx, &visit).await? {
        Err(response) => Ok(response),
        Ok(scene) => {
            let form = Form::to(ctx.realm.urls.login_factor(visit.flow));
            let form = if scene.nothing_sent() { form.refused(Fault::ResendUsedUp) } else { form };
            ctx.page(&scene.page(&ctx, form, false)?, scene.client.as_ref())
        }
    }
}

/// The posted form.
pub(super) async fn submit(ctx: Ctx, Path(flow): Path<String>, body: Bytes) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let scene = match scene(&ctx, &visit).await? {
        Err(response) => return Ok(response),
        Ok(scene) => scene,
    };
    let fields = Fields::parse(&body);
    match fields.get("action") {
        "cancel" => Ok(ctx.see_other(&ctx.realm.urls.authorize_cancel(visit.flow))),
        "resend" => resend(&ctx, &visit, &scene).await,
        action => match action.strip_prefix("use:") {
            Some(id) => use_other(&ctx, &visit, &scene, id).await,
            None => confirm(&ctx, &visit, &scene, fields.get("code")).await,
        },
    }
}

/// The sign-in that waits for its factor, or where the request goes instead.
async fn scene(ctx: &Ctx, visit: &Visit) -> Result<Result<Scene, Response>> {
    let visiting = visit.clone();
    let found = ctx.app.db.read(ctx.realm.id, move |rx| {
        let Some(asking) = visiting.asking(rx)? else {
            return Ok(None);
        };
        let client = visiting.see(rx)?.client.map(|registered| registered.client);
        Ok(Some(Scene { wait: visiting.wait(rx, &asking)?, asking, client }))
    });
    if let Some(scene) = found.await? {
        return Ok(Ok(scene));
    }
    let mut seen = seen(ctx, visit).await?;
    if seen.stand == Stand::Factor {
        // The account or its last factor is gone: this flow leads nowhere.
        seen.stand = Stand::Over;
    }
    elsewhere(ctx, visit, &seen).await.map(Err)
}

impl Scene {
    /// Whether a code should have been sent and was not, because there were too many today.
    fn nothing_sent(&self) -> bool {
        self.asking.factor.kind == FactorKind::Sms && self.asking.challenge.is_none()
    }

    fn page(&self, ctx: &Ctx, form: Form, just_sent: bool) -> Result<FactorPage> {
        let current = &self.asking.factor;
        let others = self.asking.means.factors.iter().filter(|factor| factor.id != current.id);
        let other = |factor: &Factor| {
            Ok(OtherFactor { id: factor.id.to_string(), kind: shown(factor.kind), target: masked(ctx, factor)? })
        };
        let wait_seconds = if just_sent { ctx.realm.policy().otp_resend() } else { self.wait };
        let resend = Resend { wait_seconds: seconds(wait_seconds), just_sent };
        Ok(FactorPage {
            form,
            kind: shown(current.kind),
            target: masked(ctx, current)?,
            resend: (current.kind == FactorKind::Sms).then_some(resend),
            minutes: minutes(ctx.realm.policy().otp()),
            others: others.map(other).collect::<Result<_>>()?,
        })
    }

    fn again(&self, ctx: &Ctx, visit: &Visit, fault: Fault) -> Result<Response> {
        self.answer(ctx, visit, Some(fault), false)
    }

    fn answer(&self, ctx: &Ctx, visit: &Visit, fault: Option<Fault>, just_sent: bool) -> Result<Response> {
        let form = Form::to(ctx.realm.urls.login_factor(visit.flow));
        let client = self.client.as_ref();
        match fault {
            None => ctx.page(&self.page(ctx, form, just_sent)?, client),
            Some(Fault::WrongLogin | Fault::TooManyTries(_) | Fault::ResendTooSoon(_) | Fault::ResendUsedUp) => {
                let form = fault.into_iter().fold(form, Form::refused);
                ctx.page_again(&self.page(ctx, form, just_sent)?, client)
            }
            Some(fault) => ctx.page_again(&self.page(ctx, form.wrong("code", fault), just_sent)?, client),
        }
    }
}

const fn shown(kind: FactorKind) -> pages::FactorKind {
    match kind {
        FactorKind::Sms => pages::FactorKind::Sms,
        FactorKind::Totp => pages::FactorKind::Totp,
    }
}

fn masked(ctx: &Ctx, factor: &Factor) -> Result<Option<String>> {
    match factor.kind {
        FactorKind::Sms => Ok(Some(factor.number(&ctx.realm)?.masked())),
        FactorKind::Totp => Ok(None),
    }
}

async fn confirm(ctx: &Ctx, visit: &Visit, scene: &Scene, typed: &str) -> Result<Response> {
    if typed.trim().is_empty() {
        return scene.again(ctx, visit, Fault::Required);
    }
    let Some(digits) = typed_digits(typed) else {
        return scene.again(ctx, visit, Fault::DigitsFormat);
    };
    let fresh = Fresh::draw(&ctx.app, &ctx.realm, &scene.asking.means.account, &Occasion::of(ctx))?;
    let failed = Event::new(&ctx.app, ctx.now, "login.factor_failed", Actor::Visitor);
    let visiting = visit.clone();
    let confirmed = ctx.app.db.write(ctx.realm.id, move |tx| visiting.confirm(tx, &digits, &fresh, &failed)).await?;
    ctx.app.outbox_wake.notify_one();
    match confirmed {
        Confirmed::Session(browser) => {
            let mut response = ctx.see_other(&ctx.realm.urls.authorize_flow(visit.flow));
            ctx.set_browser(&mut response, &browser);
            Ok(response)
        }
        Confirmed::Wrong => scene.again(ctx, visit, Fault::DigitsWrong),
        Confirmed::UsedUp => scene.again(ctx, visit, Fault::DigitsUsedUp),
        Confirmed::Expired => match sent_again(ctx, visit, scene).await? {
            Sending::Sent => scene.answer(ctx, visit, Some(Fault::DigitsExpired), true),
            Sending::TooSoon(_) | Sending::UsedUp | Sending::Moved => scene.again(ctx, visit, Fault::DigitsUsedUp),
        },
        Confirmed::Wait(until) => scene.again(ctx, visit, Fault::TooManyTries(minutes(until.since(ctx.now)))),
        Confirmed::Locked => scene.again(ctx, visit, Fault::TooManyTries(minutes(ctx.realm.policy().longest_delay()))),
        Confirmed::Refused => scene.again(ctx, visit, Fault::WrongLogin),
        Confirmed::Moved => Ok(ctx.see_other(&ctx.realm.urls.login_factor(visit.flow))),
    }
}

async fn resend(ctx: &Ctx, visit: &Visit, scene: &Scene) -> Result<Response> {
    match sent_again(ctx, visit, scene).await? {
        Sending::Sent => scene.answer(ctx, visit, None, true),
        Sending::TooSoon(wait) => scene.again(ctx, visit, Fault::ResendTooSoon(seconds(wait))),
        Sending::UsedUp => scene.again(ctx, visit, Fault::ResendUsedUp),
        Sending::Moved => Ok(ctx.see_other(&ctx.realm.urls.login_factor(visit.flow))),
    }
}

/// Sends another code to the number that is asked for now.
async fn sent_again(ctx: &Ctx, visit: &Visit, scene: &Scene) -> Result<Sending> {
    let asking = &scene.asking;
    let Some(first) = code(ctx, visit, asking, &asking.factor, None)? else {
        return Ok(Sending::Moved);
    };
    let again = match asking.challenge {
        Some(running) => code(ctx, visit, asking, &asking.factor, Some(running))?,
        None => None,
    };
    let visiting = visit.clone();
    let sending = ctx.app.db.write(ctx.realm.id, move |tx| visiting.send_again(tx, again.as_ref(), &first)).await?;
    if matches!(sending, Sending::Sent) {
        ctx.app.outbox_wake.notify_one();
    }
    Ok(sending)
}

async fn use_other(ctx: &Ctx, visit: &Visit, scene: &Scene, id: &str) -> Result<Response> {
    let there = ctx.see_other(&ctx.realm.urls.login_factor(visit.flow));
    let Some((owned, factor)) = id.parse::<FactorId>().ok().and_then(|id| scene.asking.means.factor(id)) else {
        return Ok(there);
    };
    let code = code(ctx, visit, &scene.asking, factor, None)?;
    let visiting = visit.clone();
    ctx.app.db.write(ctx.realm.id, move |tx| visiting.use_other(tx, owned.id, code.as_ref())).await?;
    ctx.app.outbox_wake.notify_one();
    Ok(there)
}

/// A code for this factor; `None` when it is one that needs none sent.
fn code(ctx: &Ctx, visit: &Visit, asking: &Asking, factor: &Factor, running: Option<ChallengeId>) -> Result<Option<Code>> {
    if factor.kind != FactorKind::Sms {
        return Ok(None);
    }
    let number = factor.number(&ctx.realm)?;
    let owned = Owned { id: factor.id, kind: factor.kind };
    let to = Recipient { account: &asking.means.account, factor: owned, number: &number, flow: visit.flow };
    Code::new(&ctx.app, &ctx.realm, ctx.now, &to, running).map(Some)
}
