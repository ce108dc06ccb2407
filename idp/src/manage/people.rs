//! People by the operator's hand: entries of the registry, their activation codes, ready-made accounts.

use super::Manage;
use crate::access::factor::sms::PhoneNumber;
use crate::access::factor::totp::TotpSecret;
use crate::access::factor::{NewFactor, password};
use crate::access::session::level_of;
use crate::directory::account::{self, NewAccount, canonical_email};
use crate::directory::population::normal_form;
use crate::directory::registry::{self, Entry, EntryStatus, IdentifierValue, NewEntry};
use crate::directory::terms::{self, NewAcceptance};
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::onboarding::code::{self, Carrier, CodePurpose, NewCode, Revocation};
use crate::onboarding::enrollment::{NewRegistration, Obstacle, register};
use crate::operations::audit::{self, Actor, Event};
use crate::realm::Realm;
use crate::settings::{AcceptTerms, FactorKind, Population};
use crate::store::Rx;
use crate::vault::{Place, Purpose};
use poterne_protocol::claims::level::Amr;
use poterne_protocol::id::{AcceptanceId, AccountId, CodeId, EntryId};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;

/// A person or organisation for the registry, as the fund knows it.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The fund's own key.
    pub registry_no: String,
    /// The population it belongs to.
    pub population: String,
    /// Last name, or the organisation's name.
    pub last_name: String,
    /// First name of a person; an organisation has none.
    pub first_name: Option<String>,
    /// Language tag of its letters, such as `fr` or `rm`.
    pub language: String,
    /// Where it stands with the fund: `active`, `left` or `deceased`.
    pub status: String,
    /// `ok`, `returned` or `abroad`.
    pub address_status: String,
    /// What identifies it: the population's fields with values as people write them; a field may have several (a company's former
    /// or trading names), of which each will do. Without a value for one of them (an incomplete birth date) the person is sent to the
    /// fund's own people.
    pub identifiers: BTreeMap<String, Vec<String>>,
}

/// An account to be made without a code: for the demo, and for taking over people from an older system.
#[derive(Debug)]
pub struct NewPersonAccount {
    /// The entry of the registry.
    pub entry: EntryId,
    /// E-mail address, which is the user name.
    pub email: String,
    /// Who the account is for, where the population asks for names; a person of the registry has one already.
    pub name: Option<PersonName>,
    /// The password, judged by the population's rule.
    pub password: Secret,
    /// The second factor.
    pub factor: AccountFactor,
}

/// Who acts for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName {
    /// `ms`, `mr` or `none`.
    pub title: String,
    /// Last name.
    pub last_name: String,
    /// First name.
    pub first_name: String,
}

/// The second factor of a ready-made account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountFactor {
    /// None: the account signs in with its password alone.
    None,
    /// Codes by text message.
    Sms {
        /// To this number, in national or international form.
        phone: String,
    },
    /// An authenticator app with a new secret, which is returned.
    Totp,
}

/// A factor to be kept, and the secret of an app to be shown, once.
type Made = (Option<(FactorKind, NewFactor)>, Option<Secret>);

fn refused(what: impl Into<String>) -> Failure {
    Failure::Settings(what.into())
}

