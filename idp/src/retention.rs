//! How long things are kept after their time, on one page; the rooms that own them delete them.

mod rows;
#[cfg(test)]
mod tests;

use crate::access::{flow, notice, session};
use crate::directory::import;
use crate::oidc::registration;
use crate::operations::chores::{Chore, Delete};
use crate::operations::{limits, outbox};
use std::time::Duration;

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// In this order: what refers to something goes before it.
pub const CHORES: &[Chore] = &[
    // A late back button still finds its way to the portal.
    often("flow", DAY, |tx, _, before, limit| flow::delete_expired(tx, before, limit)),
    // In which nobody did anything: anybody can make them by the thousand.
    often("abandoned_flow", 30 * 60, |tx, policy, before, limit| flow::delete_abandoned(tx, before, policy, limit)),
    often("parked_request", 0, |tx, _, before, limit| rows::parked_requests(tx, before, limit)),
    // Past its time an assertion is refused for that alone, by whichever clock.
    often("single_use", 10 * 60, |tx, _, before, limit| rows::single_uses(tx, before, limit)),
    often("challenge", DAY, |tx, _, before, limit| rows::challenges(tx, before, limit)),
    // It holds what the person entered, sealed.
    often("enrollment", DAY, |tx, _, before, limit| rows::enrollments(tx, before, limit)),
    often("recovery", DAY, |tx, _, before, limit| rows::recoveries(tx, before, limit)),
    often("session", DAY, |tx, _, before, limit| session::delete_expired(tx, before, limit)),
    // A code that is tried again within a day still revokes what came of it (RFC 6749 section 4.1.2).
    often("authorization_code", DAY, |tx, _, before, limit| rows::authorization_codes(tx, before, limit)),
    often("access_token", 10 * 60, |tx, _, before, limit| rows::access_tokens(tx, before, limit)),
    // What an import left behind that was cut off; the next one deletes it too.
    rarely("staged_entry", DAY, |tx, _, before, limit| import::unstage(tx, import::Staged::Before(before), limit)),
    rarely("refresh_token", DAY, |tx, _, before, limit| rows::refresh_tokens(tx, before, limit)),
    rarely("oauth_grant", DAY, |tx, _, before, limit| rows::grants(tx, before, limit)),
    // Clients that registered themselves: how long nobody may have used one is said by the realm's document.
    rarely("registered_client", 0, |tx, _, before, limit| registration::remove_unused(tx, before, limit)),
    rarely("removed_client", DAY, |tx, _, before, limit| registration::forget_removed(tx, before, limit)),
    rarely("initial_access_token", DAY, |tx, _, before, limit| registration::delete_expired(tx, before, limit)),
    // An old link says the same as one that was never given out.
    rarely("not_me_link", DAY, |tx, _, before, limit| notice::delete_expired(tx, before, limit)),
    often("idle_browser", HOUR, |tx, policy, before, limit| session::delete_idle(tx, before, policy, limit)),
    rarely("browser", 7 * DAY, |tx, _, before, limit| session::delete_unused(tx, before, limit)),
    rarely("counter", 7 * DAY, |tx, policy, before, limit| limits::delete_idle(tx, before, policy, limit)),
    // What a dead letter carries, once it cannot be sent again; the row stays.
    often("dead_letter", 0, |tx, _, before, limit| outbox::erase_dead(tx, before, limit)),
    rarely("message", 30 * DAY, |tx, _, before, limit| outbox::delete_expired(tx, before, limit)),
];

const fn often(what: &'static str, seconds: u64, delete: Delete) -> Chore {
    Chore { what, kept: Duration::from_secs(seconds), rarely: false, delete }
}

const fn rarely(what: &'static str, seconds: u64, delete: Delete) -> Chore {
    Chore { what, kept: Duration::from_secs(seconds), rarely: true, delete }
}
