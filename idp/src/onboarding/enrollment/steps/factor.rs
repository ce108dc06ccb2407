//! Step 4: text messages or an app.

use super::super::completion::{Completion, Finished};
use super::super::draft::{ChosenFactor, Draft, FactorProof};
use super::super::identify::Fields;
use super::super::rules::Step;
use super::super::sending::{Outgoing, To};
use super::super::views;
use super::data::{Move, Moving};
use super::{Opened, Submitted};
use crate::access::factor::sms::PhoneNumber;
use crate::access::factor::totp::TotpSecret;
use crate::error::Result;
use crate::settings::FactorKind;
use crate::web::context::Ctx;
use crate::web::form::{Fault, FieldError};

pub(super) async fn submit(ctx: &Ctx, opened: &Opened, fields: &Fields) -> Result<Submitted> {
    let allowed = &opened.population.factors;
    if let Some(proven) = opened.draft.clone().proven(FactorProof::Nothing, allowed) {
        // The population asks for no factor any more.
        let completion = Completion::new(ctx, opened, &proven, None)?;
        return Ok(match ctx.app.db.write(ctx.realm.id, move |tx| completion.run(tx)).await? {
            Finished::Done(ending) => Submitted::Ended(ending),
            Finished::Lost(reason) => Submitted::Stopped(reason),
        });
    }
    let kind = fields.get("factor").and_then(|kind| FactorKind::parse(kind)).filter(|kind| allowed.contains(kind));
    let (chosen, outgoing) = match kind {
        None => return again(ctx, opened, fields, FieldError::at("factor", Fault::NothingChosen)),
        Some(FactorKind::Totp) => (app(ctx, opened), None),
        Some(FactorKind::Sms) => {
            let typed = fields.get("phone").map_or("", String::as_str);
            match PhoneNumber::parse(typed, &opened.population.sms_countries) {
                Ok(number) => phone(ctx, opened, &number)?,
                Err(mistake) => return again(ctx, opened, fields, FieldError::at("phone", mistake.fault())),
            }
        }
    };
    let Some(draft) = opened.draft.clone().choose_factor(chosen) else {
        return Ok(Submitted::Moved);
    };
    let moved = Move::new(ctx, opened, &draft, outgoing, "enrollment.factor_chosen")?;
    match ctx.app.db.write(ctx.realm.id, move |tx| moved.run(tx)).await? {
        Moving::Done => {
            ctx.app.outbox_wake.notify_one();
            Ok(Submitted::To(Step::Confirm))
        }
        Moving::Moved => Ok(Submitted::Moved),
        Moving::NoMoreCodes => again(ctx, opened, fields, FieldError::of_form(Fault::ResendUsedUp)),
    }
}

fn again(ctx: &Ctx, opened: &Opened, fields: &Fields, error: FieldError) -> Result<Submitted> {
    let page = views::factor(ctx, opened, Some(fields), vec![error]);
    Ok(Submitted::Again(ctx.page_again(&page, opened.client())?))
}

/// An app: the secret that was shown before, so that an app already set up goes on fitting; else a new one.
fn app(ctx: &Ctx, opened: &Opened) -> ChosenFactor {
    match opened.draft.factor() {
        Some(shown @ ChosenFactor::Totp { .. }) => shown.clone(),
        _ => ChosenFactor::Totp { secret: TotpSecret::generate(&ctx.app.entropy).as_bytes().to_vec() },
    }
}

/// A number, and the code to it unless one was just sent there.
fn phone(ctx: &Ctx, opened: &Opened, number: &PhoneNumber) -> Result<(ChosenFactor, Option<Outgoing>)> {
    match &opened.draft {
        Draft::FactorChosen { chosen: chosen @ ChosenFactor::Sms { number: before, .. }, .. } if before == number.e164() => {
            Ok((chosen.clone(), None))
        }
        _ => {
            let outgoing = Outgoing::new(ctx, &opened.row, &To::Phone(number.e164()), None, opened.app_name())?;
            let chosen = ChosenFactor::Sms { number: number.e164().to_owned(), challenge: outgoing.challenge() };
            Ok((chosen, Some(outgoing)))
        }
    }
}
