//! Name and password. Whatever was typed, one answer comes after the same work: only a delay is told, in minutes.

use super::name::TypedName;
use super::routes::{elsewhere, seen, sign_in_page, visit};
use super::rules::{Stand, minutes};
use super::store::{Fresh, Login, Passed, PasswordCount, Seen, Visit};
use crate::access::factor::asked::{Code, On, To};
use crate::access::factor::password;
use crate::access::notice::{self, Kind, Occasion};
use crate::directory::account::Account;
use crate::error::{Failure, Result};
use crate::figures::SignIn;
use crate::operations::audit::{Actor, Event, record};
use crate::operations::limits::{Counter, Taken, count_event, full_until, give_back, is_alarming, network, take_try};
use crate::realm::Realm;
use crate::store::Tx;
use crate::vault::Purpose;
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form};
use crate::web::layers;
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::secret::{Digest, Secret};
use std::net::IpAddr;
use std::time::Duration;

/// Characters of the longest user name (RFC 5321 section 4.5.3.1.3, less the angle brackets).
pub(super) const LONGEST_NAME: usize = 254;
const HOUR: Duration = Duration::from_secs(60 * 60);

/// The posted form of name and password.
pub(super) async fn submit(ctx: Ctx, Path(flow): Path<String>, body: Bytes) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let seen = seen(&ctx, &visit).await?;
    if seen.stand != Stand::Password {
        return elsewhere(&ctx, &visit, &seen).await;
    }
    let fields = Posted::parse(&body);
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
        return ctx.page_again(&sign_in_page(&ctx, &visit, &seen, form), seen.client());
    }
    match tried(&ctx, &visit, &username, &password).await? {
        Tried::Wrong(fault) => {
            let delayed = matches!(fault, Fault::TooManyTries(_));
            ctx.app.figures.signin(if delayed { SignIn::Delayed } else { SignIn::WrongPassword });
            refused(&ctx, &visit, &seen, form.refused(fault))
        }
        Tried::Right { account, known_device } => match passed(&ctx, &visit, &account, known_device).await? {
            Passed::Refused => {
                ctx.app.figures.signin(SignIn::Refused);
                refused(&ctx, &visit, &seen, form.refused(Fault::WrongLogin))
            }
            Passed::Moved => Ok(ctx.see_other(&ctx.realm.urls.login(visit.flow))),
            Passed::Factor => Ok(ctx.see_other(&ctx.realm.urls.login_factor(visit.flow))),
            Passed::Session(browser) => {
                ctx.app.figures.signin(SignIn::Succeeded);
                let mut response = ctx.see_other(&ctx.realm.urls.authorize_flow(visit.flow));
                ctx.set_browser(&mut response, &browser);
                Ok(response)
            }
        },
    }
}

fn refused(ctx: &Ctx, visit: &Visit, seen: &Seen, form: Form) -> Result<Response> {
    ctx.page_again(&sign_in_page(ctx, visit, seen, form), seen.client())
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
    Right {
        account: Box<Account>,
        /// Whether the account is known in this browser.
        known_device: bool,
    },
    /// They are not, or were not looked at.
    Wrong(Fault),
}

/// A try that was taken, or not.
struct Took {
    account: Option<Account>,
    count: PasswordCount,
    taken: Taken,
    /// Whether its failure is to be told to the account's owner.
    alarming: bool,
}

/// Takes a try, then hashes exactly once whoever it is, also where the account is locked: neither bytes nor time tell an account. Who
/// must wait is told so, known or not, and costs no hash: guessing faster than allowed takes nothing from the others.
async fn tried(ctx: &Ctx, visit: &Visit, username: &str, password: &Secret) -> Result<Tried> {
    let name = TypedName::read(&ctx.realm, username, ctx.now);
    let address = ctx.address.map(|address| address_count(&ctx.realm, address)).transpose()?;
    let visiting = visit.clone();
    let took = ctx.app.db.write(ctx.realm.id, move |tx| take(tx, &visiting, &name, address)).await?;
    if let Taken::Wait { until } = took.taken {
        return Ok(Tried::Wrong(Fault::TooManyTries(minutes(until.since(ctx.now)))));
    }
    let hash = took.account.as_ref().map(|account| account.password_hash.as_str());
    let right = match password::verify(&ctx.app, password, hash).await {
        Err(Failure::Busy(why)) => {
            let (now, subject) = (ctx.now, took.count.subject);
            if took.taken == Taken::Granted {
                ctx.app.db.write(ctx.realm.id, move |tx| give_back(tx, Counter::Password, subject, now)).await?;
            }
            return Err(Failure::Busy(why));
        }
        judged => judged?,
    };
    match (took.taken, took.account) {
        (Taken::Granted, Some(account)) if right && account.is_active(ctx.now) => {
            Ok(Tried::Right { account: Box::new(account), known_device: took.count.known_device })
        }
        (_, account) => {
            failed(ctx, username, account.as_ref(), took.alarming, address).await?;
            Ok(Tried::Wrong(Fault::WrongLogin))
        }
    }
}

