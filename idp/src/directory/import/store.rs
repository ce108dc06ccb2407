//! The rows of an import: staged in batches beside the registry, merged into it at once, by statements that take all rows together.

use crate::directory::registry::{EntryKind, EntryStatus};
use crate::error::{Failure, Result};
use crate::store::schema::{identifier, registry_entry, staged_entry, staged_identifier};
use crate::store::{Rx, Tx, on_engine};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary};
use poterne_protocol::id::{EntryId, ImportId, KeyId, RealmId};
use poterne_protocol::secret::{Digest, Sealed};
use poterne_protocol::time::Timestamp;
use std::collections::HashMap;

/// An entry as the registry has it.
pub struct Known {
    /// Names the entry.
    pub id: EntryId,
    /// What it is.
    pub kind: EntryKind,
    /// Its columns.
    pub columns: Columns,
    /// When any of it changed last.
    pub updated_at: Timestamp,
    /// When its status changed last.
    pub status_at: Timestamp,
    /// Its identifying values: field and digest.
    pub identifiers: Vec<(String, Digest)>,
}

/// What an entry says, apart from what identifies it.
#[derive(Clone, PartialEq, Eq)]
pub struct Columns {
    /// The fund's own key.
    pub registry_no: String,
    /// Its population.
    pub population: String,
    /// Form of address in letters.
    pub title: Option<String>,
    /// Last name, or the organisation's name.
    pub last_name: String,
    /// First name of a person.
    pub first_name: Option<String>,
    /// The language of its letters.
    pub language: String,
    /// Where it stands with the fund.
    pub status: EntryStatus,
    /// `ok`, `returned` or `abroad`.
    pub address_status: String,
}

/// An entry that the merge inserts or changes.
#[derive(Insertable)]
#[diesel(table_name = staged_entry, treat_none_as_default_value = false)]
pub struct StagedEntry {
    realm: RealmId,
    import: ImportId,
    entry: EntryId,
    base_at: Option<Timestamp>,
    kind: String,
    population: String,
    registry_no: String,
    title: Option<String>,
    last_name: String,
    first_name: Option<String>,
    language: String,
    status: String,
    address_status: String,
    former_status: Option<String>,
    former_since: Option<Timestamp>,
    new_identifiers: bool,
}

/// An identifying value that the merge inserts.
#[derive(Insertable)]
#[diesel(table_name = staged_identifier, treat_none_as_default_value = false)]
pub struct StagedIdentifier {
    /// The realm.
    pub realm: RealmId,
    /// The import.
    pub import: ImportId,
    /// The entry it identifies.
    pub entry: EntryId,
    /// The population's field.
    pub field: String,
    /// The keyed digest of the normal form.
    pub digest: Digest,
    /// The key of that digest.
    pub digest_key: KeyId,
    /// The normal form, sealed.
    pub sealed: Sealed,
}

impl StagedEntry {
    /// An entry as it is to be: `former` is what the registry has of it, `new_identifiers` says that all its identifying values are
    /// staged too and take the place of the old ones.
    #[must_use]
    pub fn new(
        (realm, import, entry): (RealmId, ImportId, EntryId),
        kind: EntryKind,
        columns: Columns,
        former: Option<&Known>,
        new_identifiers: bool,
    ) -> Self {
        let turned = former.filter(|former| former.columns.status != columns.status);
        Self {
            realm,
            import,
            entry,
            base_at: former.map(|former| former.updated_at),
            kind: kind.as_str().to_owned(),
            population: columns.population,
            registry_no: columns.registry_no,
            title: columns.title,
            last_name: columns.last_name,
            first_name: columns.first_name,
            language: columns.language,
            status: columns.status.as_str().to_owned(),
            address_status: columns.address_status,
            former_status: turned.map(|former| former.columns.status.as_str().to_owned()),
            former_since: turned.map(|former| former.status_at),
            new_identifiers,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = registry_entry)]
struct Row {
    id: EntryId,
    kind: String,
    registry_no: String,
    population: String,
    title: Option<String>,
    last_name: String,
    first_name: Option<String>,
    language: String,
    status: String,
    address_status: String,
    updated_at: Timestamp,
    status_at: Timestamp,
}

impl TryFrom<Row> for Known {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let kind = [EntryKind::Person, EntryKind::Organisation].into_iter().find(|kind| kind.as_str() == row.kind);
        let columns = Columns {
            registry_no: row.registry_no,
            population: row.population,
            title: row.title,
            last_name: row.last_name,
            first_name: row.first_name,
            language: row.language,
            status: EntryStatus::parse(&row.status)?,
            address_status: row.address_status,
        };
        Ok(Self {
            id: row.id,
            kind: kind.ok_or_else(|| Failure::impossible("an entry's kind"))?,
            columns,
            updated_at: row.updated_at,
            status_at: row.status_at,
            identifiers: Vec::new(),
        })
    }
}

