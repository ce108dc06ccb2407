//! The one write that ends an enrollment: everything it needs is prepared before, every condition is asked again within.

use super::draft::{AcceptedTerms, ChosenFactor, Proven};
use super::identify::terms_at_identification;
use super::pages::StopReason;
use super::portal::Portal;
use super::registration::{NewRegistration, Obstacle};
use super::replacement::{Renewed, Replacement};
use super::steps::Opened;
use super::store::{self, SealedDraft};
use crate::access::factor::NewFactor;
use crate::access::factor::sms::PhoneNumber;
use crate::access::factor::totp::TotpSecret;
use crate::access::flow::{self, Progress};
use crate::access::notice::{self, Occasion};
use crate::access::session::{self, NewSession};
use crate::app::App;
use crate::directory::account::{self, NewAccount};
use crate::directory::terms::NewAcceptance;
use crate::error::{Failure, Result};
use crate::onboarding::code::{self, Code, CodeState};
use crate::operations::audit::{self, Actor, Event};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use poterne_protocol::claims::level::{Amr, amr};
use poterne_protocol::id::{AcceptanceId, AccountId, BrowserId, SessionId};
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// What was made: the browser's new handle, to be set as cookie.
#[derive(Clone)]
pub(super) struct Ending {
    /// `None` where nobody was signed in, because the account is suspended.
    pub(super) browser: Option<Handle<BrowserId>>,
}

/// What came of a completion.
pub(super) enum Finished {
    /// The account exists, and the browser has a session.
    Done(Ending),
    /// A condition was lost meanwhile; nothing was made.
    Lost(StopReason),
}

/// What a completion makes.
enum Making {
    /// An account, with the mail that says so.
    Account(Box<NewRegistration>, Box<notice::Prepared>),
    /// New credentials for an account there is.
    Credentials(Box<Replacement>),
}

impl Making {
    fn obstacle(&self, rx: &mut Rx<'_>, code: &Code) -> Result<Option<Obstacle>> {
        match self {
            Self::Account(registration, _) => registration.obstacle(rx),
            Self::Credentials(replacement) => replacement.obstacle(rx, code),
        }
    }

    fn run(&self, tx: &mut Tx<'_>, realm: &Realm, browser: BrowserId) -> Result<()> {
        match self {
            Self::Account(registration, mail) => {
                registration.insert(tx)?;
                mail.leave(tx)
            }
            Self::Credentials(replacement) => replacement.run(tx, realm, browser),
        }
    }
}

/// A completion, prepared outside its transaction.
pub(super) struct Completion {
    realm: Arc<Realm>,
    now: Timestamp,
    row: store::Row,
    making: Making,
    terms_are_current: bool,
    session: NewSession,
    browser: Handle<BrowserId>,
    completed: SealedDraft,
    events: [Event; 2],
    signed_in: Event,
}

impl Completion {
    /// Prepares a completion. `totp_step` is the step whose code confirmed an app.
    pub(super) fn new(ctx: &Ctx, opened: &Opened, proven: &Proven, totp_step: Option<i64>) -> Result<Self> {
        let (app, realm, now) = (&ctx.app, ctx.realm.as_ref(), ctx.now);
        let own = opened.whose.account();
        let id = own.map_or_else(|| AccountId::new(now, app.entropy.bytes()), |account| account.id);
        let factor = match &proven.factor {
            None => None,
            Some(chosen) => Some((chosen.kind(), new_factor(app, realm, now, id, chosen, totp_step)?)),
        };
        let accepted = proven.confirmed.entered.who.terms.as_ref();
        let current = terms_at_identification(&opened.population, realm.day(now)).map(|terms| terms.number);
        let channel = if own.is_some() { "recovery" } else { "registration" };
        let acceptance = accepted.map(|accepted| acceptance(app, now, (id, channel), &opened.row.population, accepted));
        let methods: Vec<Amr> = [Amr::Pwd].into_iter().chain(proven.factor.as_ref().map(amr_of)).collect();
        let actor = Actor::Account(id);
        let event = |kind| Event::new(app, now, kind, actor.clone());
        let occasion = Occasion::of(ctx);
        let making = match own {
            None => {
                let account = new_account(ctx, opened, proven, id);
                let portal_url = opened.portal.as_ref().and_then(|portal| portal.client.client_uri.clone());
                let mail = notice::created(app, realm, &account, portal_url, &occasion)?;
                Making::Account(Box::new(NewRegistration::new(app, account, factor, acceptance, &actor)), Box::new(mail))
            }
            Some(account) => {
                let proven = Renewed { confirmed: &proven.confirmed, level: session::level_of(&methods), factor, acceptance };
                Making::Credentials(Box::new(Replacement::new(ctx, account, opened.row.entry, proven)?))
            }
        };
        Ok(Self {
            realm: ctx.realm.clone(),
            now,
            row: opened.row.clone(),
            making,
            terms_are_current: accepted.map(|accepted| accepted.version) == current,
            session: NewSession {
                id: SessionId::new(now, app.entropy.bytes()),
                account: id,
                auth_time: now,
                amr: amr(&methods),
                expires_at: now.plus(realm.policy().session()),
                device: occasion.device(),
                place: occasion.place(app, ctx.lang),
            },
            browser: Handle { id: opened.row.browser, secret: app.entropy.secret() },
            completed: SealedDraft::new(&realm.vault, &app.entropy, opened.row.id, &proven.completed(id))?,
            events: [
                event("code.redeemed").about(opened.row.code),
                event("enrollment.completed").about(opened.row.id).with("account", id.to_string()),
            ],
            signed_in: event("login.succeeded").about(id).with("how", "enrollment"),
        })
    }

