//! The rows of clients.

use super::secret::{self, KeptSecret};
use crate::error::{Failure, Result};
use crate::outbound::Trust;
use crate::realm::Realm;
use crate::store::schema::client;
use crate::store::{Rx, Tx};
use crate::vault::Vault;
use diesel::prelude::*;
use poterne_protocol::client::Client;
use poterne_protocol::id::ClientRowId;
use poterne_protocol::secret::{Digest, Sealed, Secret};
use poterne_protocol::time::Timestamp;
use serde::Deserialize;

/// Clients that the realm's document owns; `apply_document` changes no others.
const ORIGIN_DOCUMENT: &str = "document";
/// Clients that registered themselves.
pub(super) const ORIGIN_REGISTRATION: &str = "registration";

/// A client with what the store adds to its registration.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Names the row.
    pub row: ClientRowId,
    /// The registration.
    pub client: Client,
    /// Whether it registered itself: then what it says of itself is nobody's word but its own.
    pub is_own: bool,
    /// What is kept of its secret.
    pub secret_digest: Option<Digest>,
    /// The same secret sealed, of clients that sign with it.
    pub secret_sealed: Option<Sealed>,
    /// When its secret ends, if it does.
    pub secret_expires_at: Option<Timestamp>,
    /// What is kept of its former secret, and until when that is good as well.
    pub former: Option<(Digest, Timestamp)>,
    /// When a service that registered itself was last noted to have used its registration.
    pub used_at: Option<Timestamp>,
}

impl Registered {
    /// The digests of the secrets it may show now.
    #[must_use]
    pub fn secrets(&self, now: Timestamp) -> Vec<Digest> {
        let former = self.former.filter(|(_, until)| now < *until).map(|(digest, _)| digest);
        self.secret_digest.filter(|_| self.is_secret_good(now)).into_iter().chain(former).collect()
    }

    /// The secret that it signs with now: `None` where it signs with none of ours, or the secret has ended. A former one is not kept.
    ///
    /// # Errors
    /// [`Failure::Sealed`] when it was sealed under other keys.
    pub fn signing_secret(&self, vault: &Vault, now: Timestamp) -> Result<Option<Secret>> {
        let sealed = self.secret_sealed.as_ref().filter(|_| self.is_secret_good(now));
        sealed.map(|sealed| secret::open(vault, &self.client.client_id, sealed)).transpose()
    }

    /// On whose word its addresses are fetched and called.
    #[must_use]
    pub fn trust(&self, realm: &Realm) -> Trust {
        if self.is_own { Trust::of_registered(realm.document.registration.as_ref()) } else { Trust::Operator }
    }

    fn is_secret_good(&self, now: Timestamp) -> bool {
        self.secret_expires_at.is_none_or(|ends| now < ends)
    }
}

/// A client as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ClientSummary {
    /// Its public name in requests.
    pub client_id: String,
    /// What people see.
    pub client_name: String,
    /// `document`, `command` or `registration`.
    pub origin: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = client)]
struct Row {
    id: ClientRowId,
    document: String,
    origin: String,
    secret_digest: Option<Digest>,
    secret_sealed: Option<Sealed>,
    secret_expires_at: Option<Timestamp>,
    former_digest: Option<Digest>,
    former_until: Option<Timestamp>,
    used_at: Option<Timestamp>,
}

fn registered(row: Row) -> Result<Registered> {
    Ok(Registered {
        row: row.id,
        client: serde_json::from_str(&row.document)?,
        is_own: row.origin == ORIGIN_REGISTRATION,
        secret_digest: row.secret_digest,
        secret_sealed: row.secret_sealed,
        secret_expires_at: row.secret_expires_at,
        former: row.former_digest.zip(row.former_until),
        used_at: row.used_at,
    })
}

/// The client with this `client_id`.
pub fn by_client_id(rx: &mut Rx<'_>, client_id: &str) -> Result<Option<Registered>> {
    // Nothing else can name a client, and not every database takes everything.
    if !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    let rows = client::table.filter(client::realm.eq(rx.realm())).filter(client::client_id.eq(client_id));
    let rows = rows.filter(client::removed_at.is_null());
    let row: Option<Row> = rows.select(Row::as_select()).get_result(rx.conn).optional()?;
    row.map(registered).transpose()
}

/// The client of this name, where it is one of the realm's own portals with a home page to go back to.
pub fn portal(rx: &mut Rx<'_>, client_id: &str) -> Result<Option<Registered>> {
    let found = by_client_id(rx, client_id)?;
    Ok(found.filter(|found| found.client.first_party && found.client.client_uri.is_some()))
}

/// The client of this row.
pub fn by_row(rx: &mut Rx<'_>, id: ClientRowId) -> Result<Option<Registered>> {
    let row = client::table.find((rx.realm(), id)).filter(client::removed_at.is_null());
    let row: Option<Row> = row.select(Row::as_select()).get_result(rx.conn).optional()?;
    row.map(registered).transpose()
}

/// All clients of the realm in short, by name.
pub fn list(rx: &mut Rx<'_>) -> Result<Vec<ClientSummary>> {
    let rows = client::table.filter(client::realm.eq(rx.realm())).filter(client::removed_at.is_null()).order(client::client_id);
    let rows: Vec<(String, String)> = rows.select((client::document, client::origin)).load(rx.conn)?;
    let summary = |(document, origin): (String, String)| {
        let Client { client_id, client_name, .. } = serde_json::from_str(&document)?;
        Ok(ClientSummary { client_id, client_name, origin })
    };
    rows.into_iter().map(summary).collect()
}

