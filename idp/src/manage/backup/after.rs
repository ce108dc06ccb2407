//! What a restored copy must not bring back to life. It is older than what happened: a session that was ended, a token that was rotated, a
//! code that was used are as good as new in it. So every session and token ends, whatever was under way is over, and activation codes that
//! nobody had used yet are void, because they may have been used since. What waited to be sent has been sent since, or is too late.

use crate::directory::realm;
use crate::error::Result;
use crate::onboarding::code::Revocation;
use crate::operations::audit::{Event, record};
use crate::operations::outbox;
use crate::store::Tx;
use crate::store::schema::{
    activation_code, challenge, enrollment, flow, lease, oauth_grant, parked_request, recovery, registry_entry, session,
};
use diesel::prelude::*;
use poterne_protocol::time::Timestamp;
use serde::Serialize;

/// What was ended in one realm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// The realm's short name.
    pub realm: String,
    /// Sessions.
    pub sessions: usize,
    /// Grants, with their refresh and access tokens and authorization codes.
    pub grants: usize,
    /// Enrollments, resets and sign-ins that were under way, and codes by mail and SMS.
    pub under_way: usize,
    /// Mails, SMS and calls of portals that had not left.
    pub messages: usize,
    /// Activation codes: their letters must be sent again.
    pub codes: Vec<VoidedCode>,
}

/// A letter that must be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VoidedCode {
    /// Whose.
    pub registry_no: String,
    /// The population.
    pub population: String,
    /// What the code was for.
    pub purpose: String,
}

/// Ends what could be used a second time. `keep_codes` leaves unused activation codes as they are.
pub(super) fn settle(tx: &mut Tx<'_>, slug: &str, keep_codes: bool, now: Timestamp, event: &Event) -> Result<Settled> {
    let id = tx.realm();
    let rows = session::table.filter(session::realm.eq(id)).filter(session::ended_at.is_null());
    let sessions = diesel::update(rows).set(session::ended_at.eq(Some(now))).execute(tx.conn)?;
    let rows = oauth_grant::table.filter(oauth_grant::realm.eq(id)).filter(oauth_grant::revoked_at.is_null());
    let grants = diesel::update(rows).set(oauth_grant::revoked_at.eq(Some(now))).execute(tx.conn)?;
    let under_way = end_what_is_under_way(tx, now)?;
    let messages = outbox::expire_open(tx, "the database was restored from a backup", now)?;
    let codes = if keep_codes { vec![] } else { void_codes(tx, now)? };
    diesel::delete(lease::table.filter(lease::realm.eq(id))).execute(tx.conn)?;
    let event = event.clone().with("sessions", sessions).with("grants", grants).with("codes", codes.len());
    record(tx, &event)?;
    realm::raise_generation(tx, id)?;
    Ok(Settled { realm: slug.to_owned(), sessions, grants, under_way, messages, codes })
}

fn end_what_is_under_way(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize> {
    let id = tx.realm();
    let mut ended = 0;
    let rows = flow::table.filter(flow::realm.eq(id)).filter(flow::expires_at.gt(now));
    ended += diesel::update(rows).set(flow::expires_at.eq(now)).execute(tx.conn)?;
    let rows = enrollment::table.filter(enrollment::realm.eq(id)).filter(enrollment::expires_at.gt(now));
    ended += diesel::update(rows).set(enrollment::expires_at.eq(now)).execute(tx.conn)?;
    let rows = recovery::table.filter(recovery::realm.eq(id)).filter(recovery::expires_at.gt(now));
    ended += diesel::update(rows).set(recovery::expires_at.eq(now)).execute(tx.conn)?;
    let rows = challenge::table.filter(challenge::realm.eq(id)).filter(challenge::expires_at.gt(now));
    ended += diesel::update(rows).set(challenge::expires_at.eq(now)).execute(tx.conn)?;
    ended += diesel::delete(parked_request::table.filter(parked_request::realm.eq(id))).execute(tx.conn)?;
    Ok(ended)
}

fn void_codes(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<VoidedCode>> {
    use activation_code as c;
    let realm = tx.realm();
    let entry = registry_entry::realm.eq(c::realm).and(registry_entry::id.eq(c::entry));
    let live = c::table.inner_join(registry_entry::table.on(entry)).filter(c::realm.eq(realm));
    let live = live.filter(c::state.eq("active")).filter(c::expires_at.gt(now)).order(registry_entry::registry_no);
    let found: Vec<(String, String, String)> =
        live.select((registry_entry::registry_no, c::population, c::purpose)).load(tx.conn)?;
    let rows = c::table.filter(c::realm.eq(realm)).filter(c::state.eq("active"));
    let change = (c::state.eq("revoked"), c::state_reason.eq(Some(Revocation::Restored.as_str())), c::state_at.eq(now));
    diesel::update(rows).set(change).execute(tx.conn)?;
    let voided = |(registry_no, population, purpose)| VoidedCode { registry_no, population, purpose };
    Ok(found.into_iter().map(voided).collect())
}
