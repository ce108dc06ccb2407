//! The page of a factor, and the form that comes from it, for every road.

use super::asking::{Asking, Checked};
use super::code::{Code, Sending, To};
use super::pages::{self, FactorPage, OtherFactor};
use super::rules::On;
use crate::access::factor::{Factor, typed_digits};
use crate::directory::account::Account;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::settings::FactorKind;
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form, Resend, minutes, seconds};
use axum::response::Response;
use poterne_protocol::client::Client;
use poterne_protocol::id::{ChallengeId, FactorId};
use std::time::Duration;

/// A road on which a factor is asked for.
pub trait Road: Clone + Send + Sync + 'static {
    /// What a proven factor leads to.
    type Proven: Send + 'static;
    /// What of ids, chance and messages the way on needs, drawn before its transaction.
    type Fresh: Send + Sync + 'static;

    /// Where its factor page is.
    fn url(&self, ctx: &Ctx) -> String;

    /// On what the factor is asked for.
    fn on(&self) -> On;

    /// What waits for its factor; `None` when the road is not there.
    ///
    /// # Errors
    /// Of the database.
    fn asking(&self, rx: &mut Rx<'_>) -> Result<Option<Asking>>;

    /// Keeps which factor is asked for from now on, and its code. What was proven before stays proven, no more.
    ///
    /// # Errors
    /// When the road moved meanwhile: then nothing of the transaction may stay.
    fn ask(&self, tx: &mut Tx<'_>, factor: FactorId, challenge: Option<ChallengeId>) -> Result<()>;

    /// Draws what the way on needs.
    ///
    /// # Errors
    /// When a message cannot be made.
    fn fresh(&self, ctx: &Ctx, account: &Account) -> Result<Self::Fresh>;

    /// The factor is proven, in this very transaction; `None` when the account may not go on all the same.
    ///
    /// # Errors
    /// As [`Road::ask`].
    fn proven(&self, tx: &mut Tx<'_>, asking: &Asking, fresh: &Self::Fresh) -> Result<Option<Self::Proven>>;

    /// Wrong tries have brought a delay or the lock: the owner is told what somebody must know to have come this far.
    ///
    /// # Errors
    /// Of the database.
    fn alarm(&self, tx: &mut Tx<'_>, fresh: &Self::Fresh) -> Result<()>;
}

/// What came of a posted form.
pub enum Answered<T> {
    /// The factor is proven.
    Proven(T),
    /// It is not (yet).
    Reply(Response),
    /// It is, but the account may not go on all the same.
    Refused,
}

/// What a factor page is made from.
pub struct Scene {
    asking: Asking,
    wait: Duration,
    lost_url: String,
    client: Option<Client>,
}

enum Confirmed<T> {
    Proven(T),
    Not(Checked),
    Refused,
    Moved,
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

    fn reply<R: Road>(&self, ctx: &Ctx, road: &R, fault: Option<Fault>, just_sent: bool) -> Result<Response> {
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

/// The posted form: its `action`, and the code where one was typed.
///
/// # Errors
/// Of the database.
pub async fn answer<R: Road>(ctx: &Ctx, road: &R, scene: &Scene, action: &str, typed: &str) -> Result<Answered<R::Proven>> {
    if action == "resend" {
        return Ok(Answered::Reply(resend(ctx, road, scene).await?));
    }
    if let Some(id) = action.strip_prefix("use:") {
        return Ok(Answered::Reply(use_other(ctx, road, scene, id).await?));
    }
    let refuse = |fault| scene.again(ctx, road, fault).map(Answered::Reply);
    if typed.trim().is_empty() {
        return refuse(Fault::Required);
    }
    let Some(digits) = typed_digits(typed) else {
        return refuse(Fault::DigitsFormat);
    };
    match confirm(ctx, road, scene, digits).await? {
        Confirmed::Proven(proven) => Ok(Answered::Proven(proven)),
        Confirmed::Refused => Ok(Answered::Refused),
        Confirmed::Moved => Ok(Answered::Reply(ctx.see_other(&road.url(ctx)))),
        Confirmed::Not(Checked::Expired) => match sent_again(ctx, road, scene).await? {
            Sending::Sent(_) => scene.reply(ctx, road, Some(Fault::DigitsExpired), true).map(Answered::Reply),
            Sending::TooSoon(_) | Sending::UsedUp | Sending::Moved => refuse(Fault::DigitsUsedUp),
        },
        Confirmed::Not(Checked::UsedUp) => refuse(Fault::DigitsUsedUp),
        Confirmed::Not(Checked::Wait(until)) => refuse(Fault::TooManyTries(minutes(until.since(ctx.now)))),
        Confirmed::Not(Checked::Locked) => refuse(Fault::TooManyTries(minutes(ctx.realm.policy().longest_delay()))),
        Confirmed::Not(Checked::Wrong | Checked::Right) => refuse(Fault::DigitsWrong),
    }
}

/// Compares, and if the code is right, and won, goes on: all of it or nothing.
async fn confirm<R: Road>(ctx: &Ctx, road: &R, scene: &Scene, digits: String) -> Result<Confirmed<R::Proven>> {
    let (road, realm, now) = (road.clone(), ctx.realm.clone(), ctx.now);
    let failed = Event::new(&ctx.app, now, road.on().failed(), Actor::Visitor);
    let fresh = road.fresh(ctx, &scene.asking.means.account)?;
    let confirm = move |tx: &mut Tx<'_>| {
        let Some(asking) = road.asking(tx)? else {
            return Ok(Confirmed::Moved);
        };
        let tried = asking.check(tx, &realm, now, &digits, &failed)?;
        if !matches!(tried.checked, Checked::Right) {
            if tried.alarming {
                road.alarm(tx, &fresh)?;
            }
            return Ok(Confirmed::Not(tried.checked));
        }
        let Some(proven) = road.proven(tx, &asking, &fresh)? else {
            record(tx, &failed.clone().about(asking.means.account.id).with("reason", "not active"))?;
            return Ok(Confirmed::Refused);
        };
        asking.answered(tx, &realm, now)?;
        Ok(Confirmed::Proven(proven))
    };
    let confirmed = ctx.app.db.write(ctx.realm.id, confirm).await?;
    ctx.app.outbox_wake.notify_one();
    Ok(confirmed)
}

async fn resend<R: Road>(ctx: &Ctx, road: &R, scene: &Scene) -> Result<Response> {
    match sent_again(ctx, road, scene).await? {
        Sending::Sent(_) => scene.reply(ctx, road, None, true),
        Sending::TooSoon(wait) => scene.again(ctx, road, Fault::ResendTooSoon(seconds(wait))),
        Sending::UsedUp => scene.again(ctx, road, Fault::ResendUsedUp),
        Sending::Moved => Ok(ctx.see_other(&road.url(ctx))),
    }
}

/// A code for one of the account's factors; `None` when it is one that needs none sent.
fn code<R: Road>(ctx: &Ctx, road: &R, scene: &Scene, factor: &Factor, running: Option<ChallengeId>) -> Result<Option<Code>> {
    Code::new(&ctx.app, &ctx.realm, ctx.now, &To { on: road.on(), account: &scene.asking.means.account, factor }, running)
}

/// Sends another code to the number that is asked for now.
async fn sent_again<R: Road>(ctx: &Ctx, road: &R, scene: &Scene) -> Result<Sending> {
    let factor = &scene.asking.factor;
    let Some(first) = code(ctx, road, scene, factor, None)? else {
        return Ok(Sending::Moved);
    };
    let again = match scene.asking.challenge {
        Some(running) => code(ctx, road, scene, factor, Some(running))?,
        None => None,
    };
    let (road, realm) = (road.clone(), ctx.realm.clone());
    let send = move |tx: &mut Tx<'_>| {
        let Some(asking) = road.asking(tx)? else {
            return Ok(Sending::Moved);
        };
        let sending = asking.send_again(tx, &realm, again.as_ref(), &first)?;
        if let Sending::Sent(challenge) = sending
            && asking.challenge != Some(challenge)
        {
            road.ask(tx, asking.factor.id, Some(challenge))?;
        }
        Ok(sending)
    };
    let sending = ctx.app.db.write(ctx.realm.id, send).await?;
    if matches!(sending, Sending::Sent(_)) {
        ctx.app.outbox_wake.notify_one();
    }
    Ok(sending)
}

/// Asks for another factor of the same account; where it is one that is sent, only if a code may leave now.
async fn use_other<R: Road>(ctx: &Ctx, road: &R, scene: &Scene, id: &str) -> Result<Response> {
    let there = ctx.see_other(&road.url(ctx));
    let asking = &scene.asking;
    let Some(factor) = id.parse::<FactorId>().ok().and_then(|id| asking.means.factor(id)) else {
        return Ok(there);
    };
    let (id, code) = (factor.id, code(ctx, road, scene, factor, None)?);
    let (road_on, realm) = (road.clone(), ctx.realm.clone());
    let switch = move |tx: &mut Tx<'_>| {
        let may = road_on.asking(tx)?.is_some_and(|asking| asking.factor.id != id && asking.means.factor(id).is_some());
        if !may {
            return Ok(Sending::Moved);
        }
        let challenge = match &code {
            None => None,
            Some(code) => match code.start(tx, &realm)? {
                Sending::Sent(challenge) => Some(challenge),
                refused => return Ok(refused),
            },
        };
        road_on.ask(tx, id, challenge)?;
        Ok(Sending::Moved)
    };
    match ctx.app.db.write(ctx.realm.id, switch).await? {
        Sending::TooSoon(wait) => scene.again(ctx, road, Fault::ResendTooSoon(seconds(wait))),
        Sending::UsedUp => scene.again(ctx, road, Fault::ResendUsedUp),
        Sending::Sent(_) | Sending::Moved => {
            ctx.app.outbox_wake.notify_one();
            Ok(there)
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
