//! Step 2: e-mail address and password.

use super::super::draft::{Draft, UserData};
use super::super::identify::Fields;
use super::super::sending::{Outgoing, To};
use super::super::store::{self, SealedDraft};
use super::super::views;
use super::{Opened, Submitted};
use crate::access::factor::password;
use crate::directory::account::{self, canonical_email};
use crate::error::{Failure, Result};
use crate::operations::audit::{self, Event};
use crate::realm::Realm;
use crate::store::Tx;
use crate::web::context::Ctx;
use crate::web::form::{Fault, FieldError};
use poterne_protocol::secret::Secret;
use std::sync::Arc;

/// Characters of a name.
const LONGEST_NAME: u32 = 100;
/// Characters of an address (RFC 5321 section 4.5.3.1.3).
const LONGEST_EMAIL: u32 = 254;
const TITLES: [&str; 3] = ["ms", "mr", "none"];

/// The form of step 2, well formed.
struct Typed {
    email: String,
    password: Secret,
    names: [Option<String>; 3],
}

/// What is wrong with the password. User name, fund and portal are guessed first.
async fn judged(ctx: &Ctx, opened: &Opened, fields: &Fields) -> Result<Vec<Fault>> {
    let typed = |field: &str| fields.get(field).map_or("", String::as_str);
    let words = [address(opened, fields).ok(), Some(ctx.realm.document.name.clone()), opened.app_name().map(str::to_owned)];
    let password = Secret::new(typed("password").to_owned());
    password::judge_in_turn(&ctx.app, opened.population.password, &password, words.into_iter().flatten().collect()).await
}

/// Reads the form. `faults` are those of the password.
fn read(opened: &Opened, fields: &Fields, faults: &[Fault]) -> Result<Typed, Vec<FieldError>> {
    let population = &opened.population;
    let typed = |field: &str| fields.get(field).map_or("", String::as_str);
    let mut errors = Vec::new();
    let mut names = [None, None, None];
    if population.user_data.name && opened.whose.account().is_none() {
        for (kept, field) in names.iter_mut().zip(["title", "family_name", "given_name"]) {
            match name(field, typed(field)) {
                Ok(name) => *kept = Some(name),
                Err(fault) => errors.push(FieldError::at(field, fault)),
            }
        }
    }
    let email = address(opened, fields);
    if let Err(fault) = &email {
        errors.push(FieldError::at("email", *fault));
    }
    let password = Secret::new(typed("password").to_owned());
    errors.extend(faults.iter().map(|fault| FieldError::at("password", *fault)));
    if population.user_data.repeat_password && faults.is_empty() {
        match typed("password_repeat") {
            "" => errors.push(FieldError::at("password_repeat", Fault::Required)),
            repeated if repeated != password.expose() => {
                errors.push(FieldError::at("password_repeat", Fault::PasswordsDiffer));
            }
            _ => {}
        }
    }
    match email {
        Ok(email) if errors.is_empty() => Ok(Typed { email, password, names }),
        _ => Err(errors),
    }
}

/// The address: that of the account there is, else the one typed.
fn address(opened: &Opened, fields: &Fields) -> Result<String, Fault> {
    if let Some(account) = opened.whose.account() {
        return Ok(account.email.clone());
    }
    let typed = fields.get("email").map_or("", |typed| typed.trim());
    if typed.is_empty() {
        return Err(Fault::Required);
    }
    if typed.chars().count() > LONGEST_EMAIL as usize {
        return Err(Fault::TooLong(LONGEST_EMAIL));
    }
    canonical_email(typed).ok_or(Fault::EmailFormat)
}

fn name(field: &str, typed: &str) -> Result<String, Fault> {
    let typed = typed.trim();
    if typed.is_empty() || (field == "title" && !TITLES.contains(&typed)) {
        return Err(Fault::Required);
    }
    if typed.chars().count() > LONGEST_NAME as usize {
        return Err(Fault::TooLong(LONGEST_NAME));
    }
    Ok(typed.to_owned())
}

