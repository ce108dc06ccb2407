//! The code from the mail. Until it was right, known and unknown names look the same.

use super::mail::{Code, Sending, addressee, pause};
use super::pages::CodePage;
use super::routes::elsewhere;
use super::rules::{Next, Progress, Proof, Stand, next_step};
use super::store::{self, Recovery};
use super::visit::{Seen, Visit};
use crate::access::factor::asked::{self, On, Sending as SmsSending, To};
use crate::access::factor::{otp, typed_digits};
use crate::access::session;
use crate::access::signin::TypedName;
use crate::error::{Failure, Result};
use crate::operations::audit::{Actor, Event, record};
use crate::store::Tx;
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form, Resend, minutes, seconds};
use crate::web::layers;
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::id::{BrowserId, ChallengeId};
use poterne_protocol::secret::{Handle, Secret};

/// A reset that waits for the code from the mail.
struct Waiting {
    seen: Seen,
    recovery: Recovery,
    challenge: ChallengeId,
    typed: String,
    name: TypedName,
}

/// What came of a typed code.
enum Checked {
    /// It is right: go on, under a new secret of the browser.
    Right(Handle<BrowserId>),
    /// It is not, or leads nowhere.
    Wrong,
    /// No tries are left.
    UsedUp,
    /// It is too old.
    Expired,
    /// The reset has moved on meanwhile: look again.
    Moved,
}

/// The page.
pub(super) async fn page(ctx: Ctx, Path(id): Path<String>) -> Result<Response> {
    match waiting(&ctx, &id).await? {
        Err(response) => Ok(response),
        Ok((visit, waiting)) => waiting.reply(&ctx, &visit, None, false).await,
    }
}

/// The posted form.
pub(super) async fn submit(ctx: Ctx, Path(id): Path<String>, body: Bytes) -> Result<Response> {
    let (visit, waiting) = match waiting(&ctx, &id).await? {
        Err(response) => return Ok(response),
        Ok(found) => found,
    };
    let fields = Posted::parse(&body);
    match fields.get("action") {
        "cancel" => return Ok(ctx.see_other(&waiting.seen.portal.onward(&ctx))),
        "resend" => return resend(&ctx, &visit, &waiting).await,
        _ => {}
    }
    let typed = fields.get("code");
    let Some(digits) = typed_digits(typed) else {
        let fault = if typed.trim().is_empty() { Fault::Required } else { Fault::DigitsFormat };
        return waiting.reply(&ctx, &visit, Some(fault), false).await;
    };
    match confirm(&ctx, &visit, &waiting, digits).await? {
        Checked::Right(browser) => {
            ctx.app.outbox_wake.notify_one();
            let visit = Visit { presented: Some(browser.clone()), ..visit };
            let mut response = elsewhere(&ctx, &visit, &visit.look(&ctx).await?)?;
            ctx.set_browser(&mut response, &browser);
            Ok(response)
        }
        Checked::Moved => Ok(ctx.see_other(&ctx.realm.urls.recovery_code(visit.id))),
        Checked::Wrong => waiting.reply(&ctx, &visit, Some(Fault::DigitsWrong), false).await,
        Checked::UsedUp => waiting.reply(&ctx, &visit, Some(Fault::DigitsUsedUp), false).await,
        Checked::Expired => match sent_again(&ctx, &visit, &waiting).await? {
            Some(Sending::Sent) => waiting.reply(&ctx, &visit, Some(Fault::DigitsExpired), true).await,
            _ => waiting.reply(&ctx, &visit, Some(Fault::DigitsUsedUp), false).await,
        },
    }
}

