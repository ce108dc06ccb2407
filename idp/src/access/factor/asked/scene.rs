//! The page of a factor, for every road.

use super::asking::Asking;
use super::pages::{self, FactorPage, OtherFactor};
use super::road::Road;
use crate::access::factor::Factor;
use crate::error::Result;
use crate::settings::FactorKind;
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form, Resend, minutes, seconds};
use axum::response::Response;
use poterne_protocol::client::Client;
use std::time::Duration;

/// What a factor page is made from.
pub struct Scene {
    pub(super) asking: Asking,
    wait: Duration,
    lost_url: String,
    client: Option<Client>,
}

impl Scene {
    /// Reads what waits; `None` when the road is not there. `lost_url` is where a person goes who has lost the factor.
    ///
    /// # Errors
    /// Of the database.
    pub async fn load<R: Road>(ctx: &Ctx, road: &R, lost_url: String, client: Option<Client>) -> Result<Option<Self>> {
        let (road, realm, now) = (road.clone(), ctx.realm.clone(), ctx.now);
        let found = ctx.app.db.read(ctx.realm.id, move |rx| {
            let Some(asking) = road.asking(rx)? else {
                return Ok(None);
            };
            let wait = asking.wait(rx, &realm, now)?;
            Ok(Some((asking, wait)))
        });
        Ok(found.await?.map(|(asking, wait)| Self { asking, wait, lost_url, client }))
    }

    /// Whether a code should have been sent and was not, because there were too many today, or one left a moment ago.
    fn nothing_sent(&self) -> bool {
        self.asking.factor.kind == FactorKind::Sms && self.asking.challenge.is_none()
    }

    fn page<R: Road>(&self, ctx: &Ctx, road: &R, form: Form, just_sent: bool) -> Result<FactorPage> {
        let current = &self.asking.factor;
        let others = self.asking.means.factors.iter().filter(|factor| factor.id != current.id);
        let other = |factor: &Factor| {
            Ok(OtherFactor { id: factor.id.to_string(), kind: shown(factor.kind), target: masked(ctx, factor)? })
        };
        let wait_seconds = if just_sent { ctx.realm.policy().otp_resend() } else { self.wait };
        let resend = Resend { wait_seconds: seconds(wait_seconds), just_sent };
        Ok(FactorPage {
            form,
            on: road.on().shown(),
            kind: shown(current.kind),
            target: masked(ctx, current)?,
            sent: just_sent || !self.nothing_sent(),
            resend: (current.kind == FactorKind::Sms).then_some(resend),
            minutes: minutes(ctx.realm.policy().otp()),
            others: others.map(other).collect::<Result<_>>()?,
            lost_url: self.lost_url.clone(),
        })
    }

    /// The page again, with what is wrong.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn again<R: Road>(&self, ctx: &Ctx, road: &R, fault: Fault) -> Result<Response> {
        self.reply(ctx, road, Some(fault), false)
    }

    pub(super) fn reply<R: Road>(&self, ctx: &Ctx, road: &R, fault: Option<Fault>, just_sent: bool) -> Result<Response> {
        let form = Form::to(road.url(ctx));
        let client = self.client.as_ref();
        match fault {
            None => ctx.page(&self.page(ctx, road, form, just_sent)?, client),
            Some(Fault::WrongLogin | Fault::TooManyTries(_) | Fault::ResendTooSoon(_) | Fault::ResendUsedUp) => {
                let form = fault.into_iter().fold(form, Form::refused);
                ctx.page_again(&self.page(ctx, road, form, just_sent)?, client)
            }
            Some(fault) => ctx.page_again(&self.page(ctx, road, form.wrong("code", fault), just_sent)?, client),
        }
    }
}

/// The page.
///
/// # Errors
/// When it cannot be made.
pub fn show<R: Road>(ctx: &Ctx, road: &R, scene: &Scene) -> Result<Response> {
    let form = Form::to(road.url(ctx));
    let form = match (scene.nothing_sent(), scene.wait.is_zero()) {
        (false, _) => form,
        (true, true) => form.refused(Fault::ResendUsedUp),
        (true, false) => form.refused(Fault::ResendTooSoon(seconds(scene.wait))),
    };
    ctx.page(&scene.page(ctx, road, form, false)?, scene.client.as_ref())
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
