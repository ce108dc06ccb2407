//! The worker that seals new events into their realm's chain, within a second.

use super::store;
use crate::app::App;
use crate::calm::Calm;
use crate::directory::realm::Realms;
use crate::error::Result;
use crate::operations::lease::{self, Holder};
use crate::operations::stop::Stop;
use crate::realm::Realm;
use std::time::Duration;

/// How often the worker looks.
const PAUSE: Duration = Duration::from_millis(500);
/// Of how many failures one is told: one a minute.
const TOLD: u32 = 120;
/// How long its lease holds without being prolonged.
const LEASE: Duration = Duration::from_secs(5);
/// Events that are sealed in one transaction.
const BATCH: i64 = 200;
const NAME: &str = "audit";

/// Seals until it is told to stop.
pub async fn run(app: App, realms: Realms, mut stop: Stop) {
    let holder: Holder = app.entropy.bytes();
    let mut calm = Calm::new("sealing audit events", TOLD);
    while !stop.is_due() {
        calm.note(&look(&app, &realms, holder, &stop).await);
        stop.wait(PAUSE).await;
    }
}

/// Seals what is unsealed everywhere; the first failure keeps no realm from its turn.
async fn look(app: &App, realms: &Realms, holder: Holder, stop: &Stop) -> Result<()> {
    let mut outcome = Ok(());
    for realm in realms.all(app).await? {
        let sealed = seal_all(app, &realm, holder, stop).await;
        outcome = outcome.and(sealed);
    }
    outcome
}

/// Seals what is unsealed in a realm.
async fn seal_all(app: &App, realm: &Realm, holder: Holder, stop: &Stop) -> Result<()> {
    if !app.db.read(realm.id, store::any_unsealed).await? {
        return Ok(());
    }
    // Less than a batch were all that waited.
    while seal_some(app, realm, holder).await?.is_some_and(|sealed| i64::try_from(sealed).is_ok_and(|sealed| sealed == BATCH)) {
        if stop.is_due() {
            break;
        }
    }
    Ok(())
}

/// Seals a batch: how many events it were, or `None` while another worker holds the lease.
pub(super) async fn seal_some(app: &App, realm: &Realm, holder: Holder) -> Result<Option<usize>> {
    let now = app.clock.now();
    let sealed = move |tx: &mut crate::store::Tx<'_>| {
        let mine = lease::take(tx, NAME, &holder, now, now.plus(LEASE))?;
        if mine { store::seal(tx, BATCH).map(Some) } else { Ok(None) }
    };
    app.db.write(realm.id, sealed).await
}