/// The realm's own portals, by name. None of them registered itself.
pub fn first_party(rx: &mut Rx<'_>) -> Result<Vec<Client>> {
    let rows = client::table.filter(client::realm.eq(rx.realm())).filter(client::removed_at.is_null());
    let rows = rows.filter(client::origin.eq(ORIGIN_DOCUMENT)).order(client::client_id).select(client::document);
    let documents: Vec<String> = rows.load(rx.conn)?;
    let all: Vec<Client> = documents.iter().map(|document| serde_json::from_str(document)).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|client| client.first_party && !client.is_service()).collect())
}

/// The redirect URIs of all clients of the realm; nothing else of them is read.
pub fn all_redirect_uris(rx: &mut Rx<'_>) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Document {
        #[serde(default)]
        redirect_uris: Vec<String>,
    }
    let rows = client::table.filter(client::realm.eq(rx.realm())).filter(client::removed_at.is_null());
    let documents: Vec<String> = rows.select(client::document).load(rx.conn)?;
    let mut uris = Vec::new();
    for document in &documents {
        uris.extend(serde_json::from_str::<Document>(document)?.redirect_uris);
    }
    Ok(uris)
}

/// All clients of the realm, by name.
pub fn all(rx: &mut Rx<'_>) -> Result<Vec<Client>> {
    let rows = client::table.filter(client::realm.eq(rx.realm())).filter(client::removed_at.is_null()).order(client::client_id);
    let documents: Vec<String> = rows.select(client::document).load(rx.conn)?;
    Ok(documents.iter().map(|document| serde_json::from_str(document)).collect::<Result<_, _>>()?)
}

/// All clients of the realm, each with its origin, by name.
pub fn all_with_origin(rx: &mut Rx<'_>) -> Result<Vec<(Client, String)>> {
    let rows = client::table.filter(client::realm.eq(rx.realm())).filter(client::removed_at.is_null()).order(client::client_id);
    let rows: Vec<(String, String)> = rows.select((client::document, client::origin)).load(rx.conn)?;
    rows.into_iter().map(|(document, origin)| Ok((serde_json::from_str(&document)?, origin))).collect()
}

/// Makes the document's clients what the document says: adds, changes, removes; leaves clients of other origins alone. What was
/// issued to a removed client refers to its row, so the row stays, and nothing of that client works any more. `fresh` has an unused
/// row id for each client of the document, in its order.
pub fn apply_document(tx: &mut Tx<'_>, clients: &[Client], fresh: &[ClientRowId], at: Timestamp) -> Result<Vec<ClientRowId>> {
    let realm = tx.realm();
    let mine = client::table.filter(client::realm.eq(realm)).filter(client::origin.eq(ORIGIN_DOCUMENT));
    let kept: Vec<(ClientRowId, String)> = mine.select((client::id, client::client_id)).load(tx.conn)?;
    let mut removed = Vec::new();
    for (id, _) in kept.iter().filter(|(_, name)| !clients.iter().any(|client| client.client_id == *name)) {
        let row = client::table.find((realm, *id)).filter(client::removed_at.is_null());
        if diesel::update(row).set((client::removed_at.eq(Some(at)), client::updated_at.eq(at))).execute(tx.conn)? == 1 {
            // Should a client of this name come back, it has nothing in common with this one.
            set_secret(tx, *id, None, None, at)?;
            removed.push(*id);
        }
    }
    for (new, id) in clients.iter().zip(fresh) {
        let document = serde_json::to_string(new)?;
        if let Some((id, _)) = kept.iter().find(|(_, name)| *name == new.client_id) {
            let back = client::removed_at.eq(None::<Timestamp>);
            let change = (client::document.eq(document), client::updated_at.eq(at), back);
            diesel::update(client::table.find((realm, *id))).set(change).execute(tx.conn)?;
            continue;
        }
        let row = (
            client::realm.eq(realm),
            client::id.eq(*id),
            client::client_id.eq(&new.client_id),
            client::origin.eq(ORIGIN_DOCUMENT),
            client::document.eq(document),
            client::created_at.eq(at),
            client::updated_at.eq(at),
        );
        diesel::insert_into(client::table).values(row).execute(tx.conn)?;
    }
    Ok(removed)
}

/// Keeps what is kept of a client's new secret, or none. The former one is good until then as well; without a time it ends at once.
pub fn set_secret(
    tx: &mut Tx<'_>,
    id: ClientRowId,
    kept: Option<&KeptSecret>,
    former_until: Option<Timestamp>,
    at: Timestamp,
) -> Result<()> {
    let row = client::table.find((tx.realm(), id));
    if former_until.is_some() {
        diesel::update(row).set(client::former_digest.eq(client::secret_digest)).execute(tx.conn)?;
    } else {
        diesel::update(row).set(client::former_digest.eq(None::<Digest>)).execute(tx.conn)?;
    }
    let change = (
        client::secret_digest.eq(kept.map(|kept| kept.digest)),
        client::secret_sealed.eq(kept.and_then(|kept| kept.sealed.as_ref())),
        client::secret_expires_at.eq(kept.and_then(|kept| kept.expires_at)),
        client::former_until.eq(former_until),
        client::updated_at.eq(at),
    );
    let changed = diesel::update(row).set(change).execute(tx.conn)?;
    if changed == 1 { Ok(()) } else { Err(Failure::internal("the client is gone")) }
}
