//! Accounts by the operator's hand: made without a code, suspended, given back, deactivated.

use super::{Manage, population, refused};
use crate::access::factor::sms::PhoneNumber;
use crate::access::factor::totp::TotpSecret;
use crate::access::factor::{NewFactor, password};
use crate::access::session::level_of;
use crate::directory::account::{NewAccount, canonical_email};
use crate::directory::registry::Entry;
use crate::directory::terms::{self, NewAcceptance};
use crate::error::Result;
use crate::onboarding::enrollment::{NewRegistration, Obstacle, register};
use crate::operations::audit::Actor;
use crate::realm::Realm;
use crate::settings::{AcceptTerms, FactorKind, Population};
use poterne_protocol::claims::level::Amr;
use poterne_protocol::id::{AcceptanceId, AccountId, EntryId};
use poterne_protocol::secret::Secret;

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

impl Manage {
    /// Makes an account for an entry without a code: the operator vouches for person, address, factor, and for the terms accepted
    /// before. Returns the secret of an authenticator app in base32, this once.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown or inactive entry, one with an account, a taken address, a number or password refused.
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
