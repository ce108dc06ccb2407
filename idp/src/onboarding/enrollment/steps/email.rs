//! Step 3: the code from the mail.

use super::super::completion::{Completion, Ending, Finished};
use super::super::draft::FactorProof;
use super::super::identify::Fields;
use super::super::pages::StopReason;
use super::super::rules::Step;
use super::super::sending::{Outgoing, To, bound};
use super::super::store;
use super::super::views;
use super::data::{Move, Moving, recipient};
use super::{Opened, Submitted, resend_fault, resend_state};
use crate::access::factor::{otp, typed_digits};
use crate::error::{Failure, Result};
use crate::operations::audit;
use crate::store::Tx;
use crate::web::context::Ctx;
use crate::web::form::{Fault, FieldError, Resend};
use axum::response::Response;

pub(super) async fn page(ctx: &Ctx, opened: &Opened, just_sent: bool, errors: Vec<FieldError>) -> Result<Response> {
    let entered = opened.draft.entered().ok_or_else(|| Failure::internal("step 3 without step 2"))?;
    let email = &entered.data.email;
    let resend = if opened.draft.email_is_confirmed() {
        Resend { wait_seconds: 0, just_sent: false }
    } else {
        resend_state(ctx, opened.row.id, entered.confirmation, &To::Email(email), just_sent).await?
    };
    let wrong = !errors.is_empty();
    let page = views::email(ctx, opened, email, resend, errors);
    if wrong { ctx.page_again(&page, opened.client()) } else { ctx.page(&page, opened.client()) }
}

async fn again(ctx: &Ctx, opened: &Opened, fault: Fault) -> Result<Submitted> {
    // A new code of the same challenge was sent with this answer.
    let just_sent = fault == Fault::DigitsExpired;
    Ok(Submitted::Again(page(ctx, opened, just_sent, vec![FieldError::at("code", fault)]).await?))
}

/// What a typed code came to.
enum Tried {
    Moved,
    Checked(otp::Checked),
    /// It came too late, and another was sent, or not.
    Late(otp::Resend),
    Confirmed,
    Ended(Box<Ending>),
    Lost(StopReason),
}

pub(super) async fn submit(ctx: &Ctx, opened: &Opened, fields: &Fields) -> Result<Submitted> {
    if opened.draft.email_is_confirmed() {
        return Ok(Submitted::To(opened.furthest(ctx).min(Step::Factor)));
    }
    let Some(digits) = typed_digits(fields.get("code").map_or("", String::as_str)) else {
        let empty = fields.get("code").is_none_or(|code| code.trim().is_empty());
        return again(ctx, opened, if empty { Fault::Required } else { Fault::DigitsFormat }).await;
    };
    let entered = opened.draft.entered().ok_or_else(|| Failure::internal("step 3 without step 2"))?;
    let (challenge, email) = (entered.confirmation, entered.data.email.as_str());
    let Some(draft) = opened.draft.clone().confirm_email(ctx.now) else {
        return Ok(Submitted::Moved);
    };
    let next = super::page_of(&draft, &opened.population, opened.row.expires_at, ctx.now);
    let completion = match draft.clone().proven(FactorProof::Nothing, &opened.population.factors) {
        Some(proven) => Some(Completion::new(ctx, opened, &proven, None)?),
        None => None,
    };
    let to = recipient(ctx, opened, email).await?;
    let late = Outgoing::new(ctx, &opened.row, &to, Some(challenge), opened.app_name())?;
    let moved = Move::new(ctx, opened, &draft, None, "enrollment.email_confirmed")?;
    let (realm, now, bound) = (ctx.realm.clone(), ctx.now, bound(opened.row.id, &to));
    let (id, version, failed) =
        (opened.row.id, opened.row.version, opened.event(ctx, "enrollment.code_failed").with("by", "mail"));
    let tried = move |tx: &mut Tx<'_>| {
        if !store::is_at(tx, id, version)? {
            return Ok(Tried::Moved);
        }
        match otp::check(tx, &realm, now, challenge, &bound, &digits)? {
            otp::Checked::Right => {}
            otp::Checked::Expired => return Ok(Tried::Late(late.again(tx, &realm)?)),
            other => {
                audit::record(tx, &failed)?;
                return Ok(Tried::Checked(other));
            }
        }
        if let Some(completion) = &completion {
            return Ok(match completion.run(tx)? {
                Finished::Done(ending) => Tried::Ended(Box::new(ending)),
                Finished::Lost(reason) => Tried::Lost(reason),
            });
        }
        Ok(if moved.run(tx)? == Moving::Done { Tried::Confirmed } else { Tried::Moved })
    };
    match ctx.app.db.write(ctx.realm.id, tried).await? {
        Tried::Moved => Ok(Submitted::Moved),
        Tried::Confirmed => Ok(Submitted::To(next)),
        Tried::Ended(ending) => Ok(Submitted::Ended(*ending)),
        Tried::Lost(reason) => Ok(Submitted::Stopped(reason)),
        Tried::Late(sent) => {
            ctx.app.outbox_wake.notify_one();
            again(ctx, opened, resend_fault(sent).unwrap_or(Fault::DigitsExpired)).await
        }
        Tried::Checked(otp::Checked::Wrong { left: 1.. }) => again(ctx, opened, Fault::DigitsWrong).await,
        Tried::Checked(_) => again(ctx, opened, Fault::DigitsUsedUp).await,
    }
}