/// The reset that waits for its code, or where the request goes instead.
async fn waiting(ctx: &Ctx, id: &str) -> Result<Result<(Visit, Waiting), Response>> {
    let Some(visit) = Visit::of(ctx, id) else {
        return Ok(Err(layers::not_found()));
    };
    let seen = visit.look(ctx).await?;
    let found = seen.recovery.clone().and_then(|recovery| match (seen.stand, recovery.progress) {
        (Stand::Code, Progress::Requested { challenge }) => Some((recovery, challenge)),
        _ => None,
    });
    let Some((recovery, challenge)) = found else {
        return elsewhere(ctx, &visit, &seen).map(Err);
    };
    let typed = recovery.typed(&ctx.realm)?;
    let name = TypedName::read(&ctx.realm, &typed, ctx.now);
    Ok(Ok((visit, Waiting { seen, recovery, challenge, typed, name })))
}

impl Waiting {
    fn to(&self) -> super::mail::Addressee<'_> {
        addressee(&self.recovery, &self.seen, &self.name)
    }

    async fn reply(&self, ctx: &Ctx, visit: &Visit, fault: Option<Fault>, just_sent: bool) -> Result<Response> {
        let (subject, now) = (self.to().subject(&ctx.realm)?, ctx.now);
        let wait = ctx.app.db.read(ctx.realm.id, move |rx| pause(rx, subject, now)).await?.unwrap_or_default();
        let form = Form::to(ctx.realm.urls.recovery_code(visit.id));
        let form = match fault {
            None => form,
            Some(fault @ (Fault::ResendTooSoon(_) | Fault::ResendUsedUp)) => form.refused(fault),
            Some(fault) => form.wrong("code", fault),
        };
        let wrong = form.has_errors();
        let page = CodePage {
            form,
            typed: self.typed.clone(),
            minutes: minutes(ctx.realm.policy().otp()),
            resend: Resend { wait_seconds: seconds(wait), just_sent },
        };
        if wrong { ctx.page_again(&page, self.seen.client()) } else { ctx.page(&page, self.seen.client()) }
    }
}

/// Compares, after the same work for everybody; if the code is right and the account stands, the reset goes on, and a code leaves for its phone where that is asked next.
async fn confirm(ctx: &Ctx, visit: &Visit, waiting: &Waiting, digits: String) -> Result<Checked> {
    let first = waiting.seen.means.as_ref().and_then(|means| Some((means, means.first()?)));
    let sms = match first {
        Some((means, factor)) => {
            let to = To { on: On::Reset(visit.id), account: &means.account, factor };
            asked::Code::new(&ctx.app, &ctx.realm, ctx.now, &to, None)?
        }
        None => None,
    };
    if sms.is_none() {
        // Whoever gets no text message costs the work of one: nobody is told apart by the time.
        asked::pretend(&ctx.app, &ctx.realm, ctx.now, ctx.lang)?;
    }
    let confirming = Confirming {
        visit: visit.clone(),
        bound: waiting.to().bound(visit.id),
        challenge: waiting.challenge,
        digits,
        sms,
        secret: ctx.app.entropy.secret(),
        accepted: Event::new(&ctx.app, ctx.now, "password.reset_code_accepted", Actor::Visitor),
        failed: Event::new(&ctx.app, ctx.now, "password.reset_code_failed", Actor::Visitor),
    };
    ctx.app.db.write(ctx.realm.id, move |tx| confirming.run(tx)).await
}

struct Confirming {
    visit: Visit,
    bound: otp::Bound,
    challenge: ChallengeId,
    digits: String,
    sms: Option<asked::Code>,
    secret: Secret,
    accepted: Event,
    failed: Event,
}