impl Manage {
    /// Adds an entry to a realm's registry and returns its id.
    ///
    /// # Errors
    /// [`Failure::Settings`] for an unknown population, field or language, and for a value that is none.
    pub async fn add_entry(&self, slug: &str, person: NewPerson) -> Result<EntryId> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let population = population(&realm, &person.population)?;
        let language = Lang::from_tag(&person.language).ok_or_else(|| refused(format!("no language {}", person.language)))?;
        let status = EntryStatus::parse(&person.status).map_err(|_| refused(format!("no status {}", person.status)))?;
        let id = EntryId::new(now, self.app.entropy.bytes());
        let identifiers = self.identifiers(&realm, population, id, &person.identifiers, now)?;
        let entry = Entry {
            id,
            population: person.population,
            registry_no: person.registry_no,
            last_name: person.last_name,
            first_name: person.first_name,
            language,
            status,
        };
        let kind = if entry.first_name.is_some() { "person" } else { "organisation" };
        let new = NewEntry { entry, kind, address_status: person.address_status, identifiers, at: now };
        let event = Event::new(&self.app, now, "registry.added", Actor::Operator).about(id).with("kind", kind);
        let add = move |tx: &mut crate::store::Tx<'_>| {
            if registry::by_registry_no(tx, &new.entry.registry_no)?.is_some() {
                return Err(refused(format!("the registry has an entry {}", new.entry.registry_no)));
            }
            registry::insert(tx, &new)?;
            audit::record(tx, &event)
        };
        self.app.db.write(realm.id, add).await?;
        Ok(id)
    }

    fn identifiers(
        &self,
        realm: &Realm,
        population: &Population,
        id: EntryId,
        typed: &BTreeMap<String, Vec<String>>,
        now: Timestamp,
    ) -> Result<Vec<IdentifierValue>> {
        let today = realm.day(now);
        let mut values: Vec<IdentifierValue> = Vec::new();
        for (name, typed) in typed.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value))) {
            let field = population.identifiers.iter().find(|field| field.field == *name);
            let field = field.ok_or_else(|| refused(format!("population {} asks for no {name}", population.key)))?;
            // The value itself may be personal: it is not repeated.
            let normal = normal_form(field.kind, typed, today).map_err(|mistake| refused(format!("{name}: {mistake:?}")))?;
            let (digest_key, digest) = realm.vault.digest(Purpose::Lookup, name, &normal)?;
            if values.iter().any(|value| value.field == *name && value.digest == digest) {
                // Two ways to write the same.
                continue;
            }
            let place = Place { table: "identifier", column: "sealed", row: id.as_bytes() };
            let sealed = realm.vault.seal(&self.app.entropy, place, normal.as_bytes())?;
            values.push(IdentifierValue { field: name.clone(), digest, digest_key, sealed });
        }
        Ok(values)
    }

    /// Issues an activation code for an entry and returns it as it is printed, this once. The entry's former code ends with it.
    ///
    /// # Errors
    /// [`Failure::Settings`] for an unknown entry, and for one that left or died.
    pub async fn issue_code(&self, slug: &str, entry: EntryId) -> Result<Secret> {
        let realm = self.realm(slug).await?;
        let entry = self.active_entry(&realm, entry).await?;
        let code = code::generate(&self.app.entropy, population(&realm, &entry.population)?.code.check_character);
        self.issue(&realm, &entry, Carrier::Letter, &code).await?;
        Ok(code::grouped(&code))
    }

    /// As [`Self::issue_code`], for the entry with this key of the fund's own.
    pub async fn reissue_code(&self, slug: &str, registry_no: &str) -> Result<Secret> {
        let entry = self.entry_of(&*self.realm(slug).await?, registry_no).await?;
        self.issue_code(slug, entry).await
    }

    /// Issues a code brought along by the operator, from an older system or for the demo.
    ///
    /// # Errors
    /// As [`Self::issue_code`], and for a code of another form or one that was issued before.
    pub async fn issue_given_code(&self, slug: &str, entry: EntryId, code: &str) -> Result<()> {
        let realm = self.realm(slug).await?;
        let entry = self.active_entry(&realm, entry).await?;
        let code = code::read(code, population(&realm, &entry.population)?.code.check_character)
            .map_err(|mistake| refused(format!("the code for {}: {mistake:?}", entry.registry_no)))?;
        self.issue(&realm, &entry, Carrier::Statement, &code).await
    }

    /// Whether this code can be used now: it was neither redeemed nor withdrawn, has not expired, and its entry is with the fund.
    pub async fn is_code_live(&self, slug: &str, code: &str) -> Result<bool> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let Ok(code) = code::read(code, false) else {
            return Ok(false);
        };
        let digests = code::digests(&realm.vault, &code);
        let look = move |rx: &mut Rx<'_>| match code::by_digest(rx, &digests)?.filter(|code| code.is_live(now)) {
            Some(code) => Ok(registry::load(rx, code.entry)?.is_some_and(|entry| entry.status == EntryStatus::Active)),
            None => Ok(false),
        };
        self.app.db.read(realm.id, look).await
    }

    async fn issue(&self, realm: &Realm, entry: &Entry, carrier: Carrier, code: &Secret) -> Result<()> {
        let population = population(realm, &entry.population)?;
        let (app, now, purpose) = (&self.app, self.app.clock.now(), CodePurpose::Register);
        let new = NewCode {
            id: CodeId::new(now, app.entropy.bytes()),
            purpose,
            population: population.key.clone(),
            entry: entry.id,
            digest: code::digest(&realm.vault, code)?,
            carrier,
            issued_at: now,
            expires_at: code::end_of_validity(now, population.code.valid_days, realm.document.time_zone),
        };
        let (digests, issued) = (code::digests(&realm.vault, code), self.event(now, "code.issued").about(new.id));
        let issued = issued.with("entry", entry.id.to_string()).with("purpose", purpose.as_str());
        let issue = move |tx: &mut crate::store::Tx<'_>| {
            if code::by_digest(tx, &digests)?.is_some() {
                return Err(refused("this code was issued before"));
            }
            let former = code::issue(tx, &new)?.map(|former| former.to_string());
            audit::record(tx, &former.map_or(issued.clone(), |former| issued.clone().with("replaces", former)))
        };
        app.db.write(realm.id, issue).await
    }

    /// Changes where an entry stands with the fund. Whoever left or died has no usable code; the account of whoever died is suspended,
    /// until a mistake about that is corrected.
    pub async fn set_entry_status(&self, slug: &str, registry_no: &str, status: EntryStatus) -> Result<()> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let entry = self.entry_of(&realm, registry_no).await?;
        let changed = self.event(now, "registry.changed").about(entry).with("status", status.as_str());
        let revoked = self.event(now, "code.revoked").with("reason", status.as_str());
        let suspended = self.event(now, "account.suspended").with("reason", status.as_str());
        let reactivated = self.event(now, "account.reactivated").with("reason", status.as_str());
        let change = move |tx: &mut crate::store::Tx<'_>| {
            let former = registry::load(tx, entry)?.map(|entry| entry.status);
            registry::set_status(tx, entry, status, now)?;
            audit::record(tx, &changed)?;
            let (since, event) = match (former, status) {
                (_, EntryStatus::Deceased) => (Some(now), Some(&suspended)),
                (Some(EntryStatus::Deceased), _) => (None, Some(&reactivated)),
                _ => (None, None),
            };
            if let Some(event) = event
                && let Some(account) = account::suspend_of_entry(tx, entry, since)?
            {
                audit::record(tx, &event.clone().about(account))?;
            }
            let reason = match status {
                EntryStatus::Active => return Ok(()),
                EntryStatus::Left => Revocation::Left,
                EntryStatus::Deceased => Revocation::Deceased,
            };
            // At most one code of each purpose lives, and there is one purpose: one event's id is enough.
            let gone = code::revoke_of_entry(tx, entry, reason, now)?;
            gone.into_iter().take(1).try_for_each(|code| audit::record(tx, &revoked.clone().about(code)))
        };
        self.app.db.write(realm.id, change).await
    }

    /// Makes an account for an entry without a code: the operator vouches for person, address, factor, and for the terms accepted
    /// before. Returns the secret of an authenticator app in base32, this once.
    ///
    /// # Errors
    /// [`Failure::Settings`] for an unknown or inactive entry, one with an account, a taken address, a number or password refused.
    pub async fn add_account(&self, slug: &str, person: NewPersonAccount) -> Result<Option<Secret>> {
        let (realm, now, app) = (self.realm(slug).await?, self.app.clock.now(), &self.app);
        let entry = self.active_entry(&realm, person.entry).await?;
        let population = population(&realm, &entry.population)?;
        let email = canonical_email(&person.email).ok_or_else(|| refused(format!("{} is no address", person.email)))?;
        let faults = password::judge(&population.password, &person.password, &[&email]);
        if let Some(fault) = faults.first() {
            return Err(refused(format!("the password for {email}: {fault:?}")));
        }
        let id = AccountId::new(now, app.entropy.bytes());
        let (factor, totp_secret) = self.first_factor(&realm, population, id, &person.factor)?;
        let second = factor.as_ref().map(|(kind, _)| if *kind == FactorKind::Sms { Amr::Sms } else { Amr::Otp });
        let methods: Vec<Amr> = [Amr::Pwd].into_iter().chain(second).collect();
        let terms = population.terms.as_ref().filter(|terms| terms.accept == AcceptTerms::Identification);
        let acceptance = terms.and_then(|terms| terms.current(realm.day(now))).map(|accepted| NewAcceptance {
            id: AcceptanceId::new(now, app.entropy.bytes()),
            account: id,
            population: population.key.clone(),
            version: accepted.number,
            language: terms::shown(accepted, entry.language).0,
            hash: terms::hash(accepted, entry.language),
            channel: "operator",
            at: now,
        });
        let [title, last_name, first_name] = account_name(population, &entry, person.name)?;
        let account = NewAccount {
            id,
            population: population.key.clone(),
            entry: entry.id,
            email,
            language: entry.language,
            title,
            last_name,
            first_name,
            password_hash: password::hash(app, &person.password).await?,
            level: level_of(&methods),
            email_verified_at: now,
            at: now,
        };
        let new = NewRegistration::new(app, account, factor, acceptance, &Actor::Operator);
        match app.db.write(realm.id, move |tx| register(tx, &new)).await? {
            None => Ok(totp_secret),
            Some(Obstacle::EmailTaken) => Err(refused(format!("{} has an account", person.email))),
            Some(Obstacle::AccountExists) => Err(refused(format!("entry {} has an account", entry.registry_no))),
            Some(Obstacle::NotWithTheFund) => Err(refused(format!("entry {} is not with the fund", entry.registry_no))),
        }
    }

    fn first_factor(&self, realm: &Realm, population: &Population, account: AccountId, factor: &AccountFactor) -> Result<Made> {
        let (app, now) = (&self.app, self.app.clock.now());
        match factor {
            AccountFactor::None => Ok((None, None)),
            AccountFactor::Sms { phone: typed } => {
                let number = PhoneNumber::parse(typed, &population.sms_countries)
                    .map_err(|mistake| refused(format!("the number {typed}: {mistake:?}")))?;
                Ok((Some((FactorKind::Sms, NewFactor::sms(app, realm, now, account, &number)?)), None))
            }
            AccountFactor::Totp => {
                let secret = TotpSecret::generate(&app.entropy);
                let new = NewFactor::totp(app, realm, now, account, &secret, 0)?;
                Ok((Some((FactorKind::Totp, new)), Some(secret.base32())))
            }
        }
    }

    fn event(&self, now: Timestamp, kind: &'static str) -> Event {
        Event::new(&self.app, now, kind, Actor::Operator)
    }

    async fn entry_of(&self, realm: &Realm, registry_no: &str) -> Result<EntryId> {
        let wanted = registry_no.to_owned();
        let found = self.app.db.read(realm.id, move |rx| registry::by_registry_no(rx, &wanted)).await?;
        found.ok_or_else(|| refused(format!("the registry has no entry {registry_no}")))
    }

    async fn active_entry(&self, realm: &Realm, id: EntryId) -> Result<Entry> {
        let found = self.app.db.read(realm.id, move |rx| registry::load(rx, id)).await?;
        let entry = found.ok_or_else(|| refused(format!("the registry has no entry {id}")))?;
        if entry.status == EntryStatus::Active {
            return Ok(entry);
        }
        Err(refused(format!("entry {} is not with the fund: {}", entry.registry_no, entry.status.as_str())))
    }
}

/// Title, last and first name of an account, as step 2 would have asked for them.
fn account_name(population: &Population, entry: &Entry, given: Option<PersonName>) -> Result<[Option<String>; 3]> {
    match (population.user_data.name, given, &entry.first_name) {
        (false, None, _) => Ok([None, None, None]),
        (false, Some(_), _) => Err(refused(format!("population {} asks for no name", population.key))),
        (true, Some(PersonName { title, last_name, first_name }), _) => Ok([Some(title), Some(last_name), Some(first_name)]),
        (true, None, Some(first_name)) => Ok([None, Some(entry.last_name.clone()), Some(first_name.clone())]),
        (true, None, None) => Err(refused(format!("entry {} is an organisation: who acts for it?", entry.registry_no))),
    }
}

fn population<'a>(realm: &'a Realm, key: &str) -> Result<&'a Population> {
    realm.document.population(key).ok_or_else(|| refused(format!("the realm has no population {key}")))
}
