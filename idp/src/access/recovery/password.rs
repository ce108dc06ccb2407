//! The new password. Setting it ends everything that hung on the old one.

use super::mail;
use super::pages::NewPasswordPage;
use super::routes::elsewhere;
use super::rules::{Next, Proof, Stand, next_step};
use super::store;
use super::visit::{Seen, Visit};
use crate::access::ending::end_everything;
use crate::access::factor::password;
use crate::access::notice::{self, Kind, Occasion};
use crate::access::signin;
use crate::directory::account::{self, Account};
use crate::error::{Failure, Result};
use crate::operations::audit::{Actor, Event, record};
use crate::settings::{PasswordRule, Population};
use crate::store::Tx;
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form};
use crate::web::layers;
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::secret::Secret;

/// A reset that waits for its password.
struct Waiting {
    seen: Seen,
    account: Account,
    typed: String,
    rule: PasswordRule,
    repeat: bool,
}

/// The page.
pub(super) async fn page(ctx: Ctx, Path(id): Path<String>) -> Result<Response> {
    match waiting(&ctx, &id).await? {
        Err(response) => Ok(response),
        Ok((visit, waiting)) => {
            let form = Form::to(ctx.realm.urls.recovery_password(visit.id));
            ctx.page(&waiting.page(form), waiting.seen.client())
        }
    }
}

/// The posted form.
pub(super) async fn submit(ctx: Ctx, Path(id): Path<String>, body: Bytes) -> Result<Response> {
    let (visit, waiting) = match waiting(&ctx, &id).await? {
        Err(response) => return Ok(response),
        Ok(found) => found,
    };
    let fields = Posted::parse(&body);
    if fields.get("action") == "cancel" {
        return Ok(ctx.see_other(&waiting.seen.portal.onward(&ctx)));
    }
    let typed = Secret::new(fields.get("password").to_owned());
    let form = Form::to(ctx.realm.urls.recovery_password(visit.id));
    let form = waiting.judged(&ctx, form, &typed, fields.get("password_repeat")).await?;
    if form.has_errors() {
        return ctx.page_again(&waiting.page(form), waiting.seen.client());
    }
    let setting = Setting {
        visit: visit.clone(),
        hash: password::hash(&ctx.app, &typed).await?,
        notice: notice::prepare(&ctx.app, &ctx.realm, ctx.now, &waiting.account, Kind::PasswordChanged, &Occasion::of(&ctx))?,
        reset: Event::new(&ctx.app, ctx.now, "password.reset", Actor::Account(waiting.account.id)).about(waiting.account.id),
    };
    ctx.app.db.write(ctx.realm.id, move |tx| setting.run(tx)).await?;
    ctx.app.outbox_wake.notify_one();
    // Whoever was not first is led to wherever the reset stands now.
    Ok(ctx.see_other(&ctx.realm.urls.recovery_done(visit.id)))
}

/// The reset that waits for its password, or where the request goes instead.
async fn waiting(ctx: &Ctx, id: &str) -> Result<Result<(Visit, Waiting), Response>> {
    let Some(visit) = Visit::of(ctx, id) else {
        return Ok(Err(layers::not_found()));
    };
    let seen = visit.look(ctx).await?;
    let (Stand::Password, Some(means), Some(recovery)) = (seen.stand, &seen.means, &seen.recovery) else {
        return elsewhere(ctx, &visit, &seen).map(Err);
    };
    let (account, typed) = (means.account.clone(), recovery.typed(&ctx.realm)?);
    let population = ctx.realm.document.population(&account.population);
    let rule = population.map_or_else(PasswordRule::default, |population| population.password);
    let repeat = population.is_none_or(|population: &Population| population.user_data.repeat_password);
    Ok(Ok((visit, Waiting { seen, account, typed, rule, repeat })))
}

impl Waiting {
    fn page(&self, form: Form) -> NewPasswordPage {
        NewPasswordPage { form, typed: self.typed.clone(), repeat_password: self.repeat, rule: self.rule }
    }

    /// The form with what is wrong with the password. User name, fund and portal are guessed first.
    async fn judged(&self, ctx: &Ctx, form: Form, typed: &Secret, repeated: &str) -> Result<Form> {
        let portal = self.seen.client().map(|client| client.client_name.clone());
        let words = [Some(self.account.email.clone()), Some(ctx.realm.document.name.clone()), portal];
        let words = words.into_iter().flatten().collect();
        let faults = password::judge_in_turn(&ctx.app, self.rule, typed, words).await?;
        let fine = faults.is_empty();
        let form = faults.into_iter().fold(form, |form, fault| form.wrong("password", fault));
        Ok(match repeated {
            _ if !self.repeat || !fine => form,
            "" => form.wrong("password_repeat", Fault::Required),
            repeated if repeated != typed.expose() => form.wrong("password_repeat", Fault::PasswordsDiffer),
            _ => form,
        })
    }
}

/// Everything that the one transaction needs.
struct Setting {
    visit: Visit,
    hash: String,
    notice: notice::Prepared,
    reset: Event,
}

impl Setting {
    /// Sets the password, once, and ends what hung on the old one; `false` when the reset is not (any more) at this point.
    fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let visit = &self.visit;
        let seen = visit.see(tx)?;
        let (Stand::Password, Some(recovery), Some(means)) = (seen.stand, &seen.recovery, &seen.means) else {
            return Ok(false);
        };
        let next = next_step(&recovery.progress, Proof::NewPassword, Some(&visit.person(means, recovery)));
        if next != Next::Set || !store::finish(tx, recovery, visit.now)? {
            return Ok(false);
        }
        let (id, old) = (means.account.id, &means.account.password_hash);
        if !account::set_password(tx, id, old, &self.hash, visit.now)? {
            return Err(Failure::Busy("a password changed within a transaction"));
        }
        // Grants end with their sessions, offline ones with the password; other resets began under the old password.
        end_everything(tx, id, Some(recovery.browser), visit.now)?;
        signin::forget_wrong_passwords(tx, &visit.realm, id, recovery.browser)?;
        mail::clear(tx, &visit.realm, id, recovery.browser)?;
        self.notice.leave(tx)?;
        record(tx, &self.reset)?;
        Ok(true)
    }
}
