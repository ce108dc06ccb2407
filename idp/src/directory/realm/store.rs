//! The rows of realms and of their keys for data at rest.

use crate::error::{Failure, Result};
use crate::settings::RealmDocument;
use crate::store::schema::{realm, realm_key};
use crate::store::{Rx, Tx};
use crate::vault::{MasterKey, Purpose, Vault};
use diesel::prelude::*;
use poterne_protocol::id::{KeyId, RealmId};
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;

/// A realm as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealmSummary {
    /// Names the realm.
    pub id: RealmId,
    /// Its short name.
    pub slug: String,
    /// Its issuer.
    pub issuer: String,
    /// Rises with every change.
    pub generation: i64,
}

/// A realm to be inserted, with its keys already sealed.
#[derive(Debug, Clone)]
pub struct NewRealm {
    /// Names the realm.
    pub id: RealmId,
    /// Its issuer.
    pub issuer: String,
    /// What its operator said.
    pub document: RealmDocument,
    /// A key for each purpose.
    pub keys: Vec<(KeyId, Purpose, Sealed)>,
    /// Now.
    pub at: Timestamp,
}

/// All realms.
pub fn list(rx: &mut Rx<'_>) -> Result<Vec<RealmSummary>> {
    let rows = realm::table.select((realm::id, realm::slug, realm::issuer, realm::generation)).order(realm::slug);
    let rows: Vec<(RealmId, String, String, i64)> = rows.load(rx.conn)?;
    Ok(rows.into_iter().map(|(id, slug, issuer, generation)| RealmSummary { id, slug, issuer, generation }).collect())
}

/// A realm's issuer, document and generation.
pub(super) fn load(rx: &mut Rx<'_>) -> Result<Option<(String, RealmDocument, i64)>> {
    let row = realm::table.find(rx.realm()).select((realm::issuer, realm::document, realm::generation));
    let row: Option<(String, String, i64)> = row.get_result(rx.conn).optional()?;
    row.map(|(issuer, document, generation)| Ok((issuer, serde_json::from_str(&document)?, generation))).transpose()
}

/// A realm's issuer and document, as they are in this transaction.
pub fn document(rx: &mut Rx<'_>) -> Result<(String, RealmDocument)> {
    let (issuer, document, _) = load(rx)?.ok_or_else(|| Failure::internal("the realm is gone"))?;
    Ok((issuer, document))
}

/// A realm's opened keys, for each purpose the newest first.
pub(super) fn load_vault(rx: &mut Rx<'_>, master: &MasterKey) -> Result<Vault> {
    let realm = rx.realm();
    let rows = realm_key::table
        .filter(realm_key::realm.eq(realm))
        .order((realm_key::retired_at.is_null().desc(), realm_key::created_at.desc()));
    let rows: Vec<(KeyId, String, Sealed)> = rows.select((realm_key::id, realm_key::purpose, realm_key::sealed)).load(rx.conn)?;
    let keys = rows.into_iter().map(|(id, purpose, sealed)| {
        let purpose = Purpose::parse(&purpose)?;
        Ok((purpose, master.open_realm_key(realm, id, purpose, &sealed)?))
    });
    Ok(Vault::new(realm, keys.collect::<Result<_>>()?))
}

/// Whether the realm's keys open under a master key.
///
/// # Errors
/// [`Failure::Sealed`] when they do not.
pub fn opens(rx: &mut Rx<'_>, master: &MasterKey) -> Result<()> {
    load_vault(rx, master).map(drop)
}

/// Inserts a realm with its keys.
pub fn insert(tx: &mut Tx<'_>, new: &NewRealm) -> Result<()> {
    let row = (
        realm::id.eq(new.id),
        realm::slug.eq(&new.document.slug),
        realm::issuer.eq(&new.issuer),
        realm::document.eq(serde_json::to_string(&new.document)?),
        realm::generation.eq(1),
        realm::created_at.eq(new.at),
        realm::updated_at.eq(new.at),
    );
    diesel::insert_into(realm::table).values(row).execute(tx.conn)?;
    for (id, purpose, sealed) in &new.keys {
        let row = (
            realm_key::realm.eq(new.id),
            realm_key::id.eq(*id),
            realm_key::purpose.eq(purpose.as_str()),
            realm_key::sealed.eq(sealed),
            realm_key::created_at.eq(new.at),
        );
        diesel::insert_into(realm_key::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Replaces a realm's document and issuer.
pub fn update_document(tx: &mut Tx<'_>, id: RealmId, issuer: &str, document: &RealmDocument, at: Timestamp) -> Result<()> {
    let change = (realm::issuer.eq(issuer), realm::document.eq(serde_json::to_string(document)?), realm::updated_at.eq(at));
    let changed = diesel::update(realm::table.find(id)).set(change).execute(tx.conn)?;
    if changed == 1 { raise_generation(tx, id) } else { Err(Failure::internal("the realm is gone")) }
}

/// Tells every process that settings, clients or keys of the realm changed.
pub fn raise_generation(tx: &mut Tx<'_>, id: RealmId) -> Result<()> {
    diesel::update(realm::table.find(id)).set(realm::generation.eq(realm::generation + 1)).execute(tx.conn)?;
    Ok(())
}
