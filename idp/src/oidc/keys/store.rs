//! The rows of signing keys.

use super::signer::{NewSigningKey, RealmSigner};
use crate::directory::realm;
use crate::error::Result;
use crate::operations::audit::{Event, record};
use crate::realm::SigningKeys;
use crate::store::schema::signing_key;
use crate::store::{Rx, Tx};
use crate::vault::Vault;
use diesel::prelude::*;
use poterne_protocol::id::KeyId;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jwk::Jwk;
use poterne_protocol::jose::jws::Signer;
use poterne_protocol::jose::keyset::KeySet;
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How long a former key stays published: tokens live minutes, but an expired ID token is still a hint at logout, and portals keep
/// people signed in for days.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

struct Row {
    id: KeyId,
    public: Jwk,
    sealed: Sealed,
    created_at: Timestamp,
    active_from: Timestamp,
    retired_at: Option<Timestamp>,
}

impl Row {
    fn signs(&self, algorithm: Algorithm, now: Timestamp) -> bool {
        self.public.alg == algorithm && self.active_from <= now && self.retired_at.is_none_or(|at| now < at)
    }
}

/// Every key of the realm, the newest to sign first.
fn rows(rx: &mut Rx<'_>) -> Result<Vec<Row>> {
    use signing_key as k;
    let rows = k::table.filter(k::realm.eq(rx.realm())).order((k::active_from.desc(), k::id.desc()));
    let columns = (k::id, k::public, k::sealed, k::created_at, k::active_from, k::retired_at);
    let rows: Vec<(KeyId, String, Sealed, Timestamp, Timestamp, Option<Timestamp>)> = rows.select(columns).load(rx.conn)?;
    let row = |(id, public, sealed, created_at, active_from, retired_at): (_, String, _, _, _, _)| {
        Ok(Row { id, public: serde_json::from_str(&public)?, sealed, created_at, active_from, retired_at })
    };
    rows.into_iter().map(row).collect()
}

/// The keys in use, opened, and those published: the ones in use, the next ones, the former ones.
pub fn load(rx: &mut Rx<'_>, vault: &Vault, now: Timestamp) -> Result<SigningKeys> {
    let rows = rows(rx)?;
    let mut signers: Vec<Arc<dyn Signer>> = Vec::new();
    for algorithm in Algorithm::ALL {
        let Some(row) = rows.iter().find(|row| row.signs(algorithm, now)) else { continue };
        signers.push(Arc::new(RealmSigner::open(vault, row.id, &row.public, &row.sealed)?));
    }
    Ok(SigningKeys { signers, published: KeySet { keys: rows.into_iter().map(|row| row.public).collect() } })
}

/// Inserts keys.
pub fn insert(tx: &mut Tx<'_>, keys: &[NewSigningKey]) -> Result<()> {
    for key in keys {
        let row = (
            signing_key::realm.eq(tx.realm()),
            signing_key::id.eq(key.id),
            signing_key::alg.eq(key.public.alg.as_str()),
            signing_key::public.eq(serde_json::to_string(&key.public)?),
            signing_key::sealed.eq(&key.sealed),
            signing_key::created_at.eq(key.created_at),
            signing_key::active_from.eq(key.active_from),
        );
        diesel::insert_into(signing_key::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// The next key of each algorithm takes over: at once when it was published at least `lead` ago, else when that is so. The former
/// one signs until then and stays published; `fresh` are the new next ones. What retired long ago is no longer published.
pub fn rotate(tx: &mut Tx<'_>, fresh: &[NewSigningKey], lead: Duration, now: Timestamp, event: &Event) -> Result<()> {
    let (realm, rows) = (tx.realm(), rows(tx)?);
    for algorithm in Algorithm::ALL {
        let of = |row: &&Row| row.public.alg == algorithm;
        let next = rows.iter().filter(of).rfind(|row| row.active_from > now && row.retired_at.is_none());
        // A next key that nobody waited for took over by its own time: then only a new one is published.
        let Some(next) = next else { continue };
        let takes_over = now.max(next.created_at.plus(lead));
        let change = signing_key::active_from.eq(takes_over.min(next.active_from));
        diesel::update(signing_key::table.find((realm, next.id))).set(change).execute(tx.conn)?;
        for former in rows.iter().filter(of).filter(|row| row.active_from <= now && row.retired_at.is_none()) {
            let change = signing_key::retired_at.eq(Some(takes_over.min(next.active_from)));
            diesel::update(signing_key::table.find((realm, former.id))).set(change).execute(tx.conn)?;
        }
    }
    let gone = signing_key::table.filter(signing_key::realm.eq(realm));
    diesel::delete(gone.filter(signing_key::retired_at.lt(now.minus(KEPT)))).execute(tx.conn)?;
    insert(tx, fresh)?;
    record(tx, event)?;
    realm::raise_generation(tx, realm)
}
