//! The rows of registry entries and of their identifying values, which are sealed and found by keyed digest.

use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::store::schema::{identifier, registry_entry};
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::{EntryId, KeyId};
use poterne_protocol::secret::{Digest, Sealed};
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;

/// Where an entry stands with the fund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// With the fund: may enroll.
    Active,
    /// Has left the fund.
    Left,
    /// Has died.
    Deceased,
}

impl EntryStatus {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Left => "left",
            Self::Deceased => "deceased",
        }
    }

    /// Reads the name in the database.
    ///
    /// # Errors
    /// [`Failure::ImpossibleRow`] for any other text.
    pub fn parse(text: &str) -> Result<Self> {
        let found = [Self::Active, Self::Left, Self::Deceased].into_iter().find(|status| status.as_str() == text);
        found.ok_or_else(|| Failure::impossible("an entry's status"))
    }
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A person.
    Person,
    /// A company or another body; people register on its behalf.
    Organisation,
}

impl EntryKind {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
        }
    }

    /// Reads the name in the database.
    ///
    /// # Errors
    /// [`Failure::ImpossibleRow`] for any other text.
    pub fn parse(text: &str) -> Result<Self> {
        let found = [Self::Person, Self::Organisation].into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| Failure::impossible("an entry's kind"))
    }
}

/// A person or organisation the fund knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Names the entry.
    pub id: EntryId,
    /// The population it belongs to.
    pub population: String,
    /// The fund's own key.
    pub registry_no: String,
    /// Last name, or the organisation's name.
    pub last_name: String,
    /// First name of a person.
    pub first_name: Option<String>,
    /// The language of its letters.
    pub language: Lang,
    /// Where it stands with the fund.
    pub status: EntryStatus,
}

impl Entry {
    /// First and last name, or the organisation's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.first_name.as_ref().map_or_else(|| self.last_name.clone(), |first| format!("{first} {}", self.last_name))
    }
}

/// One identifying value, as it is kept.
#[derive(Debug, Clone)]
pub struct IdentifierValue {
    /// The population's field.
    pub field: String,
    /// The keyed digest of the normal form.
    pub digest: Digest,
    /// The key of that digest.
    pub digest_key: KeyId,
    /// The normal form, sealed for (`identifier`, `sealed`, entry).
    pub sealed: Sealed,
}

/// An entry to be inserted.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The entry.
    pub entry: Entry,
    /// What it is.
    pub kind: EntryKind,
    /// `ok`, `returned` or `abroad`.
    pub address_status: String,
    /// What identifies it.
    pub identifiers: Vec<IdentifierValue>,
    /// Now.
    pub at: Timestamp,
}

type Row = (EntryId, String, String, String, Option<String>, String, String);

/// The entry of this id.
pub fn load(rx: &mut Rx<'_>, id: EntryId) -> Result<Option<Entry>> {
    use registry_entry as e;
    let columns = (e::id, e::population, e::registry_no, e::last_name, e::first_name, e::language, e::status);
    let row: Option<Row> = e::table.find((rx.realm(), id)).select(columns).get_result(rx.conn).optional()?;
    row.map(entry).transpose()
}

fn entry((id, population, registry_no, last_name, first_name, language, status): Row) -> Result<Entry> {
    let language = Lang::from_tag(&language).ok_or_else(|| Failure::impossible("an entry's language"))?;
    let status = EntryStatus::parse(&status)?;
    Ok(Entry { id, population, registry_no, last_name, first_name, language, status })
}

/// The entries of a population behind this one, by id, at most so many.
pub fn page(rx: &mut Rx<'_>, population: &str, after: EntryId, limit: i64) -> Result<Vec<Entry>> {
    use registry_entry as e;
    let columns = (e::id, e::population, e::registry_no, e::last_name, e::first_name, e::language, e::status);
    let rows = e::table.filter(e::realm.eq(rx.realm())).filter(e::id.gt(after)).filter(e::population.eq(population));
    let rows: Vec<Row> = rows.order(e::id).limit(limit).select(columns).load(rx.conn)?;
    rows.into_iter().map(entry).collect()
}

