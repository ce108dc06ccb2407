//! The change of password by whoever knows the present one and has signed in lately. All that hung on the old one ends with it, but
//! for this very session.

use super::pages::PasswordPage;
use super::routes::{overview_url, seen, session_of, to_sign_in, value, visit};
use super::rules::{Done, Door, Typed, faults, repeats};
use super::store::{Person, Seen, Visit};
use crate::access::factor::password;
use crate::access::notice::{self, Kind, Occasion};
use crate::access::{flow, session, signin};
use crate::app::App;
use crate::directory::account;
use crate::error::{Failure, Result};
use crate::operations::audit::{Actor, Event, record};
use crate::operations::limits::{self, Counter, Taken};
use crate::settings::Population;
use crate::store::Tx;
use crate::urls::{AccountPage, paths};
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form, minutes};
use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use poterne_protocol::id::{BrowserId, SessionId};
use poterne_protocol::secret::{Handle, Secret};
use poterne_protocol::time::Timestamp;

const PAGE: AccountPage = AccountPage::Password;

/// The form.
pub(super) async fn page(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response> {
    let visit = visit(&ctx, query.as_deref());
    let seen = seen(&ctx, &visit, PAGE).await?;
    match seen.person.as_ref().filter(|_| seen.door == Door::Open) {
        Some(person) => ctx.own_page(StatusCode::OK, &view(&ctx, &seen, person, empty_form(&ctx, &seen))),
        None => to_sign_in(&ctx, &visit, PAGE, seen.door).await,
    }
}

/// The posted form.
pub(super) async fn submit(ctx: Ctx, RawQuery(query): RawQuery, body: Bytes) -> Result<Response> {
    let visit = visit(&ctx, query.as_deref());
    let seen = seen(&ctx, &visit, PAGE).await?;
    let Some(person) = seen.person.clone().filter(|_| seen.door == Door::Open) else {
        return to_sign_in(&ctx, &visit, PAGE, seen.door).await;
    };
    let here = ctx.realm.urls.account(PAGE, seen.client_id());
    let of = session_of(&body);
    if of != Some(person.session.id) {
        return Ok(ctx.see_other(&here));
    }
    let again = |form: Form| ctx.own_page(StatusCode::UNPROCESSABLE_ENTITY, &view(&ctx, &seen, &person, form));
    let typed = read(&body);
    let population = ctx.realm.document.population(&person.account.population);
    let judged = judged(&ctx, &person, population, &typed.new).await?;
    let wrong = faults(&typed, population, &judged);
    let form = wrong.into_iter().fold(empty_form(&ctx, &seen), |form, (field, fault)| form.wrong(field, fault));
    if form.has_errors() {
        return again(form);
    }
    match tried(&ctx, &person, &typed.current).await? {
        Tried::Wrong => return again(form.wrong("current", Fault::WrongPassword)),
        Tried::Wait(minutes) => return again(form.refused(Fault::TooManyTries(minutes))),
        Tried::Right => {}
    }
    match Change::prepare(&ctx, &visit, &person, of, &typed.new).await?.run(&ctx).await? {
        None => Ok(ctx.see_other(&here)),
        Some(browser) => {
            let mut response = ctx.see_other(&overview_url(&ctx, &seen, Some(Done::Password)));
            ctx.set_browser(&mut response, &browser);
            Ok(response)
        }
    }
}

fn read(body: &[u8]) -> Typed {
    let typed = |field| Secret::new(value(body, field).unwrap_or_default());
    Typed { current: typed("current"), new: typed("password"), repeated: typed("password_repeat") }
}

fn empty_form(ctx: &Ctx, seen: &Seen) -> Form {
    Form::to(ctx.realm.urls.account_from(paths::ACCOUNT_PASSWORD, seen.client_id()))
}

fn view(ctx: &Ctx, seen: &Seen, person: &Person, form: Form) -> PasswordPage {
    let population = ctx.realm.document.population(&person.account.population);
    PasswordPage {
        form,
        of: person.session.id.to_string(),
        username: person.account.email.clone(),
        rule: population.map(|population| population.password).unwrap_or_default(),
        repeat_password: repeats(population),
        back_url: overview_url(ctx, seen, None),
    }
}

/// What is wrong with the new password as such. User name, names and fund are guessed first.
async fn judged(ctx: &Ctx, person: &Person, population: Option<&Population>, new: &Secret) -> Result<Vec<Fault>> {
    let account = &person.account;
    let names = [account.first_name.clone(), account.last_name.clone()].into_iter().flatten();
    let words = [account.email.clone(), ctx.realm.document.name.clone()].into_iter().chain(names).collect();
    let rule = population.map(|population| population.password).unwrap_or_default();
    password::judge_in_turn(&ctx.app, rule, new, words).await
}

/// What came of the present password.
enum Tried {
    /// It is right.
    Right,
    /// It is not.
    Wrong,
    /// It was not looked at: so many minutes still.
    Wait(u32),
}

/// Takes a try from the same count as sign-in, then verifies. Whoever guesses in the owner's own session is told of as one at the door.
async fn tried(ctx: &Ctx, person: &Person, current: &Secret) -> Result<Tried> {
    let (realm, now, id, browser) = (ctx.realm.clone(), ctx.now, person.account.id, person.session.browser);
    let take = move |tx: &mut Tx<'_>| {
        let subject = signin::password_tries_of(tx, &realm, id, browser)?;
        let taken = limits::take_try(tx, Counter::Password, subject, now, realm.policy())?;
        let alarming = taken == Taken::Granted && limits::is_alarming(tx, Counter::Password, subject, realm.policy())?;
        Ok((subject, taken, alarming))
    };
    let (subject, taken, alarming) = ctx.app.db.write(ctx.realm.id, take).await?;
    match taken {
        Taken::Granted => {}
        Taken::Wait { until } => return Ok(Tried::Wait(minutes(until.since(now)))),
        Taken::Locked => return Ok(Tried::Wait(minutes(ctx.realm.policy().longest_delay()))),
    }
    match password::verify(&ctx.app, current, Some(&person.account.password_hash)).await {
        Ok(true) => Ok(Tried::Right),
        Ok(false) => {
            let actor = Actor::Account(person.account.id);
            let event = Event::new(&ctx.app, now, "password.change_refused", actor).about(person.account.id);
            let (kind, occasion) = (Kind::SignInLocked { password_known: false }, Occasion::of(ctx));
            let notice = notice::prepare(&ctx.app, &ctx.realm, now, &person.account, kind, &occasion)?;
            let noted = move |tx: &mut Tx<'_>| {
                if alarming {
                    notice.leave_once_a_day(tx)?;
                }
                record(tx, &event)
            };
            ctx.app.db.write(ctx.realm.id, noted).await?;
            if alarming {
                ctx.app.outbox_wake.notify_one();
            }
            Ok(Tried::Wrong)
        }
        Err(Failure::Busy(why)) => {
            let back = move |tx: &mut Tx<'_>| limits::give_back(tx, Counter::Password, subject, now);
            ctx.app.db.write(ctx.realm.id, back).await?;
            Err(Failure::Busy(why))
        }
        Err(failure) => Err(failure),
    }
}