impl Confirming {
    fn run(&self, tx: &mut Tx<'_>) -> Result<Checked> {
        let visit = &self.visit;
        let seen = visit.see(tx)?;
        let Some(recovery) = &seen.recovery else {
            return Ok(Checked::Moved);
        };
        if seen.stand != Stand::Code || recovery.progress != (Progress::Requested { challenge: self.challenge }) {
            return Ok(Checked::Moved);
        }
        let about = |event: &Event| match recovery.account {
            Some(account) => event.clone().about(account),
            None => event.clone().about("unknown"),
        };
        let refused = match otp::check(tx, &visit.realm, visit.now, self.challenge, &self.bound, &self.digits)? {
            otp::Checked::Right => None,
            otp::Checked::Wrong { left } => {
                record(tx, &about(&self.failed))?;
                Some(if left > 0 { Checked::Wrong } else { Checked::UsedUp })
            }
            // Not looked at: what can be repeated for ever leaves no trace.
            otp::Checked::Spent => Some(Checked::UsedUp),
            otp::Checked::Expired => Some(Checked::Expired),
        };
        if let Some(refused) = refused {
            return Ok(refused);
        }
        let progress = match next_step(&recovery.progress, Proof::Mail, seen.person(visit).as_ref()) {
            Next::Refuse => {
                record(tx, &about(&self.failed).with("reason", "not active"))?;
                return Ok(Checked::Wrong);
            }
            Next::Factor(factor) => {
                let sent = match self.sms.as_ref().filter(|code| code.to.id == factor) {
                    Some(code) => Some(code.start(tx, &visit.realm)?),
                    None => None,
                };
                let challenge = match sent {
                    Some(SmsSending::Sent(challenge)) => Some(challenge),
                    _ => None,
                };
                Progress::MailConfirmed { factor: Some(factor), challenge }
            }
            Next::Password | Next::Letter => Progress::MailConfirmed { factor: None, challenge: None },
            Next::Set => return Err(Failure::internal("a code never sets a password")),
        };
        store::save(tx, recovery, progress)?;
        record(tx, &about(&self.accepted))?;
        let until = visit.now.plus(visit.realm.policy().browser());
        session::rotate(tx, recovery.browser, self.secret.digest(), visit.now, until)?;
        Ok(Checked::Right(Handle { id: recovery.browser, secret: self.secret.clone() }))
    }
}

async fn resend(ctx: &Ctx, visit: &Visit, waiting: &Waiting) -> Result<Response> {
    match sent_again(ctx, visit, waiting).await? {
        Some(Sending::Sent) => waiting.reply(ctx, visit, None, true).await,
        Some(Sending::TooSoon(wait)) => waiting.reply(ctx, visit, Some(Fault::ResendTooSoon(seconds(wait))), false).await,
        Some(Sending::UsedUp | Sending::Spent) => waiting.reply(ctx, visit, Some(Fault::ResendUsedUp), false).await,
        None => Ok(ctx.see_other(&ctx.realm.urls.recovery_code(visit.id))),
    }
}

/// Sends another code: of the running challenge, else (its tries are spent) of a new one. `None`: another request was first.
async fn sent_again(ctx: &Ctx, visit: &Visit, waiting: &Waiting) -> Result<Option<Sending>> {
    let resent = Event::new(&ctx.app, ctx.now, "password.reset_code_resent", Actor::Visitor);
    let resent = match waiting.recovery.account {
        Some(account) => resent.about(account),
        None => resent.about("unknown"),
    };
    let again = Code::new(ctx, visit.id, &waiting.to(), Some(waiting.challenge))?;
    let anew = Code::new(ctx, visit.id, &waiting.to(), None)?;
    let (visiting, challenge) = (visit.clone(), waiting.challenge);
    let send = move |tx: &mut Tx<'_>| {
        let seen = visiting.see(tx)?;
        let found = seen.recovery.filter(|recovery| recovery.progress == Progress::Requested { challenge });
        let (Stand::Code, Some(recovery)) = (seen.stand, found) else {
            return Ok(None);
        };
        let mut sending = again.resend(tx, &visiting.realm)?;
        if sending == Sending::Spent {
            sending = anew.start(tx, &visiting.realm)?;
            if sending == Sending::Sent {
                store::save(tx, &recovery, Progress::Requested { challenge: anew.challenge() })?;
            }
        }
        if sending == Sending::Sent {
            record(tx, &resent)?;
        }
        Ok(Some(sending))
    };
    let sending = ctx.app.db.write(ctx.realm.id, send).await?;
    ctx.app.outbox_wake.notify_one();
    Ok(sending)
}
