//! The rows of flows.

use super::{Flow, Goal, Progress};
use crate::directory::client::{self, Registered};
use crate::error::{Failure, Result};
use crate::settings::Policy;
use crate::store::schema::{enrollment, flow, recovery};
use crate::store::{Rx, Tx, cached};
use crate::urls::AccountPage;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use poterne_protocol::authorize::request::AuthorizationRequest;
use poterne_protocol::id::{AccountId, BrowserId, ClientRowId, FlowId, SessionId};
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far behind the deleting of abandoned flows may be.
const CATCHING_UP: Duration = Duration::from_secs(3 * 60 * 60);

/// A flow to be inserted.
#[derive(Debug, Clone)]
pub struct NewFlow {
    /// Names the flow.
    pub id: FlowId,
    /// What it is for.
    pub goal: Goal,
    /// Now.
    pub at: Timestamp,
    /// When it is no longer taken up.
    pub expires_at: Timestamp,
}

type Row = (FlowId, BrowserId, Option<ClientRowId>, String, String, i64, Times);

/// When the flow expires, was finished, was consented in, had an account chosen in it.
type Times = (Timestamp, Option<Timestamp>, Option<Timestamp>, Option<Timestamp>);

/// A goal as it is kept; the client has a column of its own.
#[derive(Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
enum Kept {
    Portal { request: Box<AuthorizationRequest> },
    Account { page: AccountPage },
}

fn kept(goal: &Goal) -> Kept {
    match goal {
        Goal::Portal { request, .. } => Kept::Portal { request: request.clone() },
        Goal::Account { page, .. } => Kept::Account { page: *page },
    }
}

/// The client whose request it is, or whose person it is.
const fn column(goal: &Goal) -> Option<ClientRowId> {
    match goal {
        Goal::Portal { client, .. } => Some(*client),
        Goal::Account { from, .. } => *from,
    }
}

fn goal(client: Option<ClientRowId>, kept: Kept) -> Result<Goal> {
    match (client, kept) {
        (Some(client), Kept::Portal { request }) => Ok(Goal::Portal { client, request }),
        (from, Kept::Account { page }) => Ok(Goal::Account { page, from }),
        _ => Err(Failure::impossible("what a flow is for")),
    }
}

/// The flow of this id, whoever's browser asks: the caller compares.
pub fn load(rx: &mut Rx<'_>, id: FlowId) -> Result<Option<Flow>> {
    use flow as f;
    let times = (f::expires_at, f::finished_at, f::consented_at, f::chosen_at);
    let columns = (f::id, f::browser, f::client, f::goal, f::progress, f::version, times);
    let row: Option<Row> = f::table.find((rx.realm(), id)).select(columns).get_result(rx.conn).optional()?;
    row.map(|(id, browser, client, kept, progress, version, times)| {
        let (goal, progress) = (goal(client, serde_json::from_str(&kept)?)?, serde_json::from_str(&progress)?);
        let (expires_at, finished_at, consented_at, chosen_at) = times;
        Ok(Flow { id, browser, goal, progress, consented_at, chosen_at, version, expires_at, finished_at })
    })
    .transpose()
}

/// The client that asked, as the pages of this flow show it: of its redirect URIs only the one that the answer goes to.
pub fn client(rx: &mut Rx<'_>, flow: &Flow) -> Result<Option<Registered>> {
    let Some(row) = flow.goal.client() else { return Ok(None) };
    let Some(mut found) = client::by_row(rx, row)? else { return Ok(None) };
    if let Some(request) = flow.goal.request() {
        found.client.redirect_uris = vec![request.reply_to.redirect_uri.as_str().to_owned()];
    }
    Ok(Some(found))
}