/// The names of these entries.
pub fn names(rx: &mut Rx<'_>, entries: &[EntryId]) -> Result<BTreeMap<EntryId, String>> {
    use registry_entry as e;
    let rows = e::table.filter(e::realm.eq(rx.realm())).filter(e::id.eq_any(entries));
    let rows: Vec<(EntryId, Option<String>, String)> = rows.select((e::id, e::first_name, e::last_name)).load(rx.conn)?;
    let named = |(id, first, last): (EntryId, Option<String>, String)| {
        (id, first.map_or(last.clone(), |first| format!("{first} {last}")))
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Those of these entries that are with the fund.
pub fn active_of(rx: &mut Rx<'_>, entries: &[EntryId]) -> Result<Vec<EntryId>> {
    use registry_entry as e;
    let rows = e::table.filter(e::realm.eq(rx.realm())).filter(e::id.eq_any(entries));
    Ok(rows.filter(e::status.eq(EntryStatus::Active.as_str())).select(e::id).load(rx.conn)?)
}

/// How many entries a population has.
pub fn count_of(rx: &mut Rx<'_>, population: &str) -> Result<i64> {
    let rows = registry_entry::table.filter(registry_entry::realm.eq(rx.realm()));
    Ok(rows.filter(registry_entry::population.eq(population)).count().get_result(rx.conn)?)
}

/// What an entry is, if there is one.
pub fn kind(rx: &mut Rx<'_>, id: EntryId) -> Result<Option<EntryKind>> {
    let row: Option<String> =
        registry_entry::table.find((rx.realm(), id)).select(registry_entry::kind).get_result(rx.conn).optional()?;
    row.map(|kind| EntryKind::parse(&kind)).transpose()
}

/// The id of the entry with this key of the fund's own.
pub fn by_registry_no(rx: &mut Rx<'_>, registry_no: &str) -> Result<Option<EntryId>> {
    let rows = registry_entry::table.filter(registry_entry::realm.eq(rx.realm()));
    Ok(rows.filter(registry_entry::registry_no.eq(registry_no)).select(registry_entry::id).get_result(rx.conn).optional()?)
}

/// The identifying values of an entry.
pub fn identifiers(rx: &mut Rx<'_>, entry: EntryId) -> Result<Vec<IdentifierValue>> {
    let rows = identifier::table.filter(identifier::realm.eq(rx.realm())).filter(identifier::entry.eq(entry));
    let columns = (identifier::field, identifier::digest, identifier::digest_key, identifier::sealed);
    let rows: Vec<(String, Digest, KeyId, Sealed)> = rows.select(columns).load(rx.conn)?;
    let value = |(field, digest, digest_key, sealed)| IdentifierValue { field, digest, digest_key, sealed };
    Ok(rows.into_iter().map(value).collect())
}

/// The entries one of whose values of a field has one of these digests (one for each look-up key); at most four.
pub fn with_identifier(rx: &mut Rx<'_>, field: &str, digests: &[Digest]) -> Result<Vec<EntryId>> {
    let rows = identifier::table.filter(identifier::realm.eq(rx.realm())).filter(identifier::field.eq(field));
    let rows = rows.filter(identifier::digest.eq_any(digests)).order(identifier::entry).limit(4);
    Ok(rows.select(identifier::entry).load(rx.conn)?)
}

/// Whether what was typed identifies an entry: for every field asked, one of the entry's values has one of the digests given (one
/// for each look-up key). All are compared, whichever differs: the time tells nothing.
#[must_use]
pub fn matches(values: &[IdentifierValue], typed: &[(String, Vec<Digest>)]) -> bool {
    let equal = |value: &IdentifierValue, digests: &[Digest]| digests.iter().filter(|digest| value.digest == **digest).count();
    let found = |(field, digests): &(String, Vec<Digest>)| {
        values.iter().filter(|value| value.field == *field).map(|value| equal(value, digests)).sum::<usize>()
    };
    !typed.is_empty() && typed.iter().filter(|field| found(field) == 0).count() == 0
}

/// How many entries the realm has.
pub fn count(rx: &mut Rx<'_>) -> Result<i64> {
    Ok(registry_entry::table.filter(registry_entry::realm.eq(rx.realm())).count().get_result(rx.conn)?)
}

/// How many entries of a population have neither left nor died.
pub fn count_active_of(rx: &mut Rx<'_>, population: &str) -> Result<i64> {
    let rows = registry_entry::table.filter(registry_entry::realm.eq(rx.realm()));
    let rows = rows.filter(registry_entry::population.eq(population));
    Ok(rows.filter(registry_entry::status.eq(EntryStatus::Active.as_str())).count().get_result(rx.conn)?)
}

/// Inserts an entry with what identifies it.
pub fn insert(tx: &mut Tx<'_>, new: &NewEntry) -> Result<()> {
    let (realm, entry) = (tx.realm(), &new.entry);
    let row = (
        registry_entry::realm.eq(realm),
        registry_entry::id.eq(entry.id),
        registry_entry::kind.eq(new.kind.as_str()),
        registry_entry::population.eq(&entry.population),
        registry_entry::registry_no.eq(&entry.registry_no),
        registry_entry::last_name.eq(&entry.last_name),
        registry_entry::first_name.eq(&entry.first_name),
        registry_entry::language.eq(entry.language.tag()),
        registry_entry::status.eq(entry.status.as_str()),
        registry_entry::address_status.eq(&new.address_status),
        registry_entry::created_at.eq(new.at),
        registry_entry::updated_at.eq(new.at),
        registry_entry::status_at.eq(new.at),
    );
    diesel::insert_into(registry_entry::table).values(row).execute(tx.conn)?;
    add_identifiers(tx, entry.id, &new.identifiers)
}

/// Adds values that identify an entry.
pub fn add_identifiers(tx: &mut Tx<'_>, entry: EntryId, values: &[IdentifierValue]) -> Result<()> {
    let realm = tx.realm();
    for value in values {
        let row = (
            identifier::realm.eq(realm),
            identifier::entry.eq(entry),
            identifier::field.eq(&value.field),
            identifier::digest.eq(value.digest),
            identifier::digest_key.eq(value.digest_key),
            identifier::sealed.eq(&value.sealed),
        );
        diesel::insert_into(identifier::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Gives an entry its present name and language.
pub fn rename(tx: &mut Tx<'_>, entry: &Entry, at: Timestamp) -> Result<()> {
    let change = (
        registry_entry::last_name.eq(&entry.last_name),
        registry_entry::first_name.eq(&entry.first_name),
        registry_entry::language.eq(entry.language.tag()),
        registry_entry::updated_at.eq(at),
    );
    diesel::update(registry_entry::table.find((tx.realm(), entry.id))).set(change).execute(tx.conn)?;
    Ok(())
}

/// Changes where an entry stands with the fund.
pub fn set_status(tx: &mut Tx<'_>, id: EntryId, status: EntryStatus, at: Timestamp) -> Result<()> {
    let change =
        (registry_entry::status.eq(status.as_str()), registry_entry::updated_at.eq(at), registry_entry::status_at.eq(at));
    diesel::update(registry_entry::table.find((tx.realm(), id))).set(change).execute(tx.conn)?;
    Ok(())
}

/// Where an entry stands, and since when.
pub fn status_since(rx: &mut Rx<'_>, id: EntryId) -> Result<Option<(EntryStatus, Timestamp)>> {
    let columns = (registry_entry::status, registry_entry::status_at);
    let row: Option<(String, Timestamp)> =
        registry_entry::table.find((rx.realm(), id)).select(columns).get_result(rx.conn).optional()?;
    row.map(|(status, since)| Ok((EntryStatus::parse(&status)?, since))).transpose()
}