/// The entries with these keys of the fund's own, by key.
pub fn known(rx: &mut Rx<'_>, registry_nos: &[String]) -> Result<HashMap<String, Known>> {
    let realm = rx.realm();
    let rows = registry_entry::table.filter(registry_entry::realm.eq(realm));
    let rows: Vec<Row> = rows.filter(registry_entry::registry_no.eq_any(registry_nos)).select(Row::as_select()).load(rx.conn)?;
    let ids: Vec<EntryId> = rows.iter().map(|row| row.id).collect();
    let values = identifier::table.filter(identifier::realm.eq(realm)).filter(identifier::entry.eq_any(&ids));
    let values: Vec<(EntryId, String, Digest)> =
        values.select((identifier::entry, identifier::field, identifier::digest)).load(rx.conn)?;
    let mut identifiers: HashMap<EntryId, Vec<(String, Digest)>> = HashMap::new();
    for (entry, field, digest) in values {
        identifiers.entry(entry).or_default().push((field, digest));
    }
    let with_values = |row: Row| {
        let known = Known { identifiers: identifiers.remove(&row.id).unwrap_or_default(), ..Known::try_from(row)? };
        Ok((known.columns.registry_no.clone(), known))
    };
    rows.into_iter().map(with_values).collect()
}

/// The active entries of some populations that follow an entry, in the order of their ids, at most so many, without what identifies them.
pub fn active_after(rx: &mut Rx<'_>, kind: EntryKind, populations: &[String], after: EntryId, limit: i64) -> Result<Vec<Known>> {
    use registry_entry as e;
    let rows = e::table.filter(e::realm.eq(rx.realm())).filter(e::id.gt(after)).filter(e::kind.eq(kind.as_str()));
    let rows = rows.filter(e::status.eq(EntryStatus::Active.as_str())).filter(e::population.eq_any(populations));
    let rows: Vec<Row> = rows.order(e::id).limit(limit).select(Row::as_select()).load(rx.conn)?;
    rows.into_iter().map(Known::try_from).collect()
}