    /// Makes the account, or gives it its new credentials, or nothing at all.
    pub(super) fn run(&self, tx: &mut Tx<'_>) -> Result<Finished> {
        if let Some(reason) = self.lost(tx)? {
            return Ok(Finished::Lost(reason));
        }
        let (now, id) = (self.now, self.session.account);
        if !code::redeem(tx, self.row.code, self.row.id, now)? {
            return Ok(Finished::Lost(StopReason::CodeGone));
        }
        self.making.run(tx, &self.realm, self.row.browser)?;
        code::name_redeemer(tx, self.row.code, id)?;
        if !store::save(tx, self.row.version, &self.completed)? {
            return Err(Failure::internal("an enrollment moved within a transaction"));
        }
        self.events.iter().try_for_each(|event| audit::record(tx, event))?;
        // Suspended stays suspended, whatever was proven.
        let may_sign_in = account::load(tx, id)?.is_some_and(|account| account.is_active(now));
        let browser = if may_sign_in { Some(self.sign_in(tx)?) } else { None };
        Ok(Finished::Done(Ending { browser }))
    }

    /// Everything is proven: the session, under a new secret of the browser, and the flow that knows of it.
    fn sign_in(&self, tx: &mut Tx<'_>) -> Result<Handle<BrowserId>> {
        let (now, policy) = (self.now, self.realm.policy());
        let session = session::establish(tx, self.row.browser, &self.session, policy)?;
        session::rotate(tx, self.row.browser, self.browser.secret.digest(), now, now.plus(policy.browser()))?;
        session::note_device(tx, self.session.account, self.row.browser, now)?;
        account::note_login(tx, self.session.account, now)?;
        if let Some(portal) = Portal::load(tx, Some(self.row.browser), self.row.flow)?
            && portal.flow.is_open(now)
        {
            flow::save(tx, &portal.flow, &Progress::Authenticated { session: session.id, at: now })?;
        }
        audit::record(tx, &self.signed_in)?;
        Ok(self.browser.clone())
    }

    /// Which condition was lost while the person went through the steps.
    fn lost(&self, rx: &mut Rx<'_>) -> Result<Option<StopReason>> {
        let Some(code) = code::load(rx, self.row.code)? else {
            return Ok(Some(StopReason::CodeGone));
        };
        if matches!(code.state, CodeState::Redeemed { .. }) {
            return Ok(Some(StopReason::AccountExists));
        }
        if !code.is_live(self.now) {
            return Ok(Some(StopReason::CodeGone));
        }
        if code.enrollment != Some(self.row.id) {
            return Ok(Some(StopReason::Superseded));
        }
        if !self.terms_are_current {
            return Ok(Some(StopReason::TermsChanged));
        }
        Ok(self.making.obstacle(rx, &code)?.map(|obstacle| match obstacle {
            Obstacle::NotWithTheFund => StopReason::CodeGone,
            Obstacle::AccountExists => StopReason::AccountExists,
            Obstacle::EmailTaken => StopReason::EmailTaken,
        }))
    }
}

fn new_account(ctx: &Ctx, opened: &Opened, proven: &Proven, id: AccountId) -> NewAccount {
    let (data, confirmed) = (&proven.confirmed.entered.data, &proven.confirmed);
    let methods: Vec<Amr> = [Amr::Pwd].into_iter().chain(proven.factor.as_ref().map(amr_of)).collect();
    NewAccount {
        id,
        population: opened.row.population.clone(),
        entry: opened.row.entry,
        email: data.email.clone(),
        language: ctx.lang,
        title: data.title.clone(),
        last_name: data.last_name.clone(),
        first_name: data.first_name.clone(),
        password_hash: data.password_hash.clone(),
        level: session::level_of(&methods),
        email_verified_at: confirmed.email_confirmed_at,
        at: ctx.now,
    }
}

const fn amr_of(factor: &ChosenFactor) -> Amr {
    match factor {
        ChosenFactor::Sms { .. } => Amr::Sms,
        ChosenFactor::Totp { .. } => Amr::Otp,
    }
}

fn new_factor(
    app: &App,
    realm: &Realm,
    now: Timestamp,
    account: AccountId,
    chosen: &ChosenFactor,
    totp_step: Option<i64>,
) -> Result<NewFactor> {
    match chosen {
        ChosenFactor::Sms { number, .. } => NewFactor::sms(app, realm, now, account, &PhoneNumber::from_kept(number.clone())),
        ChosenFactor::Totp { secret } => {
            NewFactor::totp(app, realm, now, account, &TotpSecret::from_bytes(secret)?, totp_step.unwrap_or(0))
        }
    }
}

fn acceptance(
    app: &App,
    now: Timestamp,
    (account, channel): (AccountId, &'static str),
    population: &str,
    accepted: &AcceptedTerms,
) -> NewAcceptance {
    NewAcceptance {
        id: AcceptanceId::new(now, app.entropy.bytes()),
        account,
        population: population.to_owned(),
        version: accepted.version,
        language: accepted.language,
        hash: Digest::from_bytes(accepted.hash),
        channel,
        at: accepted.at,
    }
}
