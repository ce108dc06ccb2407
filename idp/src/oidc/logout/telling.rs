//! From sessions that have ended to messages in the outbox, one for each client that wants to be told (Back-Channel Logout section 2.5).
//! It works from rows, so it does not matter who ended a session, nor where: no room below this wing knows of it.

use super::call::Call;
use crate::access::session::{self, Ended};
use crate::app::App;
use crate::directory::client;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::operations::outbox::{self, Channel, Prepared};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use poterne_protocol::client::Client;
use poterne_protocol::id::ClientRowId;
use poterne_protocol::time::Timestamp;

/// Sessions in one transaction.
const BATCH: i64 = 50;

/// A client that wants to be told.
struct Listener {
    row: ClientRowId,
    channel: Channel,
    target: String,
    call: Call,
}

/// A session that has ended, with the messages that tell of it.
struct Telling {
    ended: Ended,
    messages: Vec<(ClientRowId, Prepared)>,
}

/// Whom operators see as the target: the host of the portal's server, which is also what one slow server holds up.
pub(super) fn target(uri: &str) -> String {
    let url = url::Url::parse(uri).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "•••".to_owned())
}

/// Tells the clients of all sessions that have ended. One whose clients cannot be found out or written to is passed over, and keeps no
/// other from its turn.
///
/// # Errors
/// Of the database, or the first of a session that was passed over.
pub(super) async fn tell_all(app: &App, realm: &Realm) -> Result<()> {
    let (mut passed_over, mut outcome) = (0, Ok(()));
    loop {
        let told = tell(app, realm, passed_over).await?;
        passed_over += told.passed_over;
        outcome = outcome.and(told.outcome);
        if !told.more {
            return outcome;
        }
    }
}

/// What came of a batch.
struct Told {
    more: bool,
    passed_over: i64,
    outcome: Result<()>,
}

async fn tell(app: &App, realm: &Realm, passed_over: i64) -> Result<Told> {
    let untold = app.db.read(realm.id, move |rx| {
        let untold = session::untold(rx, (BATCH, passed_over))?;
        Ok(untold.into_iter().map(|ended| (ended, listeners(rx, ended))).collect::<Vec<_>>())
    });
    let untold = untold.await?;
    let now = app.clock.now();
    let mut told = Told { more: i64::try_from(untold.len()).unwrap_or(i64::MAX) >= BATCH, passed_over: 0, outcome: Ok(()) };
    let mut telling = Vec::new();
    for (ended, listeners) in untold {
        match listeners.and_then(|listeners| prepared(app, realm, now, listeners)) {
            Ok(messages) => telling.push(Telling { ended, messages }),
            Err(failure) => {
                tracing::error!(session = %ended.id, %failure, "the clients of a session cannot be told of its end");
                told.passed_over += 1;
                told.outcome = told.outcome.and(Err(failure));
            }
        }
    }
    if telling.is_empty() {
        return Ok(told);
    }
    let enqueue = move |tx: &mut Tx<'_>| {
        for Telling { ended, messages } in &telling {
            // Another process may have been faster.
            if session::mark_told(tx, ended.id, now)? {
                for (client, message) in messages {
                    outbox::enqueue(tx, message)?;
                    session::told_by(tx, ended.id, *client, message.id())?;
                }
            }
        }
        Ok(())
    };
    app.db.write(realm.id, enqueue).await?;
    Ok(told)
}

fn prepared(app: &App, realm: &Realm, now: Timestamp, listeners: Vec<Listener>) -> Result<Vec<(ClientRowId, Prepared)>> {
    let prepare = |Listener { row, channel, target, call }: Listener| {
        Ok((row, outbox::prepare_for_portal(app, realm, now, "logout_token", (channel, target), &call)?))
    };
    listeners.into_iter().map(prepare).collect()
}

fn listeners(rx: &mut Rx<'_>, ended: Ended) -> Result<Vec<Listener>> {
    let mut listeners = Vec::new();
    for party in session::parties(rx, ended.id)? {
        let Some(found) = client::by_row(rx, party.client)? else { continue };
        let Client { backchannel_logout_uri: Some(uri), .. } = &found.client else { continue };
        // Never looked up anew: a client that changed its registration meanwhile would be told what another one knows.
        let call = Call { client: found.row.to_string(), subject: party.sub, sid: party.sid };
        let channel = if found.is_own { Channel::Registered } else { Channel::Portal };
        listeners.push(Listener { row: found.row, channel, target: target(uri), call });
    }
    Ok(listeners)
}

/// Ends sessions that are idle for too long or too old: they have lived no more since, but nobody has said so. How many there were.
pub(super) async fn end_run_out(app: &App, realm: &Realm) -> Result<usize> {
    let (now, policy) = (app.clock.now(), realm.policy().clone());
    let read_by = policy.clone();
    let over = app.db.read(realm.id, move |rx| session::run_out(rx, now, &read_by, BATCH)).await?;
    if over.is_empty() {
        return Ok(0);
    }
    let event = |ended: Ended| {
        let event = Event::new(app, now, "session.ended", Actor::System).about(ended.account).with("reason", "expired");
        (ended, event)
    };
    let over: Vec<(Ended, Event)> = over.into_iter().map(event).collect();
    let end = move |tx: &mut Tx<'_>| {
        for (ended, event) in &over {
            if session::end_run_out(tx, ended.id, now, &policy)? {
                record(tx, event)?;
            }
        }
        Ok(over.len())
    };
    app.db.write(realm.id, end).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_host() {
        for (uri, shown) in [
            ("https://portal-a.example/logout?x=1", "portal-a.example"),
            ("http://127.0.0.1:8081/backchannel", "127.0.0.1"),
            ("nonsense", "•••"),
        ] {
            assert_eq!(target(uri), shown);
        }
    }
}