/// A change of password, ready for its transaction.
#[derive(Clone)]
struct Change {
    visit: Visit,
    of: Option<SessionId>,
    /// The hash that was verified.
    verified: String,
    hash: String,
    secret: Secret,
    changed: Event,
    notice: notice::Prepared,
}

impl Change {
    async fn prepare(ctx: &Ctx, visit: &Visit, person: &Person, of: Option<SessionId>, new: &Secret) -> Result<Self> {
        let (account, occasion) = (&person.account, Occasion::of(ctx));
        Ok(Self {
            notice: notice::prepare(&ctx.app, &ctx.realm, ctx.now, account, Kind::PasswordChanged, &occasion)?,
            visit: visit.clone(),
            of,
            verified: person.account.password_hash.clone(),
            hash: password::hash(&ctx.app, new).await?,
            secret: ctx.app.entropy.secret(),
            changed: changed(&ctx.app, ctx.now, person),
        })
    }

    /// The browser's new handle; `None` when sign-in or password have changed meanwhile.
    async fn run(self, ctx: &Ctx) -> Result<Option<Handle<BrowserId>>> {
        let changed = ctx.app.db.write(ctx.realm.id, move |tx| self.change(tx)).await?;
        ctx.app.outbox_wake.notify_one();
        Ok(changed)
    }

    fn change(&self, tx: &mut Tx<'_>) -> Result<Option<Handle<BrowserId>>> {
        let (now, policy) = (self.visit.now, self.visit.realm.policy());
        let Some(Person { session, account }) = self.visit.at_work(tx, PAGE, self.of)? else {
            return Ok(None);
        };
        if !account::set_password(tx, account.id, &self.verified, &self.hash, now)? {
            return Ok(None);
        }
        signin::forget_wrong_passwords(tx, &self.visit.realm, account.id, session.browser)?;
        let ended = session::end_all(tx, account.id, Some(session.id), now)?;
        flow::forget_proofs(tx, account.id)?;
        session::forget_devices(tx, account.id, Some(session.browser))?;
        session::rotate(tx, session.browser, self.secret.digest(), now, now.plus(policy.browser()))?;
        self.notice.leave(tx)?;
        record(tx, &self.changed.clone().with("sessions", ended))?;
        Ok(Some(Handle { id: session.browser, secret: self.secret.clone() }))
    }
}

fn changed(app: &App, now: Timestamp, person: &Person) -> Event {
    Event::new(app, now, "password.changed", Actor::Account(person.account.id)).about(person.account.id)
}
