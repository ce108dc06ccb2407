//! The worker that hands messages over: several at once, mails and text messages on lanes of their own, so that a slow gateway
//! holds up neither the other channel nor the claims.

use super::prepared::{Channel, open};
use super::rules::{Claim, Next, after, claim};
use super::store::{self, Due};
use crate::app::App;
use crate::directory::realm::Realms;
use crate::error::{Failure, Result};
use crate::figures::{Attempt, Road};
use crate::host::{OutgoingMessage, SendError};
use crate::operations::audit::{Actor, Event, record};
use crate::operations::stop::Stop;
use crate::realm::Realm;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// How often the worker looks without being woken.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a hand-over may take.
const HAND_OVER: Duration = Duration::from_secs(20);
/// Messages of a channel that are in flight at once.
const AT_ONCE: usize = 8;
/// How often what came of an attempt is written before the claim is left to lapse, which sends the message again.
const SETTLE_TRIES: u32 = 5;

/// Messages in flight.
pub(super) struct Outbox {
    app: App,
    lanes: [(Channel, Arc<Semaphore>); 2],
    in_flight: JoinSet<()>,
    hand_over: Duration,
}

/// A message that this worker has claimed.
struct Claimed {
    channel: Channel,
    due: Due,
    attempt: u32,
}

/// Hands messages over until it is told to stop; then it waits for those in flight.
pub async fn run(app: App, realms: Realms, mut stop: Stop) {
    let mut outbox = Outbox::new(app.clone(), HAND_OVER, AT_ONCE);
    let mut first = 0;
    while !stop.is_due() {
        match realms.all(&app).await {
            Ok(mut all) => {
                // Another realm begins each time, so that one with a long queue does not keep the others waiting.
                first = (first + 1) % all.len().max(1);
                all.rotate_left(first);
                for realm in all {
                    if let Err(failure) = outbox.deliver_due(&realm).await {
                        tracing::error!(realm = realm.document.slug, %failure, "the outbox could not be read");
                    }
                }
            }
            Err(failure) => tracing::error!(%failure, "the realms could not be read"),
        }
        tokio::select! {
            () = stop.wait(PAUSE) => {}
            () = app.outbox_wake.notified() => {}
            Some(_) = outbox.in_flight.join_next() => {}
        }
    }
    outbox.finish().await;
}

impl Outbox {
    pub(super) fn new(app: App, hand_over: Duration, at_once: usize) -> Self {
        let lanes = Channel::ALL.map(|channel| (channel, Arc::new(Semaphore::new(at_once))));
        Self { app, lanes, in_flight: JoinSet::new(), hand_over }
    }

    /// Claims what is due in a realm, as far as the lanes have room, and begins to hand it over.
    pub(super) async fn deliver_due(&mut self, realm: &Arc<Realm>) -> Result<()> {
        for (channel, lane) in self.lanes.clone() {
            let (now, room) = (self.app.clock.now(), lane.available_permits());
            if room == 0 {
                continue;
            }
            let due = self.app.db.read(realm.id, move |rx| store::due(rx, channel, now, room)).await?;
            if due.is_empty() {
                continue;
            }
            for claimed in self.claim(realm, channel, due).await? {
                let Ok(permit) = lane.clone().try_acquire_owned() else {
                    return Err(Failure::internal("more messages were claimed than there is room for"));
                };
                self.in_flight.spawn(deliver(self.app.clone(), realm.clone(), claimed, self.hand_over, permit));
            }
        }
        Ok(())
    }

    /// Claims messages; those that are too late or were tried too often end here.
    async fn claim(&self, realm: &Realm, channel: Channel, due: Vec<Due>) -> Result<Vec<Claimed>> {
        let now = self.app.clock.now();
        let decided = due.into_iter().map(|due| {
            let claim = claim(due.attempts, due.expires_at, now);
            let event = match claim {
                Claim::Send { .. } => None,
                Claim::Expire => Some(self.event("message.expired", &due)),
                Claim::Bury => Some(self.event("message.dead", &due)),
            };
            (due, claim, event)
        });
        let decided: Vec<_> = decided.collect();
        let take_all = move |tx: &mut crate::store::Tx<'_>| {
            let (mut claimed, mut ended) = (Vec::new(), Vec::new());
            for (due, claim, event) in &decided {
                let taken = store::take(tx, due, *claim, now)?;
                match (claim, event) {
                    (Claim::Send { attempt, .. }, _) if taken => {
                        claimed.push(Claimed { channel, due: due.clone(), attempt: *attempt });
                    }
                    (_, Some(event)) if taken => {
                        record(tx, event)?;
                        ended.push(if matches!(claim, Claim::Expire) { Attempt::Expired } else { Attempt::Dead });
                    }
                    _ => {}
                }
            }
            Ok((claimed, ended))
        };
        let (claimed, ended) = self.app.db.write(realm.id, take_all).await?;
        for attempt in ended {
            self.app.figures.message(channel.into(), attempt);
        }
        Ok(claimed)
    }

    fn event(&self, kind: &'static str, due: &Due) -> Event {
        event(&self.app, kind, due, due.attempts)
    }

    /// Waits for the messages in flight.
    pub(super) async fn finish(&mut self) {
        while self.in_flight.join_next().await.is_some() {}
    }
}

