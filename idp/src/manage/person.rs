//! An account made by the operator's command, without a letter and without a code: only where a population's settings say so
//! (`accounts_by_command`), so that it is no way into an account that nobody wrote down (ASVS 6.3.4).

#[cfg(test)]
mod tests;

use super::{Manage, population, refused};
use crate::access::factor::password;
use crate::access::session::level_of;
use crate::directory::account::{self, NewAccount, canonical_email};
use crate::directory::registry::{self, Entry, EntryKind, EntryStatus, NewEntry};
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::onboarding::enrollment::{NewRegistration, register};
use crate::operations::audit::{self, Actor};
use crate::settings::Population;
use crate::store::Tx;
use poterne_protocol::claims::further::FurtherClaims;
use poterne_protocol::claims::level::Amr;
use poterne_protocol::id::{AccountId, EntryId};
use poterne_protocol::secret::Secret;
use serde_json::{Map, Value};

/// A person whose account an operator makes.
#[derive(Debug)]
pub struct NewPersonByCommand {
    /// The population, which must allow it.
    pub population: String,
    /// The fund's own key; without it the e-mail address.
    pub registry_no: Option<String>,
    /// E-mail address, which is the user name. The operator vouches for it.
    pub email: String,
    /// The password, judged by the population's rule.
    pub password: Secret,
    /// Who it is: standard claims (OpenID Connect Core section 5.1) by their names; `family_name` is needed.
    pub claims: Map<String, Value>,
}

/// What came of making an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonMade {
    /// The account is there now, for the entry of this registry number.
    Made(String),
    /// The address has an account: nothing was changed.
    HasAccount,
}

/// What the claims say that registry and account have columns for.
struct Named {
    last_name: String,
    first_name: Option<String>,
    language: Lang,
    /// All others.
    further: FurtherClaims,
}

impl Manage {
    /// Makes an entry in the registry and an account for it. Terms of use are not accepted in anybody's name: the
    /// sign-in asks for them.
    ///
    /// # Errors
    /// [`Failure::Settings`] where the population does not allow it, for a taken number, and for an address, password or claim that is
    /// refused.
    pub async fn create_person(&self, slug: &str, person: NewPersonByCommand) -> Result<PersonMade> {
        let (realm, now, app) = (self.realm(slug).await?, self.app.clock.now(), &self.app);
        let population = population(&realm, &person.population)?;
        if !population.accounts_by_command {
            return Err(refused(format!(
                "population {}: accounts come from letters alone; only where its settings say accounts_by_command = true are they \
                 made by command",
                population.key
            )));
        }
        let email = canonical_email(&person.email).ok_or_else(|| refused(format!("{} is no address", person.email)))?;
        if let Some(fault) = password::judge(&population.password, &person.password, &[&email]).first() {
            return Err(refused(format!("the password for {email}: {fault:?}")));
        }
        let registry_no = person.registry_no.unwrap_or_else(|| email.clone());
        let mut named = named(person.claims, realm.document.default_language())?;
        for text in [Some(&registry_no), Some(&named.last_name), named.first_name.as_ref()].into_iter().flatten() {
            if text.trim().is_empty() || !super::is_plain(text) {
                return Err(refused(format!("{text:?} is empty or has characters that no screen shows")));
            }
        }
        let (entry, id) = (EntryId::new(now, app.entropy.bytes()), AccountId::new(now, app.entropy.bytes()));
        let account = NewAccount {
            id,
            population: population.key.clone(),
            entry,
            email,
            language: named.language,
            title: None,
            last_name: population.user_data.name.then(|| named.last_name.clone()),
            first_name: named.first_name.clone().filter(|_| population.user_data.name),
            password_hash: password::hash(app, &person.password).await?,
            level: level_of(&[Amr::Pwd]),
            email_verified_at: now,
            at: now,
        };
        let claims = account::seal_claims(app, &realm, id, std::mem::take(&mut named.further), now)?;
        let entry = new_entry(entry, population, registry_no.clone(), named, now);
        let added = self.event(now, "registry.added").about(entry.entry.id).with("kind", entry.kind.as_str());
        let typed = account.email.clone();
        let new = NewRegistration::new(app, account, None, None, &Actor::Operator);
        let make = move |tx: &mut Tx<'_>| {
            if account::by_email(tx, &typed)?.is_some() {
                return Ok(PersonMade::HasAccount);
            }
            if registry::by_registry_no(tx, &entry.entry.registry_no)?.is_some() {
                return Err(refused(format!("the registry has an entry {}", entry.entry.registry_no)));
            }
            registry::insert(tx, &entry)?;
            audit::record(tx, &added)?;
            if register(tx, &new)?.is_some() {
                return Err(Failure::internal("a new entry and a free address have no obstacle"));
            }
            account::set_claims(tx, id, Some(&claims))?;
            Ok(PersonMade::Made(entry.entry.registry_no.clone()))
        };
        app.db.write(realm.id, make).await
    }
}

fn new_entry(
    id: EntryId,
    population: &Population,
    registry_no: String,
    named: Named,
    at: poterne_protocol::time::Timestamp,
) -> NewEntry {
    let Named { last_name, first_name, language, .. } = named;
    let entry = Entry {
        id,
        population: population.key.clone(),
        registry_no,
        last_name,
        first_name,
        language,
        status: EntryStatus::Active,
    };
    NewEntry { entry, kind: EntryKind::Person, address_status: "ok".to_owned(), identifiers: Vec::new(), at }
}

fn named(mut claims: Map<String, Value>, default: Lang) -> Result<Named> {
    let mut text = |name: &str| match claims.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(refused(format!("the claim {name} is no text"))),
    };
    let last_name = text("family_name")?.ok_or_else(|| refused("the claim family_name is missing"))?;
    let (first_name, locale) = (text("given_name")?, text("locale")?);
    let language = match locale {
        None => default,
        Some(tag) => Lang::from_tag(&tag).ok_or_else(|| refused(format!("the claim locale: no language {tag}")))?,
    };
    let further: FurtherClaims =
        serde_json::from_value(Value::Object(claims)).map_err(|error| refused(format!("the claims: {error}")))?;
    if let Some(mistake) = further.check().into_iter().next() {
        return Err(refused(format!("the claims: {mistake}")));
    }
    Ok(Named { last_name, first_name, language, further })
}
