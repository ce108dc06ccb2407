//! Step 1 as one write: the try is counted, the code looked up, the identifiers compared, the enrollment begun or taken up again.

use super::draft::Draft;
use super::identify::{Facts, Identification, Typed, identify, terms_at_identification};
use super::routes::page_of;
use super::rules::Step;
use super::store::{self, NewEnrollment, SealedDraft};
use super::vouching::Vouched;
use crate::access::session;
use crate::directory::registry::{Entry, EntryStatus};
use crate::directory::{account, registry};
use crate::error::Result;
use crate::onboarding::code::{self, Code};
use crate::operations::audit::{self, Actor, Event};
use crate::operations::limits::{self, Counter, Taken};
use crate::realm::Realm;
use crate::settings::Population;
use crate::store::{Rx, Tx};
use crate::vault::Purpose;
use crate::web::context::Ctx;
use poterne_protocol::id::{BrowserId, EnrollmentId, EntryId, FlowId};
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Everything a try needs, made outside its transaction.
pub struct Attempt {
    realm: Arc<Realm>,
    now: Timestamp,
    population: String,
    code: Vec<Digest>,
    identifiers: Vec<(String, Vec<Digest>)>,
    subjects: [Digest; 2],
    address: Option<Digest>,
    presented: Option<Handle<BrowserId>>,
    fresh: Handle<BrowserId>,
    new: NewEnrollment,
    terms_version: Option<u32>,
    started: Event,
    refused: Event,
    /// The host's word, where it was asked for: between the look at who is in question and the try itself.
    vouched: OnceLock<Vouched>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An enrollment was begun, or the browser's own with the same code goes on at this step.
    Go {
        /// The enrollment.
        id: EnrollmentId,
        /// Its furthest page.
        step: Step,
        /// Whether the browser row is new, so that its cookie must be set.
        new_browser: bool,
    },
    /// The code is for the page of this other population.
    Elsewhere(String),
    /// No, and why not as far as it may be said.
    No(Identification),
}

impl Attempt {
    /// Prepares a try with well-formed answers.
    pub fn new(ctx: &Ctx, population: &Population, typed: &Typed, flow: Option<FlowId>) -> Result<Self> {
        let (realm, now, entropy) = (ctx.realm.clone(), ctx.now, &ctx.app.entropy);
        let vault = &realm.vault;
        let lookup = |kind: &str, text: &str| vault.digest(Purpose::Lookup, kind, text).map(|(_, digest)| digest);
        let joined: Vec<&str> = typed.identifiers.iter().map(|(_, value)| value.as_str()).collect();
        let subjects = [lookup("tried-person", &joined.join("\n"))?, lookup("tried-code", typed.code.expose())?];
        let digests = |(field, value): &(String, String)| (field.clone(), vault.digests(Purpose::Lookup, field, value));
        let id = EnrollmentId::new(now, entropy.bytes());
        let draft = Draft::Identified { who: typed.who.clone() };
        let fresh = entropy.handle(|random| BrowserId::new(now, random));
        let event = |kind| Event::new(&ctx.app, now, kind, Actor::Visitor).with("population", population.key.as_str());
        Ok(Self {
            now,
            population: population.key.clone(),
            code: code::digests(vault, &typed.code),
            identifiers: typed.identifiers.iter().map(digests).collect(),
            subjects,
            address: ctx.address.map(|address| lookup("address", &limits::network(address))).transpose()?,
            presented: ctx.browser.clone(),
            fresh,
            new: NewEnrollment {
                flow,
                population: population.key.clone(),
                at: now,
                expires_at: now.plus(realm.policy().enrollment()),
                state: SealedDraft::new(vault, entropy, id, &draft)?,
            },
            terms_version: terms_at_identification(population, realm.day(now)).map(|terms| terms.number),
            started: event("enrollment.started").about(id),
            refused: event("enrollment.refused"),
            vouched: OnceLock::new(),
            realm,
        })
    }

