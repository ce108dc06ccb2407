//! Deleting what has had its time: in small batches, each with an audit event, by one worker at a time. What there is to delete is
//! said by the rooms that own it, and given from outside.

use super::audit::{Actor, Event, record};
use super::lease::{self, Holder};
use super::stop::Stop;
use crate::app::App;
use crate::directory::realm::Realms;
use crate::error::Result;
use crate::realm::Realm;
use crate::settings::Policy;
use crate::store::Tx;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How often the worker runs.
const PAUSE: Duration = Duration::from_secs(60);
/// Of how many runs one does what is done rarely: every hour.
const RARELY: u64 = 60;
/// How long a run may take before another worker may begin one.
const LEASE: Duration = Duration::from_secs(5 * 60);
/// Rows that are deleted in one transaction, so that nobody waits long behind it.
const BATCH: i64 = 200;
const NAME: &str = "chores";

/// Deletes rows of a kind whose time was over before a moment, at most so many, and says how many they were.
pub type Delete = fn(&mut Tx<'_>, &Policy, Timestamp, i64) -> Result<usize>;

/// One kind of thing that is deleted when its time is over.
#[derive(Clone, Copy)]
pub struct Chore {
    /// What it is, for the audit trail.
    pub what: &'static str,
    /// How long it is kept after its time.
    pub kept: Duration,
    /// Whether it is looked for every hour instead of every minute: where looking is dear.
    pub rarely: bool,
    /// How it is deleted, by the room that owns it.
    pub delete: Delete,
}

/// Does the chores every minute until it is told to stop.
pub async fn run(app: App, realms: Realms, chores: &'static [Chore], mut stop: Stop) {
    let holder: Holder = app.entropy.bytes();
    let mut nth = 0_u64;
    while !stop.is_due() {
        match realms.all(&app).await {
            Ok(all) => {
                for realm in all {
                    if let Err(failure) = tidy(&app, &realm, chores, nth.is_multiple_of(RARELY), holder, &stop).await {
                        tracing::error!(realm = realm.document.slug, %failure, "what has had its time could not be deleted");
                    }
                }
            }
            Err(failure) => tracing::error!(%failure, "the realms could not be read"),
        }
        nth = nth.wrapping_add(1);
        stop.wait(PAUSE).await;
    }
}

/// Does a realm's chores once, unless another worker is at it.
async fn tidy(app: &App, realm: &Arc<Realm>, chores: &[Chore], rarely: bool, holder: Holder, stop: &Stop) -> Result<()> {
    let now = app.clock.now();
    if !app.db.write(realm.id, move |tx| lease::take(tx, NAME, &holder, now, now.plus(LEASE))).await? {
        return Ok(());
    }
    for chore in chores.iter().filter(|chore| rarely || !chore.rarely) {
        while !stop.is_due() && delete_some(app, realm, *chore, holder).await? {}
    }
    Ok(())
}

/// Deletes a batch: whether there may be more.
async fn delete_some(app: &App, realm: &Arc<Realm>, chore: Chore, holder: Holder) -> Result<bool> {
    let (now, realm_of_rows) = (app.clock.now(), realm.clone());
    let event = Event::new(app, now, "retention.deleted", Actor::System).about(chore.what);
    let deleted = move |tx: &mut Tx<'_>| {
        if !lease::is_held(tx, NAME, &holder, now)? {
            return Ok(0);
        }
        let deleted = (chore.delete)(tx, realm_of_rows.policy(), now.minus(chore.kept), BATCH)?;
        if deleted > 0 {
            record(tx, &event.clone().with("rows", deleted))?;
        }
        Ok(deleted)
    };
    let deleted = app.db.write(realm.id, deleted).await?;
    Ok(i64::try_from(deleted).unwrap_or(i64::MAX) >= BATCH)
}

/// Does all chores of a realm once, for tests.
#[cfg(test)]
pub(crate) async fn tidy_once(app: &App, realm: &Arc<Realm>, chores: &[Chore]) {
    let (all, stop) = super::stop::stop();
    tidy(app, realm, chores, true, app.entropy.bytes(), &stop).await.unwrap();
    drop(all);
}
