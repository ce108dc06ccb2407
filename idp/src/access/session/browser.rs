//! The browser row: what the one cookie names. Its secret changes at every authentication, so that a cookie planted before is worth
//! nothing after.

use crate::error::Result;
use crate::settings::Policy;
use crate::store::schema::{browser, enrollment, flow, known_device, recovery, session};
use crate::store::{Rx, Tx, cached};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use poterne_protocol::id::BrowserId;
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// How far behind the deleting of browsers may be that nothing came of.
const CATCHING_UP: Duration = Duration::from_secs(3 * 60 * 60);

/// The browser a cookie names, when its secret is right and it has not expired.
pub fn known(rx: &mut Rx<'_>, presented: Option<&Handle<BrowserId>>, now: Timestamp) -> Result<Option<BrowserId>> {
    let Some(handle) = presented else {
        return Ok(None);
    };
    let row = browser::table.find((rx.realm(), handle.id)).select((browser::secret_digest, browser::expires_at));
    let row: Option<(Digest, Timestamp)> = row.get_result(rx.conn).optional()?;
    let right = row.is_some_and(|(digest, expires_at)| digest == handle.secret.digest() && now < expires_at);
    Ok(right.then_some(handle.id))
}

/// The browser of this request: the known one, else the fresh one, which is then inserted and whose handle must be set as cookie.
pub fn settle(
    tx: &mut Tx<'_>,
    presented: Option<&Handle<BrowserId>>,
    fresh: &Handle<BrowserId>,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(BrowserId, bool)> {
    if let Some(id) = known(tx, presented, now)? {
        return Ok((id, false));
    }
    let row = (
        browser::realm.eq(tx.realm()),
        browser::id.eq(fresh.id),
        browser::secret_digest.eq(fresh.secret.digest()),
        browser::created_at.eq(now),
        browser::last_seen_at.eq(now),
        browser::expires_at.eq(expires_at),
    );
    diesel::insert_into(browser::table).values(row).execute(tx.conn)?;
    Ok((fresh.id, true))
}

/// Gives the browser a new secret; the old cookie is worth nothing from now on.
pub fn rotate(tx: &mut Tx<'_>, id: BrowserId, secret: Digest, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    let change = (browser::secret_digest.eq(secret), browser::last_seen_at.eq(now), browser::expires_at.eq(expires_at));
    cached::update(browser::table.find((tx.realm(), id)), change).execute(tx.conn)?;
    Ok(())
}

/// Deletes browsers that came before this time, with which nobody ever signed in and to which nothing refers, at most so many; how many they
/// were. Those that came long before are left to [`delete_unused`].
pub fn delete_idle(tx: &mut Tx<'_>, before: Timestamp, policy: &Policy, limit: i64) -> Result<usize> {
    delete_from(tx, before.minus(policy.flow()).minus(CATCHING_UP), before, limit)
}

/// Deletes browsers that nothing refers to any more and that expired, or that nobody ever signed in with, before this time; at most
/// so many; how many they were.
pub fn delete_unused(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    delete_from(tx, Timestamp::from_micros(0), before, limit)
}

fn delete_from(tx: &mut Tx<'_>, since: Timestamp, before: Timestamp, limit: i64) -> Result<usize> {
    use browser as b;
    let realm = tx.realm();
    let sessions = session::table.filter(session::realm.eq(realm)).filter(session::browser.eq(b::id));
    let flows = flow::table.filter(flow::realm.eq(realm)).filter(flow::browser.eq(b::id));
    let enrollments = enrollment::table.filter(enrollment::realm.eq(realm)).filter(enrollment::browser.eq(b::id));
    let recoveries = recovery::table.filter(recovery::realm.eq(realm)).filter(recovery::browser.eq(b::id));
    // A sign-in changes the secret and with it the time the browser was last seen.
    let devices = known_device::table.filter(known_device::realm.eq(realm)).filter(known_device::browser.eq(b::id));
    let never_used = b::last_seen_at.eq(b::created_at).and(not(exists(devices)));
    let rows = b::table.filter(b::realm.eq(realm)).filter(b::id.lt(BrowserId::new(before, [0; 10])));
    let rows = rows.filter(b::id.ge(BrowserId::new(since, [0; 10])));
    let rows = rows.filter(b::expires_at.lt(before).or(never_used));
    let rows = rows.filter(not(exists(sessions))).filter(not(exists(flows))).filter(not(exists(enrollments)));
    let rows = rows.filter(not(exists(recoveries)));
    let ids: Vec<BrowserId> = rows.select(b::id).limit(limit).load(tx.conn)?;
    // Nobody can come with a browser whose cookie has expired: no account knows it any more.
    let devices = known_device::table.filter(known_device::realm.eq(realm)).filter(known_device::browser.eq_any(&ids));
    diesel::delete(devices).execute(tx.conn)?;
    Ok(diesel::delete(b::table.filter(b::realm.eq(realm)).filter(b::id.eq_any(ids))).execute(tx.conn)?)
}