pub(super) async fn submit(ctx: &Ctx, opened: &Opened, fields: &Fields) -> Result<Submitted> {
    let faults = judged(ctx, opened, fields).await?;
    let typed = match read(opened, fields, &faults) {
        Ok(typed) => typed,
        Err(errors) => return again(ctx, opened, fields, errors),
    };
    let password_hash = password::hash(&ctx.app, &typed.password).await?;
    let outgoing = code_for(ctx, opened, &typed.email).await?;
    let [title, last_name, first_name] = typed.names;
    let data = UserData { email: typed.email, password_hash, title, last_name, first_name };
    // Without a new code the challenge is not looked at: the same address keeps its own.
    let confirmation = outgoing.as_ref().map(Outgoing::challenge).or(opened.draft.entered().map(|entered| entered.confirmation));
    let Some(confirmation) = confirmation else {
        return Err(Failure::internal("an address without a code"));
    };
    let Some(draft) = opened.draft.clone().enter_data(data, confirmation) else {
        return Ok(Submitted::Moved);
    };
    let next = super::page_of(&draft, &opened.population, opened.row.expires_at, ctx.now);
    let moved = Move::new(ctx, opened, &draft, outgoing, "enrollment.data_entered")?;
    match ctx.app.db.write(ctx.realm.id, move |tx| moved.run(tx)).await? {
        Moving::Done => {
            ctx.app.outbox_wake.notify_one();
            Ok(Submitted::To(next))
        }
        Moving::Moved => Ok(Submitted::Moved),
        Moving::NoMoreCodes => again(ctx, opened, fields, vec![FieldError::of_form(Fault::ResendUsedUp)]),
    }
}

fn again(ctx: &Ctx, opened: &Opened, fields: &Fields, errors: Vec<FieldError>) -> Result<Submitted> {
    let page = views::data(ctx, opened, Some(fields), errors);
    Ok(Submitted::Again(ctx.page_again(&page, opened.client())?))
}

/// The code that confirms this address; none when it is confirmed, or its code is on its way.
async fn code_for(ctx: &Ctx, opened: &Opened, email: &str) -> Result<Option<Outgoing>> {
    if !opened.draft.needs_confirmation_of(email) {
        return Ok(None);
    }
    let to = recipient(ctx, opened, email).await?;
    Outgoing::new(ctx, &opened.row, &to, None, opened.app_name()).map(Some)
}

/// What is sent to this address: no code where another account has it. What the person sees does not depend on it.
pub(super) async fn recipient<'a>(ctx: &Ctx, opened: &Opened, email: &'a str) -> Result<To<'a>> {
    let wanted = email.to_owned();
    let owner = ctx.app.db.read(ctx.realm.id, move |rx| account::by_email(rx, &wanted)).await?.map(|owner| owner.id);
    let own = opened.whose.account().map(|account| account.id);
    Ok(if owner.is_some() && owner != own { To::TakenEmail(email) } else { To::Email(email) })
}

/// A change of the draft, with the code that it sends.
pub(super) struct Move {
    realm: Arc<Realm>,
    version: i64,
    state: SealedDraft,
    outgoing: Option<Outgoing>,
    event: Event,
}

/// What came of a [`Move`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moving {
    /// It is kept, and its code on its way.
    Done,
    /// Another request was first.
    Moved,
    /// As many codes were asked for today as may be; nothing is changed.
    NoMoreCodes,
}

impl Move {
    pub(super) fn new(
        ctx: &Ctx,
        opened: &Opened,
        draft: &Draft,
        outgoing: Option<Outgoing>,
        event: &'static str,
    ) -> Result<Self> {
        let state = SealedDraft::new(&ctx.realm.vault, &ctx.app.entropy, opened.row.id, draft)?;
        Ok(Self { realm: ctx.realm.clone(), version: opened.row.version, state, outgoing, event: opened.event(ctx, event) })
    }

    pub(super) fn run(&self, tx: &mut Tx<'_>) -> Result<Moving> {
        if !store::is_at(tx, self.state.id, self.version)? {
            return Ok(Moving::Moved);
        }
        if let Some(outgoing) = &self.outgoing
            && !outgoing.start(tx, &self.realm)?
        {
            return Ok(Moving::NoMoreCodes);
        }
        if !store::save(tx, self.version, &self.state)? {
            return Err(Failure::internal("an enrollment moved within a transaction"));
        }
        audit::record(tx, &self.event)?;
        Ok(Moving::Done)
    }
}