fn event(app: &App, kind: &'static str, due: &Due, attempts: u32) -> Event {
    let event = Event::new(app, app.clock.now(), kind, Actor::System).about(due.id);
    event.with("message", due.kind.as_str()).with("target", due.target.as_str()).with("attempts", attempts)
}

/// Hands one message over and notes what came of it. The permit goes back to its lane at the end, whatever happens.
async fn deliver(app: App, realm: Arc<Realm>, claimed: Claimed, limit: Duration, _permit: OwnedSemaphorePermit) {
    let Claimed { channel, due, attempt } = claimed;
    let outcome = hand_over(&app, &realm, &due, limit).await;
    let next = after(attempt, outcome, due.expires_at, app.clock.now());
    app.figures.message(channel.into(), (&next).into());
    match &next {
        Next::Delivered => tracing::info!(message = %due.id, kind = due.kind, attempt, "handed over"),
        Next::Retry { error, .. } => tracing::warn!(message = %due.id, kind = due.kind, attempt, error, "not handed over yet"),
        Next::Expired { error } | Next::Dead { error } => {
            tracing::error!(message = %due.id, kind = due.kind, attempt, error, "given up");
        }
    }
    for wait in (1..=SETTLE_TRIES).map(|nth| Duration::from_millis(100) * 3_u32.pow(nth)) {
        match settle(&app, &realm, &due, attempt, next.clone()).await {
            Ok(true) => return,
            Ok(false) => {
                tracing::warn!(message = %due.id, attempt, "the claim had lapsed: the message may have been sent twice");
                return;
            }
            Err(failure) => tracing::error!(message = %due.id, %failure, "what came of an attempt could not be written"),
        }
        tokio::time::sleep(wait).await;
    }
}

impl From<Channel> for Road {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Mail => Self::Mail,
            Channel::Sms => Self::Sms,
        }
    }
}

impl From<&Next> for Attempt {
    fn from(next: &Next) -> Self {
        match next {
            Next::Delivered => Self::Delivered,
            Next::Retry { .. } => Self::Retried,
            Next::Expired { .. } => Self::Expired,
            Next::Dead { .. } => Self::Dead,
        }
    }
}

async fn hand_over(app: &App, realm: &Realm, due: &Due, limit: Duration) -> Result<(), SendError> {
    let never = |failure: Failure| SendError::Never(failure.to_string());
    let payload = due.payload.as_ref().ok_or_else(|| SendError::Never("the payload is gone".into()))?;
    let (lang, content) = open(&realm.vault, due.id, payload).map_err(never)?;
    let (id, created_at) = (due.id.to_string(), due.created_at);
    let message = OutgoingMessage { id, realm: realm.document.slug.clone(), lang, created_at, content };
    let sender = app.sender.clone();
    // In a task of its own, so that a sender that panics costs an attempt and not the worker.
    let mut sending = JoinSet::new();
    sending.spawn(async move { sender.send(&message).await });
    match tokio::time::timeout(limit, sending.join_next()).await {
        Ok(Some(Ok(outcome))) => outcome,
        Ok(_) => Err(SendError::Later("the sender panicked".into())),
        Err(_) => Err(SendError::Later(format!("no answer within {} s", limit.as_secs()))),
    }
}

async fn settle(app: &App, realm: &Realm, due: &Due, attempt: u32, next: Next) -> Result<bool> {
    let kind = match next {
        Next::Delivered => Some("message.delivered"),
        Next::Retry { .. } => None,
        Next::Expired { .. } => Some("message.expired"),
        Next::Dead { .. } => Some("message.dead"),
    };
    let event = kind.map(|kind| event(app, kind, due, attempt));
    let (id, now) = (due.id, app.clock.now());
    app.db
        .write(realm.id, move |tx| {
            let settled = store::settle(tx, id, attempt, &next, now)?;
            if settled && let Some(event) = &event {
                record(tx, event)?;
            }
            Ok(settled)
        })
        .await
}