    /// The browser handle to set as cookie when the outcome says that it is new.
    #[must_use]
    pub fn fresh_browser(&self) -> &Handle<BrowserId> {
        &self.fresh
    }

    /// The entry about which the host is to be asked: whose code was typed on the right page, that does not match by itself, and for which a
    /// try would be granted. Without such a code nobody learns anything from the host.
    pub fn in_question(&self, rx: &mut Rx<'_>) -> Result<Option<Entry>> {
        let Some(code) = code::by_digest(rx, &self.code)?.filter(|code| code.population == self.population) else {
            return Ok(None);
        };
        let (policy, counted) = (self.realm.policy(), self.counted(Some(&code)));
        let full = match self.address {
            Some(address) => {
                limits::is_reached(rx, Counter::ActivationAddress, address, self.now, policy.code_tries_per_address)?
            }
            None => false,
        };
        if full || limits::must_wait(rx, Counter::ActivationCode, &counted, self.now, policy)? {
            return Ok(None);
        }
        let known = registry::matches(&registry::identifiers(rx, code.entry)?, &self.identifiers);
        Ok(registry::load(rx, code.entry)?.filter(|entry| !known && entry.status == EntryStatus::Active))
    }

    /// Notes the host's word.
    pub fn hear(&self, vouched: Vouched) {
        // Said once, before the try: a second word cannot come.
        drop(self.vouched.set(vouched));
    }

    /// Tries.
    pub fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome> {
        let found = code::by_digest(tx, &self.code)?;
        if !self.may_try(tx, found.as_ref())? {
            return self.refuse(tx, found.as_ref(), Identification::NotRecognised("locked"));
        }
        match (self.judge(tx, found.as_ref())?, &found) {
            (Identification::Recognised, Some(code)) => {
                self.forgive(tx, code)?;
                self.vouched.get().map_or(Ok(()), |vouched| vouched.keep(tx, self.now))?;
                self.begin(tx, code)
            }
            (Identification::OtherPage, Some(code)) if self.realm.document.population(&code.population).is_some() => {
                let given_back = |subject| limits::give_back(tx, Counter::ActivationCode, subject, self.now);
                self.counted(Some(code)).into_iter().try_for_each(given_back)?;
                self.refuse(tx, Some(code), Identification::OtherPage)?;
                Ok(Outcome::Elsewhere(code.population.clone()))
            }
            (no @ (Identification::NotRecognised(_) | Identification::OtherPage), _) => {
                if let Some(address) = self.address {
                    let limit = self.realm.policy().code_tries_per_address;
                    limits::count_event(tx, Counter::ActivationAddress, address, self.now, limit, HOUR)?;
                }
                self.refuse(tx, found.as_ref(), no)
            }
            (known, code) => {
                if let Some(code) = code {
                    self.forgive(tx, code)?;
                }
                self.refuse(tx, code.as_ref(), known)
            }
        }
    }

    /// Takes the try for the person typed, the code typed and the entry it belongs to, known or not; and asks whether the address
    /// has wrong tries left.
    fn may_try(&self, tx: &mut Tx<'_>, found: Option<&Code>) -> Result<bool> {
        let policy = self.realm.policy();
        if let Some(address) = self.address
            && limits::is_reached(tx, Counter::ActivationAddress, address, self.now, policy.code_tries_per_address)?
        {
            return Ok(false);
        }
        let taken = limits::take_tries(tx, Counter::ActivationCode, &self.counted(found), self.now, policy)?;
        Ok(taken == Taken::Granted)
    }

    fn counted(&self, found: Option<&Code>) -> Vec<Digest> {
        let entry = found.map(|code| Digest::of(code.entry.as_bytes()));
        self.subjects.into_iter().chain(entry).collect()
    }