/// Inserts a flow, owned by a browser.
pub fn insert(tx: &mut Tx<'_>, browser: BrowserId, new: &NewFlow) -> Result<()> {
    let row = (
        flow::realm.eq(tx.realm()),
        flow::id.eq(new.id),
        flow::browser.eq(browser),
        flow::client.eq(column(&new.goal)),
        flow::goal.eq(serde_json::to_string(&kept(&new.goal))?),
        flow::progress.eq(serde_json::to_string(&Progress::Started)?),
        flow::version.eq(1),
        flow::created_at.eq(new.at),
        flow::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(flow::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Moves a flow on: `false` when another request moved it meanwhile, or it is finished. What was consented or chosen in it before no
/// longer counts: it may be with another person now.
pub fn save(tx: &mut Tx<'_>, loaded: &Flow, progress: &Progress) -> Result<bool> {
    move_on(tx, loaded, progress, None)
}

/// Notes the session that the person chose to go on with: `false` as for [`save`].
pub fn choose(tx: &mut Tx<'_>, loaded: &Flow, session: SessionId, now: Timestamp) -> Result<bool> {
    move_on(tx, loaded, &Progress::Chosen { session }, Some(now))
}

fn move_on(tx: &mut Tx<'_>, loaded: &Flow, progress: &Progress, chosen_at: Option<Timestamp>) -> Result<bool> {
    let row = flow::table.filter(flow::realm.eq(tx.realm())).filter(flow::id.eq(loaded.id));
    let row = row.filter(flow::version.eq(loaded.version)).filter(flow::finished_at.is_null());
    let account = match progress {
        Progress::Password { account, .. } => Some(*account),
        Progress::Started | Progress::Chosen { .. } | Progress::Authenticated { .. } => None,
    };
    let progress = (flow::progress.eq(serde_json::to_string(progress)?), flow::account.eq(account));
    let answers = (flow::consented_at.eq(None::<Timestamp>), flow::chosen_at.eq(chosen_at));
    Ok(cached::update(row, (progress, answers, flow::version.eq(loaded.version + 1))).execute(tx.conn)? == 1)
}

/// Notes the answer to the page of consent: when it was given, nothing where it was refused. `false` when the flow is not what the page
/// showed any more, so that an answer counts once.
pub fn answer_consent(tx: &mut Tx<'_>, id: FlowId, shown: i64, consented_at: Option<Timestamp>) -> Result<bool> {
    let row = flow::table.filter(flow::realm.eq(tx.realm())).filter(flow::id.eq(id));
    let row = row.filter(flow::version.eq(shown)).filter(flow::finished_at.is_null());
    let change = (flow::consented_at.eq(consented_at), flow::version.eq(flow::version + 1));
    Ok(cached::update(row, change).execute(tx.conn)? == 1)
}

/// Takes every half sign-in of an account back to its beginning: a password that was proven before it was changed proves nothing. How
/// many they were.
pub fn forget_proofs(tx: &mut Tx<'_>, account: AccountId) -> Result<usize> {
    // Only a half sign-in names an account.
    let rows = flow::table.filter(flow::realm.eq(tx.realm())).filter(flow::account.eq(Some(account)));
    let started = (flow::progress.eq(serde_json::to_string(&Progress::Started)?), flow::account.eq(None::<AccountId>));
    let rows = rows.filter(flow::finished_at.is_null());
    Ok(cached::update(rows, (started, flow::version.eq(flow::version + 1))).execute(tx.conn)?)
}

/// Finishes a flow, once: `false` when it was finished before.
pub fn finish(tx: &mut Tx<'_>, id: FlowId, now: Timestamp) -> Result<bool> {
    let row = flow::table.filter(flow::realm.eq(tx.realm())).filter(flow::id.eq(id)).filter(flow::finished_at.is_null());
    Ok(cached::update(row, flow::finished_at.eq(Some(now))).execute(tx.conn)? == 1)
}

/// Deletes flows that expired before this time and in which nobody ever did anything, at most so many; how many they were. What they need to
/// lead back from an enrollment or a reset that goes on is kept, and so are those that are older than any that a minute's work leaves over:
/// they go with the others.
pub fn delete_abandoned(tx: &mut Tx<'_>, before: Timestamp, policy: &Policy, limit: i64) -> Result<usize> {
    use flow as f;
    let realm = tx.realm();
    let oldest = before.minus(policy.flow()).minus(CATCHING_UP);
    let enrollments = enrollment::table.filter(enrollment::realm.eq(realm)).filter(enrollment::browser.eq(f::browser));
    let enrollments = enrollments.filter(enrollment::flow.eq(f::id.nullable()));
    let recoveries = recovery::table.filter(recovery::realm.eq(realm)).filter(recovery::browser.eq(f::browser));
    let recoveries = recoveries.filter(recovery::flow.eq(f::id.nullable()));
    let rows = f::table.filter(f::realm.eq(realm)).filter(f::id.ge(FlowId::new(oldest, [0; 10])));
    let rows = rows.filter(f::id.lt(FlowId::new(before, [0; 10]))).filter(f::expires_at.lt(before));
    // Every step raises the version.
    let rows = rows.filter(f::version.eq(1)).filter(f::finished_at.is_null());
    let rows = rows.filter(not(exists(enrollments))).filter(not(exists(recoveries)));
    let ids: Vec<FlowId> = rows.select(f::id).limit(limit).load(tx.conn)?;
    Ok(diesel::delete(f::table.filter(f::realm.eq(realm)).filter(f::id.eq_any(ids))).execute(tx.conn)?)
}

/// Deletes flows that expired before this time, at most so many; how many they were.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    use flow as f;
    // No row is younger than its id: the bound keeps the scan to the old end of the table.
    let rows = f::table.filter(f::realm.eq(tx.realm())).filter(f::id.lt(FlowId::new(before, [0; 10])));
    let ids: Vec<FlowId> = rows.filter(f::expires_at.lt(before)).select(f::id).limit(limit).load(tx.conn)?;
    Ok(diesel::delete(f::table.filter(f::realm.eq(tx.realm())).filter(f::id.eq_any(ids))).execute(tx.conn)?)
}