/// Sends the code again; a new challenge takes the place of one without tries.
pub(super) async fn resend(ctx: &Ctx, opened: &Opened) -> Result<Submitted> {
    if opened.draft.email_is_confirmed() {
        return Ok(Submitted::To(Step::Email));
    }
    let entered = opened.draft.entered().ok_or_else(|| Failure::internal("step 3 without step 2"))?;
    let email = entered.data.email.as_str();
    let to = recipient(ctx, opened, email).await?;
    let further = Outgoing::new(ctx, &opened.row, &to, Some(entered.confirmation), opened.app_name())?;
    let anew = Outgoing::new(ctx, &opened.row, &to, None, opened.app_name())?;
    let Some(draft) = opened.draft.clone().renew_confirmation(anew.challenge()) else {
        return Ok(Submitted::Moved);
    };
    let moved = Move::new(ctx, opened, &draft, Some(anew), "enrollment.code_renewed")?;
    let (id, version, realm) = (opened.row.id, opened.row.version, ctx.realm.clone());
    let sent = move |tx: &mut Tx<'_>| send(tx, &realm, (id, version), &further, &moved);
    sent_answer(ctx, opened, ctx.app.db.write(ctx.realm.id, sent).await?).await
}

/// Sends a further code, or begins anew where the challenge is spent. `None`: another request was first.
pub(super) fn send(
    tx: &mut Tx<'_>,
    realm: &crate::realm::Realm,
    (id, version): (poterne_protocol::id::EnrollmentId, i64),
    further: &Outgoing,
    anew: &Move,
) -> Result<Option<otp::Resend>> {
    if !store::is_at(tx, id, version)? {
        return Ok(None);
    }
    match further.again(tx, realm)? {
        otp::Resend::Spent => Ok(match anew.run(tx)? {
            Moving::Done => Some(otp::Resend::Sent),
            Moving::NoMoreCodes => Some(otp::Resend::TooMany),
            Moving::Moved => None,
        }),
        other => Ok(Some(other)),
    }
}

async fn sent_answer(ctx: &Ctx, opened: &Opened, sent: Option<otp::Resend>) -> Result<Submitted> {
    match sent.map(resend_fault) {
        None => Ok(Submitted::Moved),
        Some(None) => {
            ctx.app.outbox_wake.notify_one();
            Ok(Submitted::Sent(Step::Email))
        }
        Some(Some(fault)) => again(ctx, opened, fault).await,
    }
}