    fn forgive(&self, tx: &mut Tx<'_>, code: &Code) -> Result<()> {
        self.counted(Some(code)).into_iter().try_for_each(|subject| limits::succeed(tx, Counter::ActivationCode, subject))
    }

    fn judge(&self, rx: &mut Rx<'_>, found: Option<&Code>) -> Result<Identification> {
        // An unknown code asks for nobody's rows, so that the work is the same.
        let entry = found.map_or(EntryId::from_bytes([0; 16]), |code| code.entry);
        let values = registry::identifiers(rx, entry)?;
        let status = registry::load(rx, entry)?.map(|entry| entry.status);
        let account = account::by_entry(rx, entry)?;
        let cut_since = found.zip(account.as_ref()).is_some_and(|(code, account)| account.is_cut_since(code.issued_at));
        let newer = match found.map(|code| code.state) {
            Some(code::CodeState::Revoked { replaced_by: Some(newer), .. }) => code::load(rx, newer)?.map(|code| code.issued_at),
            _ => None,
        };
        let vouched = self.vouched.get().is_some_and(|vouched| vouched.entry == entry);
        let matches = registry::matches(&values, &self.identifiers) || vouched;
        let (population, has_account) = (self.population.as_str(), account.is_some());
        let facts = Facts { code: found, population, matches, status, has_account, cut_since, newer };
        Ok(identify(&facts, self.now))
    }

    fn refuse(&self, tx: &mut Tx<'_>, found: Option<&Code>, why: Identification) -> Result<Outcome> {
        let reason = match why {
            Identification::NotRecognised(reason) => reason,
            Identification::OtherPage => "other_population",
            Identification::Used => "used",
            Identification::AccountExists => "account_exists",
            Identification::Expired => "expired",
            Identification::Replaced(_) => "replaced",
            Identification::Recognised => "recognised",
        };
        let event = self.refused.clone().with("reason", reason);
        audit::record(tx, &found.map_or(event.clone(), |code| event.about(code.entry)))?;
        Ok(Outcome::No(why))
    }

    fn begin(&self, tx: &mut Tx<'_>, code: &Code) -> Result<Outcome> {
        let realm = &self.realm;
        let until = self.now.plus(realm.policy().browser());
        let (browser, new_browser) = session::settle(tx, self.presented.as_ref(), &self.fresh, self.now, until)?;
        if let Some((id, step)) = self.own_draft(tx, browser, code)? {
            if let Some(flow) = self.new.flow {
                store::set_flow(tx, id, flow)?;
            }
            return Ok(Outcome::Go { id, step, new_browser });
        }
        store::insert(tx, browser, code.id, code.entry, &self.new)?;
        code::hold(tx, code.id, self.new.state.id)?;
        let started = self.started.clone().with("entry", code.entry.to_string());
        let supersedes = code.enrollment.map(|former| former.to_string());
        audit::record(tx, &supersedes.map_or(started.clone(), |former| started.with("supersedes", former)))?;
        Ok(Outcome::Go { id: self.new.state.id, step: Step::Data, new_browser })
    }

    /// The draft that holds the code, if it is this browser's and can go on: code and identifiers were just proven again.
    fn own_draft(&self, rx: &mut Rx<'_>, browser: BrowserId, code: &Code) -> Result<Option<(EnrollmentId, Step)>> {
        let Some(id) = code.enrollment else {
            return Ok(None);
        };
        let row = store::load(rx, id)?.filter(|row| row.browser == browser && row.population == self.population);
        let Some(row) = row.filter(|row| self.now < row.expires_at) else {
            return Ok(None);
        };
        let draft = row.draft(&self.realm.vault)?;
        let accepted = draft.who().map(|who| who.terms.as_ref().map(|terms| terms.version));
        let population = self.realm.document.population(&row.population);
        Ok(population
            .filter(|_| accepted == Some(self.terms_version))
            .map(|population| (id, page_of(&draft, population, row.expires_at, self.now))))
    }
}
