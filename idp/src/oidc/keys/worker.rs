//! Rotation by schedule: looks every minute whether a realm's keys want something done, and does it, in one process at a time.

use super::turn::{carry_out, due, events, fresh};
use super::{rules, store};
use crate::app::App;
use crate::directory::realm::Realms;
use crate::error::Result;
use crate::operations::audit::Actor;
use crate::operations::lease::{self, Holder};
use crate::operations::stop::Stop;
use crate::realm::Realm;
use crate::store::Tx;
use std::time::Duration;

/// How often it looks.
const PAUSE: Duration = Duration::from_secs(60);
/// How long making keys may take before another process may try.
const LEASE: Duration = Duration::from_secs(60);
const NAME: &str = "signing_keys";

/// Rotates the keys of every realm by its schedule until it is told to stop.
pub async fn run(app: App, realms: Realms, mut stop: Stop) {
    let holder: Holder = app.entropy.bytes();
    while !stop.is_due() {
        match realms.all(&app).await {
            Ok(all) => {
                for realm in all {
                    match tend(&app, &realm, holder).await {
                        Ok(true) => realms.stale(),
                        Ok(false) => {}
                        Err(failure) => {
                            tracing::error!(realm = realm.document.slug, %failure, "the signing keys could not be rotated");
                        }
                    }
                }
            }
            Err(failure) => tracing::error!(%failure, "the realms could not be read"),
        }
        stop.wait(PAUSE).await;
    }
}

/// Does what a realm's keys want now, unless another process is at it; whether there was anything to do.
pub(super) async fn tend(app: &App, realm: &Realm, holder: Holder) -> Result<bool> {
    let (now, period) = (app.clock.now(), realm.policy().signing_key());
    let wanted = realm.document.signing_algorithms.clone();
    let duties = app.db.read(realm.id, move |rx| Ok(rules::scheduled(&store::all(rx)?, &wanted, period, now))).await?;
    if duties.is_empty() {
        return Ok(false);
    }
    if !app.db.write(realm.id, move |tx| lease::take(tx, NAME, &holder, now, now.plus(LEASE))).await? {
        return Ok(false);
    }
    let (fresh, events) =
        (fresh(app, &realm.vault, realm.policy(), &duties, now).await?, events(app, &duties, &Actor::System, now));
    let turn = move |tx: &mut Tx<'_>| {
        // Decided anew: an operator may have rotated meanwhile, or changed the document.
        let duties = due(tx, now)?;
        if duties.is_empty() || !lease::is_held(tx, NAME, &holder, now)? {
            return Ok(false);
        }
        carry_out(tx, &duties, &fresh, &events, now).map(|()| true)
    };
    app.db.write(realm.id, turn).await
}
