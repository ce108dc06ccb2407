//! The rows of resets. The typed name lies there sealed: it may be an AVS number.

use super::rules::{Facts, Progress};
use crate::error::{Failure, Result};
use crate::realm::Realm;
use crate::store::schema::recovery;
use crate::store::{Rx, Tx};
use crate::vault::Place;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use poterne_protocol::id::{AccountId, BrowserId, FlowId, RecoveryId};
use poterne_protocol::secret::{Digest, Sealed};
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A reset.
#[derive(Debug, Clone)]
pub(super) struct Recovery {
    pub(super) id: RecoveryId,
    pub(super) browser: BrowserId,
    /// The flow that it goes back to.
    pub(super) flow: Option<FlowId>,
    /// Whose password; `None` where nobody has the name, or may not sign in.
    pub(super) account: Option<AccountId>,
    pub(super) progress: Progress,
    /// The digest of the password's hash when the reset began.
    pub(super) password: Digest,
    typed: Sealed,
    version: i64,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
}

/// A reset to be inserted.
#[derive(Clone)]
pub(super) struct NewRecovery {
    pub(super) id: RecoveryId,
    pub(super) flow: Option<FlowId>,
    pub(super) account: Option<AccountId>,
    pub(super) progress: Progress,
    pub(super) password: Digest,
    pub(super) typed: Sealed,
    pub(super) at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// What the column of the progress holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    typed: String,
    password: String,
    progress: Progress,
}

type Row = (RecoveryId, BrowserId, Option<FlowId>, Option<AccountId>, String, i64, Timestamp, Timestamp, Option<Timestamp>);

fn kept(typed: &Sealed, password: &Digest, progress: Progress) -> Result<String> {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Ok(serde_json::to_string(&Kept { typed: text(typed.as_bytes()), password: text(password.as_bytes()), progress })?)
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Failure::impossible("a reset's name or password"))
}

/// Where the typed name is sealed for.
pub(super) const fn place(id: &RecoveryId) -> Place<'_> {
    Place { table: "recovery", column: "progress", row: id.as_bytes() }
}

impl Recovery {
    /// As the rules look at it.
    pub(super) const fn facts(&self) -> Facts {
        let finished = self.finished_at.is_some();
        Facts { browser: self.browser, progress: self.progress, expires_at: self.expires_at, finished }
    }

    /// The name as it was typed.
    pub(super) fn typed(&self, realm: &Realm) -> Result<String> {
        Ok(realm.vault.unseal_text(place(&self.id), &self.typed)?.expose().to_owned())
    }
}

/// The reset of this id, whoever's browser asks: the caller compares.
pub(super) fn load(rx: &mut Rx<'_>, id: RecoveryId) -> Result<Option<Recovery>> {
    use recovery as r;
    let columns = (r::id, r::browser, r::flow, r::account, r::progress, r::version, r::created_at, r::expires_at, r::finished_at);
    let row: Option<Row> = r::table.find((rx.realm(), id)).select(columns).get_result(rx.conn).optional()?;
    row.map(|(id, browser, flow, account, progress, version, created_at, expires_at, finished_at)| {
        let kept: Kept = serde_json::from_str(&progress)?;
        let password = bytes(&kept.password)?.try_into().map_err(|_| Failure::impossible("a reset's password"))?;
        Ok(Recovery {
            id,
            browser,
            flow,
            account,
            progress: kept.progress,
            password: Digest::from_bytes(password),
            typed: Sealed::from_bytes(bytes(&kept.typed)?),
            version,
            created_at,
            expires_at,
            finished_at,
        })
    })
    .transpose()
}

/// Inserts a reset, owned by a browser.
pub(super) fn insert(tx: &mut Tx<'_>, browser: BrowserId, new: &NewRecovery) -> Result<()> {
    let row = (
        recovery::realm.eq(tx.realm()),
        recovery::id.eq(new.id),
        recovery::browser.eq(browser),
        recovery::flow.eq(new.flow),
        recovery::account.eq(new.account),
        recovery::progress.eq(kept(&new.typed, &new.password, new.progress)?),
        recovery::version.eq(1),
        recovery::created_at.eq(new.at),
        recovery::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(recovery::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Moves a reset on. One that was loaded in this transaction cannot have moved: if it did, nothing of the transaction may stay.
pub(super) fn save(tx: &mut Tx<'_>, loaded: &Recovery, progress: Progress) -> Result<()> {
    let row = recovery::table.filter(recovery::realm.eq(tx.realm())).filter(recovery::id.eq(loaded.id));
    let row = row.filter(recovery::version.eq(loaded.version)).filter(recovery::finished_at.is_null());
    let text = kept(&loaded.typed, &loaded.password, progress)?;
    let change = (recovery::progress.eq(text), recovery::version.eq(loaded.version + 1));
    let saved = diesel::update(row).set(change).execute(tx.conn)? == 1;
    if saved { Ok(()) } else { Err(Failure::Busy("a reset moved within a transaction")) }
}

/// Finishes a reset, once: `false` when another request moved or finished it.
pub(super) fn finish(tx: &mut Tx<'_>, loaded: &Recovery, now: Timestamp) -> Result<bool> {
    let row = recovery::table.filter(recovery::realm.eq(tx.realm())).filter(recovery::id.eq(loaded.id));
    let row = row.filter(recovery::version.eq(loaded.version)).filter(recovery::finished_at.is_null());
    let change = (recovery::finished_at.eq(Some(now)), recovery::version.eq(loaded.version + 1));
    Ok(diesel::update(row).set(change).execute(tx.conn)? == 1)
}