fn take(tx: &mut Tx<'_>, visit: &Visit, name: &TypedName, address: Option<Digest>) -> Result<Took> {
    let account = name.account(tx)?;
    let login = account.as_ref().map_or_else(|| Login::Name(name.normal().to_owned()), |account| Login::Account(account.id));
    let count = visit.password_count(tx, &login)?;
    let policy = visit.realm.policy();
    let full = match address {
        Some(address) => full_until(tx, Counter::SignInAddress, address, visit.now, policy.signin_tries_per_address)?,
        None => None,
    };
    // Who shares an address with a guesser still gets in where they are known.
    if let Some(until) = full.filter(|_| !count.known_device) {
        return Ok(Took { account, count, taken: Taken::Wait { until }, alarming: false });
    }
    let taken = take_try(tx, Counter::Password, count.subject, visit.now, policy)?;
    let alarming = taken == Taken::Granted && is_alarming(tx, Counter::Password, count.subject, policy)?;
    Ok(Took { account, count, taken, alarming })
}

/// An address, as it is counted.
fn address_count(realm: &Realm, address: IpAddr) -> Result<Digest> {
    Ok(realm.vault.digest(Purpose::Lookup, "address", &network(address))?.1)
}

/// Notes a failure, and tells the owner where that is due. A name that no account has gets the same work up to the last two rows.
async fn failed(ctx: &Ctx, name: &str, account: Option<&Account>, alarming: bool, address: Option<Digest>) -> Result<()> {
    let event = Event::new(&ctx.app, ctx.now, "login.failed", Actor::Visitor);
    let event = account.map_or_else(|| event.clone().about("unknown"), |account| event.clone().about(account.id));
    let (kind, occasion) = (Kind::SignInLocked { password_known: false }, Occasion::of(ctx));
    let notice = match account {
        _ if !alarming => None,
        Some(account) => Some(notice::prepare(&ctx.app, &ctx.realm, ctx.now, account, kind, &occasion)?),
        None => {
            notice::pretend(&ctx.app, &ctx.realm, ctx.lang, name, kind, &occasion)?;
            None
        }
    };
    let (now, limit) = (ctx.now, ctx.realm.policy().signin_tries_per_address);
    let noted = move |tx: &mut Tx<'_>| {
        if let Some(address) = address {
            count_event(tx, Counter::SignInAddress, address, now, limit, HOUR)?;
        }
        if let Some(notice) = &notice {
            notice.leave_once_a_day(tx)?;
        }
        record(tx, &event)
    };
    ctx.app.db.write(ctx.realm.id, noted).await?;
    if alarming {
        ctx.app.outbox_wake.notify_one();
    }
    Ok(())
}

/// The password is right: prepares what may be sent, then moves the flow on.
async fn passed(ctx: &Ctx, visit: &Visit, account: &Account, known_device: bool) -> Result<Passed> {
    let (visiting, id) = (visit.clone(), account.id);
    let means = ctx.app.db.read(ctx.realm.id, move |rx| visiting.means(rx, id)).await?;
    let Some(means) = means else {
        return Ok(Passed::Moved);
    };
    let code = match means.first() {
        None => None,
        Some(factor) => {
            let to = To { on: On::SignIn(visit.flow), account: &means.account, factor };
            Code::new(&ctx.app, &ctx.realm, ctx.now, &to, None)?
        }
    };
    let fresh = Fresh::draw(&ctx.app, &ctx.realm, account, known_device, &Occasion::of(ctx))?;
    let may_send = code.is_some() || fresh.tells();
    let (visiting, verified) = (visit.clone(), account.clone());
    let passing = move |tx: &mut Tx<'_>| visiting.pass_password(tx, &verified, code.as_ref(), &fresh);
    let passed = ctx.app.db.write(ctx.realm.id, passing).await?;
    if may_send {
        ctx.app.outbox_wake.notify_one();
    }
    Ok(passed)
}
