//! The rows of signing keys.

use super::rules::{Duty, Key, Phase};
use super::signer::{NewSigningKey, RealmSigner};
use crate::error::{Failure, Result};
use crate::realm::SigningKeys;
use crate::settings::Policy;
use crate::store::schema::signing_key as k;
use crate::store::{Rx, Tx};
use crate::vault::Vault;
use diesel::prelude::*;
use poterne_protocol::id::KeyId;
use poterne_protocol::jose::jws::Signer;
use poterne_protocol::jose::keyset::KeySet;
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

#[derive(Queryable)]
struct Row {
    id: KeyId,
    public: String,
    created_at: Timestamp,
    ready_at: Timestamp,
    token_seconds: i64,
    signs_from: Option<Timestamp>,
    former_from: Option<Timestamp>,
    retired_at: Option<Timestamp>,
}

impl TryFrom<Row> for Key {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let phase = match (row.signs_from, row.former_from, row.retired_at) {
            (None, None, None) => Phase::Next { ready_at: row.ready_at },
            (Some(since), None, None) => Phase::Current { since },
            (Some(_), Some(since), None) => {
                let lived = Duration::from_secs(u64::try_from(row.token_seconds).unwrap_or(0));
                Phase::Former { since, tokens_until: since.plus(lived) }
            }
            (Some(_), Some(_), Some(since)) => Phase::Retired { since },
            _ => return Err(Failure::impossible("a signing key that was retired before it signed")),
        };
        Ok(Self { id: row.id, public: serde_json::from_str(&row.public)?, created_at: row.created_at, phase })
    }
}

/// Every key of the realm, the newest first.
pub fn all(rx: &mut Rx<'_>) -> Result<Vec<Key>> {
    let rows = k::table.filter(k::realm.eq(rx.realm())).order((k::created_at.desc(), k::id.desc()));
    let columns = (k::id, k::public, k::created_at, k::ready_at, k::token_seconds, k::signs_from, k::former_from, k::retired_at);
    rows.select(columns).load::<Row>(rx.conn)?.into_iter().map(Key::try_from).collect()
}

/// The keys in use, opened; those published: the ones in use, the next ones, the former ones; and those that read hints.
pub fn load(rx: &mut Rx<'_>, vault: &Vault, _: Timestamp) -> Result<SigningKeys> {
    let mut keys = all(rx)?;
    let rank = |key: &Key| match key.phase {
        Phase::Current { .. } => 0,
        Phase::Next { .. } => 1,
        Phase::Former { .. } => 2,
        Phase::Retired { .. } => 3,
    };
    keys.sort_by_key(rank);
    let mut signers: Vec<Arc<dyn Signer>> = Vec::new();
    for key in keys.iter().filter(|key| matches!(key.phase, Phase::Current { .. })) {
        let sealed: Option<Sealed> = k::table.find((rx.realm(), key.id)).select(k::sealed).get_result(rx.conn)?;
        let sealed = sealed.ok_or_else(|| Failure::impossible("a current signing key without its private half"))?;
        signers.push(Arc::new(RealmSigner::open(vault, key.id, &key.public, &sealed)?));
    }
    let set = |of: &dyn Fn(&Phase) -> bool| KeySet {
        keys: keys.iter().filter(|key| of(&key.phase)).map(|key| key.public.clone()).collect(),
    };
    let published = set(&|phase| !matches!(phase, Phase::Retired { .. }));
    Ok(SigningKeys { signers, published, known: set(&|_| true) })
}

/// Inserts keys.
pub fn insert(tx: &mut Tx<'_>, keys: &[NewSigningKey]) -> Result<()> {
    for key in keys {
        let row = (
            k::realm.eq(tx.realm()),
            k::id.eq(key.id),
            k::alg.eq(key.public.alg.as_str()),
            k::public.eq(serde_json::to_string(&key.public)?),
            k::sealed.eq(Some(&key.sealed)),
            k::created_at.eq(key.created_at),
            k::ready_at.eq(key.ready_at),
            k::token_seconds.eq(seconds(key.tokens)),
            k::signs_from.eq(key.signs_from),
        );
        diesel::insert_into(k::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// Does one thing; a new key comes from `fresh`, and where there is none for it, `false` says that the duty waits. The private half of a
/// key that signs no more is erased.
pub(super) fn carry_out(tx: &mut Tx<'_>, duty: &Duty, fresh: &[NewSigningKey], now: Timestamp) -> Result<bool> {
    let realm = tx.realm();
    let changed = match duty {
        Duty::TakeOver { next, current, .. } => {
            if let Some((current, _)) = current {
                once(cease(tx, *current, now)?)?;
            }
            let row = k::table.find((realm, *next)).filter(k::signs_from.is_null());
            diesel::update(row).set(k::signs_from.eq(Some(now))).execute(tx.conn)?
        }
        Duty::Begin(algorithm) | Duty::Publish(algorithm) => {
            let signs = matches!(duty, Duty::Begin(_));
            let mut fitting = fresh.iter().filter(|key| key.public.alg == *algorithm);
            let Some(key) = fitting.find(|key| key.signs_from.is_some() == signs) else { return Ok(false) };
            insert(tx, std::slice::from_ref(key))?;
            1
        }
        Duty::Cease(id, _) => cease(tx, *id, now)?,
        Duty::Retire(id, _) => {
            let row = k::table.find((realm, *id)).filter(k::former_from.is_not_null()).filter(k::retired_at.is_null());
            diesel::update(row).set(k::retired_at.eq(Some(now))).execute(tx.conn)?
        }
        Duty::Forget(id, _) => diesel::delete(k::table.find((realm, *id))).execute(tx.conn)?,
    };
    once(changed)?;
    Ok(true)
}

fn cease(tx: &mut Tx<'_>, id: KeyId, now: Timestamp) -> Result<usize> {
    let row = k::table.find((tx.realm(), id)).filter(k::former_from.is_null()).filter(k::signs_from.is_not_null());
    let change = (k::former_from.eq(Some(now)), k::sealed.eq(None::<Sealed>));
    Ok(diesel::update(row).set(change).execute(tx.conn)?)
}

/// Two who rotate at once are kept apart by the rows themselves.
fn once(changed: usize) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Failure::Busy("somebody else is rotating the keys")) }
}

/// A policy under which tokens live longer holds for those of the current and next keys too: each stays published for the longest that any
/// of its tokens may live.
pub(super) fn outlive(tx: &mut Tx<'_>, policy: &Policy) -> Result<()> {
    let longest = seconds(policy.longest_token());
    let rows = k::table.filter(k::realm.eq(tx.realm())).filter(k::former_from.is_null()).filter(k::token_seconds.lt(longest));
    diesel::update(rows).set(k::token_seconds.eq(longest)).execute(tx.conn)?;
    Ok(())
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
