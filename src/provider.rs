//! The provider as the settings describe it: its database, its master key, its gateways.

use crate::config::Config;
use crate::data::words;
use crate::gateways::Gateways;
use poterne_idp::{Db, Idp, MasterKey, Outbound, SchemaState, StoreSettings};

/// Opens the database that the settings name; nothing is made or migrated.
///
/// # Errors
/// In words: which setting cannot be used, and why.
pub fn database(config: &Config) -> Result<Db, String> {
    let mut settings = StoreSettings::default();
    if let Some(connections) = config.database.connections {
        settings.connections = connections;
    }
    Db::open(&config.database.url()?, settings).map_err(words)
}

/// The master key that the settings name.
///
/// # Errors
/// In words: there is none, its file cannot be read or can be read by others, or it is none.
pub fn master_key(config: &Config) -> Result<MasterKey, String> {
    MasterKey::parse(&config.master_key.read()?).map_err(words)
}

/// What fetches from clients and posts to them, as the settings allow it.
///
/// # Errors
/// In words: the file of trust anchors cannot be read, or holds none.
pub fn outbound(config: &Config) -> Result<Outbound, String> {
    let file = config.outbound.trust_anchors.as_ref();
    let read =
        file.map(|file| std::fs::read(file).map_err(|error| format!("outbound.trust_anchors {}: {error}", file.display())));
    Outbound::new(config.outbound.allow.clone(), read.transpose()?.as_deref()).map_err(words)
}

/// Builds the provider on its database, which must be migrated.
///
/// # Errors
/// In words, with what to do.
pub async fn build(config: &Config, db: Db, gateways: Gateways) -> Result<Idp, String> {
    if let SchemaState::Behind(names) = db.schema_state().await.map_err(words)? {
        return Err(format!("the database must be migrated first ({}): run  poterne migrate", names.join(", ")));
    }
    let mut idp = Idp::builder(config.public_url.clone(), master_key(config)?).sender(gateways).outbound(outbound(config)?);
    if let Some(hashing) = config.hashing {
        idp = idp.hashing(hashing);
    }
    idp.build(db).await.map_err(words)
}
