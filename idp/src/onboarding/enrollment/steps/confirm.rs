//! Step 5: the code of the chosen factor. When it is right, the account is made in the same transaction.

use super::super::completion::{Completion, Ending, Finished};
use super::super::draft::{ChosenFactor, FactorProof};
use super::super::identify::Fields;
use super::super::pages::StopReason;
use super::super::rules::Step;
use super::super::sending::{Outgoing, To, bound};
use super::super::store;
use super::super::views;
use super::data::Move;
use super::email::send;
use super::{Opened, Submitted, resend_fault, resend_state};
use crate::access::factor::totp::TotpSecret;
use crate::access::factor::{otp, typed_digits};
use crate::error::{Failure, Result};
use crate::operations::audit;
use crate::operations::limits::{self, Counter, Taken};
use crate::store::Tx;
use crate::web::context::Ctx;
use crate::web::form::{Fault, FieldError, Resend};
use axum::response::Response;
use poterne_protocol::id::ChallengeId;
use poterne_protocol::secret::Digest;

fn chosen(opened: &Opened) -> Result<&ChosenFactor> {
    opened.draft.factor().ok_or_else(|| Failure::internal("step 5 without step 4"))
}

pub(super) async fn page(ctx: &Ctx, opened: &Opened, just_sent: bool, errors: Vec<FieldError>) -> Result<Response> {
    let chosen = chosen(opened)?;
    let resend = match chosen {
        ChosenFactor::Sms { number, challenge } => {
            resend_state(ctx, opened.row.id, *challenge, &To::Phone(number), just_sent).await?
        }
        ChosenFactor::Totp { .. } => Resend { wait_seconds: 0, just_sent: false },
    };
    let wrong = !errors.is_empty();
    let page = views::confirm(ctx, opened, chosen, resend, errors)?;
    if wrong { ctx.page_again(&page, opened.client()) } else { ctx.page(&page, opened.client()) }
}

async fn again(ctx: &Ctx, opened: &Opened, fault: Fault) -> Result<Submitted> {
    let just_sent = fault == Fault::DigitsExpired;
    Ok(Submitted::Again(page(ctx, opened, just_sent, vec![FieldError::at("code", fault)]).await?))
}

/// What a typed code came to.
enum Tried {
    Moved,
    Wrong(Fault),
    /// It came too late, and another was sent, or not.
    Late(otp::Resend),
    Ended(Box<Ending>),
    Lost(StopReason),
}

/// How the digits are compared, within the transaction.
enum Check {
    Sent { challenge: ChallengeId, bound: otp::Bound, digits: String, late: Box<Outgoing> },
    Shown { right: bool, subject: Digest },
}

pub(super) async fn submit(ctx: &Ctx, opened: &Opened, fields: &Fields) -> Result<Submitted> {
    let typed = fields.get("code").map_or("", String::as_str);
    let Some(digits) = typed_digits(typed) else {
        let fault = if typed.trim().is_empty() { Fault::Required } else { Fault::DigitsFormat };
        return again(ctx, opened, fault).await;
    };
    let chosen = chosen(opened)?;
    let (check, step) = check(ctx, opened, chosen, digits)?;
    let proof = FactorProof::Right(chosen.kind());
    let Some(proven) = opened.draft.clone().proven(proof, &opened.population.factors) else {
        return Ok(Submitted::Moved);
    };
    let completion = Completion::new(ctx, opened, &proven, step)?;
    let (realm, now, id, version) = (ctx.realm.clone(), ctx.now, opened.row.id, opened.row.version);
    let failed = opened.event(ctx, "enrollment.code_failed").with("by", chosen.kind().as_str());
    let tried = move |tx: &mut Tx<'_>| {
        if !store::is_at(tx, id, version)? {
            return Ok(Tried::Moved);
        }
        if let Some(refused) = check.run(tx, &realm, now)? {
            if matches!(refused, Tried::Wrong(_)) {
                audit::record(tx, &failed)?;
            }
            return Ok(refused);
        }
        Ok(match completion.run(tx)? {
            Finished::Done(ending) => Tried::Ended(Box::new(ending)),
            Finished::Lost(reason) => Tried::Lost(reason),
        })
    };
    match ctx.app.db.write(ctx.realm.id, tried).await? {
        Tried::Moved => Ok(Submitted::Moved),
        Tried::Ended(ending) => Ok(Submitted::Ended(*ending)),
        Tried::Lost(reason) => Ok(Submitted::Stopped(reason)),
        Tried::Wrong(fault) => again(ctx, opened, fault).await,
        Tried::Late(sent) => {
            ctx.app.outbox_wake.notify_one();
            again(ctx, opened, resend_fault(sent).unwrap_or(Fault::DigitsExpired)).await
        }
    }
}