/// How many entries of some populations are active.
pub fn active(rx: &mut Rx<'_>, kind: EntryKind, populations: &[String]) -> Result<u64> {
    use registry_entry as e;
    let rows = e::table.filter(e::realm.eq(rx.realm())).filter(e::kind.eq(kind.as_str()));
    let rows = rows.filter(e::status.eq(EntryStatus::Active.as_str())).filter(e::population.eq_any(populations));
    let count: i64 = rows.count().get_result(rx.conn)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Stages a batch.
pub fn stage(tx: &mut Tx<'_>, entries: &[StagedEntry], identifiers: &[StagedIdentifier]) -> Result<()> {
    if !entries.is_empty() {
        on_engine!(&mut *tx.conn, own => diesel::insert_into(staged_entry::table).values(entries).execute(own))?;
    }
    if !identifiers.is_empty() {
        on_engine!(&mut *tx.conn, own => diesel::insert_into(staged_identifier::table).values(identifiers).execute(own))?;
    }
    Ok(())
}

/// Staged entries whose registry entry is not what the import saw: changed meanwhile, or there where none was.
const OUTDATED: &str = "SELECT COUNT(*) AS n FROM staged_entry s \
    LEFT JOIN registry_entry e ON e.realm = s.realm AND e.registry_no = s.registry_no \
    WHERE s.realm = $1 AND s.import = $2 AND COALESCE(e.updated_at, -1) <> COALESCE(s.base_at, -1)";

const INSERT_ENTRIES: &str = "INSERT INTO registry_entry (realm, id, kind, population, registry_no, title, last_name, first_name, \
    language, status, address_status, created_at, updated_at, status_at) \
    SELECT realm, entry, kind, population, registry_no, title, last_name, first_name, language, status, address_status, $1, $1, $1 \
    FROM staged_entry WHERE realm = $2 AND import = $3 AND base_at IS NULL ORDER BY entry";

const CHANGE_ENTRIES: &str = "UPDATE registry_entry SET updated_at = $1, \
    status_at = CASE WHEN s.former_status IS NULL THEN registry_entry.status_at ELSE $1 END, population = s.population, \
    title = s.title, last_name = s.last_name, first_name = s.first_name, language = s.language, status = s.status, \
    address_status = s.address_status FROM staged_entry s \
    WHERE s.realm = $2 AND s.import = $3 AND s.base_at IS NOT NULL AND registry_entry.realm = s.realm AND registry_entry.id = s.entry";

const DELETE_IDENTIFIERS: &str = "DELETE FROM identifier WHERE realm = $1 AND entry IN (SELECT s.entry FROM staged_entry s \
    WHERE s.realm = $1 AND s.import = $2 AND s.base_at IS NOT NULL AND s.new_identifiers)";

const INSERT_IDENTIFIERS: &str = "INSERT INTO identifier (realm, entry, field, digest, digest_key, sealed) \
    SELECT realm, entry, field, digest, digest_key, sealed FROM staged_identifier WHERE realm = $1 AND import = $2 \
    ORDER BY entry, field, digest";

/// Brings what an import staged into the registry: `false`, with nothing written, when the registry is not what the import saw.
pub fn merge(tx: &mut Tx<'_>, import: ImportId, now: Timestamp) -> Result<bool> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let realm = tx.realm();
    let ours = |sql: &'static str| diesel::sql_query(sql).bind::<Binary, _>(realm).bind::<Binary, _>(import);
    let timed =
        |sql: &'static str| diesel::sql_query(sql).bind::<BigInt, _>(now).bind::<Binary, _>(realm).bind::<Binary, _>(import);
    on_engine!(&mut *tx.conn, own => {
        if ours(OUTDATED).get_result::<Count>(own)?.n > 0 {
            return Ok(false);
        }
        timed(INSERT_ENTRIES).execute(own)?;
        timed(CHANGE_ENTRIES).execute(own)?;
        ours(DELETE_IDENTIFIERS).execute(own)?;
        ours(INSERT_IDENTIFIERS).execute(own)?;
    });
    Ok(true)
}

/// The entries whose status an import changes: the new status, the former one and since when that was.
pub fn turned(rx: &mut Rx<'_>, import: ImportId) -> Result<Vec<(EntryId, EntryStatus, EntryStatus, Timestamp)>> {
    use staged_entry as s;
    let rows = s::table.filter(s::realm.eq(rx.realm())).filter(s::import.eq(import));
    let rows = rows.filter(s::former_status.is_not_null()).order(s::entry);
    let columns = (s::entry, s::status, s::former_status.assume_not_null(), s::former_since.assume_not_null());
    let rows: Vec<(EntryId, String, String, Timestamp)> = rows.select(columns).load(rx.conn)?;
    let read = |(entry, status, former, since): (EntryId, String, String, Timestamp)| {
        Ok((entry, EntryStatus::parse(&status)?, EntryStatus::parse(&former)?, since))
    };
    rows.into_iter().map(read).collect()
}

/// Deletes staged rows, those of other imports than this one or, where there is none, those of imports that began before a time; at most
/// so many entries with what identifies them. How many entries they were.
pub fn unstage(tx: &mut Tx<'_>, of: Staged, limit: i64) -> Result<usize> {
    use {staged_entry as s, staged_identifier as i};
    let realm = tx.realm();
    let rows = s::table.filter(s::realm.eq(realm)).select((s::import, s::entry)).limit(limit);
    let rows: Vec<(ImportId, EntryId)> = match of {
        Staged::By(import) => rows.filter(s::import.eq(import)).load(tx.conn)?,
        Staged::ByOthers(import) => rows.filter(s::import.ne(import)).load(tx.conn)?,
        Staged::Before(time) => rows.filter(s::import.lt(ImportId::new(time, [0; 10]))).load(tx.conn)?,
    };
    let mut by_import: HashMap<ImportId, Vec<EntryId>> = HashMap::new();
    for (import, entry) in &rows {
        by_import.entry(*import).or_default().push(*entry);
    }
    for (import, entries) in by_import {
        let values = i::table.filter(i::realm.eq(realm)).filter(i::import.eq(import)).filter(i::entry.eq_any(&entries));
        diesel::delete(values).execute(tx.conn)?;
        let staged = s::table.filter(s::realm.eq(realm)).filter(s::import.eq(import)).filter(s::entry.eq_any(&entries));
        diesel::delete(staged).execute(tx.conn)?;
    }
    Ok(rows.len())
}

/// Whose staged rows.
#[derive(Debug, Clone, Copy)]
pub enum Staged {
    /// Those of this import.
    By(ImportId),
    /// Those of all others.
    ByOthers(ImportId),
    /// Those of imports that began before.
    Before(Timestamp),
}
