//! The registry by the operator's hand: who is put in, and where they stand with the fund.

use super::codes::still_active;
use super::status::{StatusEffects, Turn};
use super::{Manage, is_plain, population, refused};
use crate::directory::population::normal_form;
use crate::directory::registry::{self, Entry, EntryKind, EntryStatus, IdentifierValue, NewEntry};
use crate::error::Result;
use crate::lang::Lang;
use crate::operations::audit::{self, Actor, Event};
use crate::realm::Realm;
use crate::settings::Population;
use crate::store::Tx;
use crate::vault::{Place, Purpose};
use poterne_protocol::id::EntryId;
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;

/// A person or organisation for the registry, as the fund knows it.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The fund's own key.
    pub registry_no: String,
    /// Whether it is a person or an organisation.
    pub kind: EntryKind,
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
    /// What identifies it: the population's fields with values as people write them. Without a value for one of them (an incomplete
    /// birth date) the person is sent to the fund's own people. A field may have several values, each as good as the others: the other
    /// names of a company.
    pub identifiers: BTreeMap<String, Vec<String>>,
}

impl Manage {
    /// Adds an entry to a realm's registry and returns its id.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown population, field or language, for a value that is none, and for an organisation with a first name.
    pub async fn add_entry(&self, slug: &str, person: NewPerson) -> Result<EntryId> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let population = population(&realm, &person.population)?;
        let language = Lang::from_tag(&person.language).ok_or_else(|| refused(format!("no language {}", person.language)))?;
        let status = EntryStatus::parse(&person.status).map_err(|_| refused(format!("no status {}", person.status)))?;
        if person.kind == EntryKind::Organisation && person.first_name.is_some() {
            return Err(refused(format!("{} is an organisation: it has no first name", person.registry_no)));
        }
        let shown = [Some(&person.registry_no), Some(&person.last_name), person.first_name.as_ref()];
        if let Some(hidden) = shown.into_iter().flatten().find(|text| !is_plain(text)) {
            return Err(refused(format!("{hidden:?} has characters that no screen shows")));
        }
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
        let new = NewEntry { entry, kind: person.kind, address_status: person.address_status, identifiers, at: now };
        let event = Event::new(&self.app, now, "registry.added", Actor::Operator).about(id).with("kind", person.kind.as_str());
        let add = move |tx: &mut Tx<'_>| {
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
            // Two names that are one when folded.
            if values.iter().any(|value| value.field == *name && value.digest == digest) {
                continue;
            }
            let place = Place { table: "identifier", column: "sealed", row: id.as_bytes() };
            let sealed = realm.vault.seal(&self.app.entropy, place, normal.as_bytes())?;
            values.push(IdentifierValue { field: name.clone(), digest, digest_key, sealed });
        }
        Ok(values)
    }

    /// Changes where an entry stands with the fund. Whoever left or died has no usable code. The account of whoever left goes on for as
    /// long as the realm's policy says; that of whoever died is suspended, until a mistake about that is corrected.
    pub async fn set_entry_status(&self, slug: &str, registry_no: &str, status: EntryStatus) -> Result<()> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let entry = self.entry_of(&realm, registry_no).await?;
        let effects = StatusEffects::new(self, &realm, now);
        let change = move |tx: &mut Tx<'_>| {
            let turn = Turn { entry, status, former: registry::status_since(tx, entry)? };
            registry::set_status(tx, entry, status, now)?;
            let mut nth = 0;
            effects.note(tx, turn, &mut nth)?;
            effects.follow(tx, turn, &mut nth)
        };
        self.app.db.write(realm.id, change).await
    }

    pub(super) async fn entry_of(&self, realm: &Realm, registry_no: &str) -> Result<EntryId> {
        let wanted = registry_no.to_owned();
        let found = self.app.db.read(realm.id, move |rx| registry::by_registry_no(rx, &wanted)).await?;
        found.ok_or_else(|| refused(format!("the registry has no entry {registry_no}")))
    }

    pub(super) async fn active_entry(&self, realm: &Realm, id: EntryId) -> Result<Entry> {
        self.app.db.read(realm.id, move |rx| still_active(rx, id)).await
    }
}
