//! The form that comes from the page of a factor, for every road.

use super::asking::Checked;
use super::code::{Code, Sending, To};
use super::road::Road;
use super::rules::On;
use super::scene::Scene;
use crate::access::factor::{Factor, typed_digits};
use crate::error::Result;
use crate::figures::SignIn;
use crate::operations::audit::{Actor, Event, record};
use crate::store::Tx;
use crate::web::context::Ctx;
use crate::web::form::{Fault, minutes, seconds};
use axum::response::Response;
use poterne_protocol::id::{ChallengeId, FactorId};

/// What came of a posted form.
pub enum Answered<T> {
    /// The factor is proven.
    Proven(T),
    /// It is not (yet).
    Reply(Response),
    /// It is, but the account may not go on all the same.
    Refused,
}

enum Confirmed<T> {
    Proven(T),
    Not(Checked),
    Refused,
    Moved,
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
    let confirmed = confirm(ctx, road, scene, digits).await?;
    if let (On::SignIn(_), Confirmed::Not(checked)) = (road.on(), &confirmed) {
        let delayed = matches!(checked, Checked::Wait(_) | Checked::Locked);
        ctx.app.figures.signin(if delayed { SignIn::Delayed } else { SignIn::WrongFactor });
    }
    match confirmed {
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
