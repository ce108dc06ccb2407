//! Name and password. Whatever was typed, one answer comes after the same work: only a delay is told, in minutes.

use super::code::{Code, Recipient};
use super::routes::{Fields, elsewhere, seen, sign_in_page, visit};
use super::rules::{Stand, minutes};
use super::store::{Fresh, Login, Passed, Seen, Visit};
use crate::access::factor::password;
use crate::access::notice::Occasion;
use crate::directory::account::{self, Account, canonical_email};
use crate::error::{Failure, Result};
use crate::operations::audit::{Actor, Event, record};
use crate::operations::limits::{Counter, Taken, give_back, take_try};
use crate::settings::FactorKind;
use crate::store::Tx;
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form};
use crate::web::layers;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::secret::{Digest, Secret};
use unicode_normalization::UnicodeNormalization;

/// Characters of the longest user name (RFC 5321 section 4.5.3.1.3, less the angle brackets).
pub(super) const LONGEST_NAME: usize = 254;

/// The posted form of name and password.
pub(super) async fn submit(ctx: Ctx, Path(flow): Path<String>, body: Bytes) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let seen = seen(&ctx, &visit).await?;
    if seen.stand != Stand::Password {
        return elsewhere(&ctx, &visit, &seen).await;
    }
    let fields = Fields::parse(&body);
    if fields.get("action") == "cancel" {
        return Ok(ctx.see_other(&ctx.realm.urls.authorize_cancel(visit.flow)));
    }
    let username = fields.get("username").trim().to_owned();
    let password = Secret::new(fields.get("password").to_owned());
    let kept: String = username.chars().take(LONGEST_NAME).collect();
    let mut form = Form::to(ctx.realm.urls.login(visit.flow)).with("username", kept);
    for (field, fault) in shape(&username, &password) {
        form = form.wrong(field, fault);
    }
    if form.has_errors() {
        return ctx.page_again(&sign_in_page(&ctx, &visit, form), seen.client());
    }
    match tried(&ctx, &visit, &username, &password).await? {
        Tried::Wrong(fault) => refused(&ctx, &visit, &seen, form.refused(fault)),
        Tried::Right(account) => match passed(&ctx, &visit, &account).await? {
            Passed::Refused => refused(&ctx, &visit, &seen, form.refused(Fault::WrongLogin)),
            Passed::Moved => Ok(ctx.see_other(&ctx.realm.urls.login(visit.flow))),
            Passed::Factor => {
                ctx.app.outbox_wake.notify_one();
                Ok(ctx.see_other(&ctx.realm.urls.login_factor(visit.flow)))
            }
            Passed::Session(browser) => {
                ctx.app.outbox_wake.notify_one();
                let mut response = ctx.see_other(&ctx.realm.urls.authorize_flow(visit.flow));
                ctx.set_browser(&mut response, &browser);
                Ok(response)
            }
        },
    }
}

fn refused(ctx: &Ctx, visit: &Visit, seen: &Seen, form: Form) -> Result<Response> {
    ctx.page_again(&sign_in_page(ctx, visit, form), seen.client())
}

/// What is wrong with the form of what was typed; it costs no try.
fn shape(username: &str, password: &Secret) -> Vec<(&'static str, Fault)> {
    let judged = |text: &str, longest: u32| match text.chars().take(longest as usize + 1).count() {
        0 => Some(Fault::Required),
        length if length > longest as usize => Some(Fault::TooLong(longest)),
        _ => None,
    };
    let username = judged(username, u32::try_from(LONGEST_NAME).unwrap_or(u32::MAX)).map(|fault| ("username", fault));
    let password = judged(password.expose(), password::LONGEST).map(|fault| ("password", fault));
    username.into_iter().chain(password).collect()
}

/// What came of name and password.
enum Tried {
    /// They are right, and the account may sign in.
    Right(Box<Account>),
    /// They are not, or were not looked at.
    Wrong(Fault),
}

/// Takes a try, then hashes exactly once whoever it is and whether the try was granted: neither bytes nor time tell an account.
async fn tried(ctx: &Ctx, visit: &Visit, username: &str, password: &Secret) -> Result<Tried> {
    let name: String = username.nfkc().collect::<String>().to_lowercase();
    let email = canonical_email(username);
    let visiting = visit.clone();
    let (account, subject, taken) =
        ctx.app.db.write(ctx.realm.id, move |tx| take(tx, &visiting, email.as_deref(), &name)).await?;
    let hash = account.as_ref().map(|account| account.password_hash.as_str());
    let right = match password::verify(&ctx.app, password, hash).await {
        Err(Failure::Busy(why)) => {
            let now = ctx.now;
            if taken == Taken::Granted {
                ctx.app.db.write(ctx.realm.id, move |tx| give_back(tx, Counter::Password, subject, now)).await?;
            }
            return Err(Failure::Busy(why));
        }
        judged => judged?,
    };
    match (taken, account) {
        (Taken::Wait { until }, _) => Ok(Tried::Wrong(Fault::TooManyTries(minutes(until.since(ctx.now))))),
        (Taken::Granted, Some(account)) if right && account.is_active(ctx.now) => Ok(Tried::Right(Box::new(account))),
        (Taken::Granted | Taken::Locked, account) => {
            let event = Event::new(&ctx.app, ctx.now, "login.failed", Actor::Visitor);
            let event = match account {
                Some(account) => event.about(account.id),
                None => event.about("unknown"),
            };
            ctx.app.db.write(ctx.realm.id, move |tx| record(tx, &event)).await?;
            Ok(Tried::Wrong(Fault::WrongLogin))
        }
    }
}

fn take(tx: &mut Tx<'_>, visit: &Visit, email: Option<&str>, name: &str) -> Result<(Option<Account>, Digest, Taken)> {
    // An impossible address is looked up as well, so that it takes as long.
    let account = account::by_email(tx, email.unwrap_or(name))?;
    let login = match (&account, email) {
        (Some(account), _) => Login::Account(account.id),
        (None, Some(email)) => Login::Name(email.to_owned()),
        (None, None) => Login::Name(name.to_owned()),
    };
    let subject = visit.password_subject(&login)?;
    let taken = take_try(tx, Counter::Password, subject, visit.now, visit.realm.policy())?;
    Ok((account, subject, taken))
}

/// The password is right: prepares what may be sent, then moves the flow on.
async fn passed(ctx: &Ctx, visit: &Visit, account: &Account) -> Result<Passed> {
    let (visiting, id) = (visit.clone(), account.id);
    let means = ctx.app.db.read(ctx.realm.id, move |rx| visiting.means(rx, id)).await?;
    let Some(means) = means else {
        return Ok(Passed::Moved);
    };
    let first = means.first().filter(|(owned, _)| owned.kind == FactorKind::Sms);
    let code = match first {
        None => None,
        Some((owned, factor)) => {
            let number = factor.number(&ctx.realm)?;
            let to = Recipient { account: &means.account, factor: owned, number: &number, flow: visit.flow };
            Some(Code::new(&ctx.app, &ctx.realm, ctx.now, &to, None)?)
        }
    };
    let fresh = Fresh::draw(&ctx.app, &ctx.realm, account, &Occasion::of(ctx))?;
    let (visiting, verified) = (visit.clone(), account.clone());
    ctx.app.db.write(ctx.realm.id, move |tx| visiting.pass_password(tx, &verified, code.as_ref(), &fresh)).await
}