/// Prepares the comparison; for an app also the step that its digits belong to.
fn check(ctx: &Ctx, opened: &Opened, chosen: &ChosenFactor, digits: String) -> Result<(Check, Option<i64>)> {
    match chosen {
        ChosenFactor::Sms { number, challenge } => {
            let to = To::Phone(number);
            let late = Box::new(Outgoing::new(ctx, &opened.row, &to, Some(*challenge), opened.app_name())?);
            Ok((Check::Sent { challenge: *challenge, bound: bound(opened.row.id, &to), digits, late }, None))
        }
        ChosenFactor::Totp { secret } => {
            let step = TotpSecret::from_bytes(secret)?.check(&digits, ctx.now, 0);
            Ok((Check::Shown { right: step.is_some(), subject: Digest::of(opened.row.id.as_bytes()) }, step))
        }
    }
}

impl Check {
    /// Compares, the try counted first; `None` when the digits are right.
    fn run(&self, tx: &mut Tx<'_>, realm: &crate::realm::Realm, now: poterne_protocol::time::Timestamp) -> Result<Option<Tried>> {
        match self {
            Self::Sent { challenge, bound, digits, late } => Ok(match otp::check(tx, realm, now, *challenge, bound, digits)? {
                otp::Checked::Right => None,
                otp::Checked::Wrong { left: 1.. } => Some(Tried::Wrong(Fault::DigitsWrong)),
                otp::Checked::Wrong { .. } | otp::Checked::Spent => Some(Tried::Wrong(Fault::DigitsUsedUp)),
                otp::Checked::Expired => Some(Tried::Late(late.again(tx, realm)?)),
            }),
            Self::Shown { right, subject } => match limits::take_try(tx, Counter::Factor, *subject, now, realm.policy())? {
                Taken::Granted if *right => {
                    limits::succeed(tx, Counter::Factor, *subject)?;
                    Ok(None)
                }
                Taken::Granted => Ok(Some(Tried::Wrong(Fault::DigitsWrong))),
                Taken::Wait { until } => {
                    let minutes = u32::try_from(until.since(now).as_secs().div_ceil(60)).unwrap_or(u32::MAX);
                    Ok(Some(Tried::Wrong(Fault::TooManyTries(minutes))))
                }
                Taken::Locked => Ok(Some(Tried::Wrong(Fault::DigitsUsedUp))),
            },
        }
    }
}

/// Sends the text message again; a new challenge takes the place of one without tries.
pub(super) async fn resend(ctx: &Ctx, opened: &Opened) -> Result<Submitted> {
    let ChosenFactor::Sms { number, challenge } = chosen(opened)? else {
        return Ok(Submitted::To(Step::Confirm));
    };
    let to = To::Phone(number);
    let further = Outgoing::new(ctx, &opened.row, &to, Some(*challenge), opened.app_name())?;
    let anew = Outgoing::new(ctx, &opened.row, &to, None, opened.app_name())?;
    let renewed = ChosenFactor::Sms { number: number.clone(), challenge: anew.challenge() };
    let Some(draft) = opened.draft.clone().choose_factor(renewed) else {
        return Ok(Submitted::Moved);
    };
    let moved = Move::new(ctx, opened, &draft, Some(anew), "enrollment.code_renewed")?;
    let (id, version, realm) = (opened.row.id, opened.row.version, ctx.realm.clone());
    let sent = ctx.app.db.write(ctx.realm.id, move |tx| send(tx, &realm, (id, version), &further, &moved)).await?;
    match sent.map(resend_fault) {
        None => Ok(Submitted::Moved),
        Some(None) => {
            ctx.app.outbox_wake.notify_one();
            Ok(Submitted::Sent(Step::Confirm))
        }
        Some(Some(fault)) => again(ctx, opened, fault).await,
    }
}
