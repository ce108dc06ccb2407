//! Clients that were read once, kept as long as their realm's snapshot: every change of a client begins a new one.

use super::store::{self, Registered};
use crate::app::App;
use crate::error::Result;
use crate::realm::Realm;
use crate::store::Rx;
use poterne_protocol::id::ClientRowId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The clients of a realm's snapshot that were asked for so far.
#[derive(Default)]
pub struct Clients(RwLock<Known>);

#[derive(Default)]
struct Known {
    by_client_id: HashMap<String, Arc<Registered>>,
    by_row: HashMap<ClientRowId, Arc<Registered>>,
}

impl Clients {
    fn find(&self, in_known: impl Fn(&Known) -> Option<&Arc<Registered>>) -> Option<Arc<Registered>> {
        in_known(&self.0.read().unwrap_or_else(PoisonError::into_inner)).cloned()
    }

    fn keep(&self, client: Registered) -> Arc<Registered> {
        let client = Arc::new(client);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.by_client_id.insert(client.client.client_id.clone(), client.clone());
        known.by_row.insert(client.row, client.clone());
        client
    }
}

impl Clients {
    /// Forgets a client that this process has just changed: the next look reads it again.
    pub fn forget(&self, row: ClientRowId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = known.by_row.remove(&row) {
            known.by_client_id.remove(&client.client.client_id);
        }
    }
}

/// The client with this `client_id`, as at most a second ago.
pub async fn known(app: &App, realm: &Realm, client_id: &str) -> Result<Option<Arc<Registered>>> {
    if let Some(client) = realm.clients.find(|known| known.by_client_id.get(client_id)) {
        return Ok(Some(client));
    }
    let client_id = client_id.to_owned();
    let found = app.db.read(realm.id, move |rx| store::by_client_id(rx, &client_id)).await?;
    Ok(found.map(|client| realm.clients.keep(client)))
}

/// The client with this `client_id`, as at most a second ago, where a transaction is open already.
pub fn known_by_client_id(rx: &mut Rx<'_>, realm: &Realm, client_id: &str) -> Result<Option<Arc<Registered>>> {
    if let Some(client) = realm.clients.find(|known| known.by_client_id.get(client_id)) {
        return Ok(Some(client));
    }
    Ok(store::by_client_id(rx, client_id)?.map(|client| realm.clients.keep(client)))
}

/// The client of this row, as at most a second ago.
pub fn known_by_row(rx: &mut Rx<'_>, realm: &Realm, id: ClientRowId) -> Result<Option<Arc<Registered>>> {
    if let Some(client) = realm.clients.find(|known| known.by_row.get(&id)) {
        return Ok(Some(client));
    }
    Ok(store::by_row(rx, id)?.map(|client| realm.clients.keep(client)))
}
