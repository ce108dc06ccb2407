//! The worker that hands messages over: several at once, mails and text messages on lanes of their own, so that a slow gateway
//! holds up neither the other channel nor the claims.

use super::prepared::{Channel, open};
use super::rules::{Claim, Next, after, claim, time_for};
use super::store::{self, Due};
use crate::app::App;
use crate::calm::Calm;
use crate::directory::realm::Realms;
use crate::error::{Failure, Result};
use crate::figures::{Attempt, Road};
use crate::host::{OutgoingMessage, SendError};
use crate::operations::audit::{Actor, Event, record};
use crate::operations::stop::Stop;
use crate::realm::Realm;
use poterne_protocol::id::MessageId;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// How often the worker looks without being woken.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a hand-over may take.
const HAND_OVER: Duration = Duration::from_secs(20);
/// Messages of a channel that are in flight at once.
const AT_ONCE: usize = 8;
/// Of how many looks that fail one is told: about one a minute.
const TOLD: u32 = 30;
/// How often a worker that ends tries to write what came of an attempt. Then the claim lapses, and another sends the message again.
const SETTLE_TRIES: u32 = 5;
/// The longest pause between those tries, seconds.
const SETTLE_PAUSE: u64 = 5;

/// Messages in flight.
pub(super) struct Outbox {
    app: App,
    lanes: [(Channel, Arc<Semaphore>); 2],
    in_flight: JoinSet<()>,
    flying: Flying,
    hand_over: Duration,
}

/// The messages in flight, by their ids: while the disk is full what came of them waits here to be written, claim or no claim.
#[derive(Clone, Default)]
struct Flying {
    ids: Arc<Mutex<HashSet<MessageId>>>,
    ending: Arc<AtomicBool>,
}

/// A message in flight, with its place in the lane.
struct Seat {
    flying: Flying,
    id: MessageId,
    _permit: OwnedSemaphorePermit,
}

impl Flying {
    fn board(&self, id: MessageId, permit: OwnedSemaphorePermit) -> Seat {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        Seat { flying: self.clone(), id, _permit: permit }
    }

    fn ids(&self) -> HashSet<MessageId> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.flying.ids.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
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
    let (mut first, mut calm) = (0, Calm::new("the outbox", TOLD));
    while !stop.is_due() {
        first += 1;
        calm.note(&outbox.look(&app, &realms, first).await);
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
        Self { app, lanes, in_flight: JoinSet::new(), flying: Flying::default(), hand_over }
    }

    /// One look at all realms; the first failure keeps none from its turn. Another realm begins each time, so that one with a long queue
    /// does not keep the others waiting.
    async fn look(&mut self, app: &App, realms: &Realms, first: usize) -> Result<()> {
        let (mut all, mut outcome) = (realms.all(app).await?, Ok(()));
        let first = first % all.len().max(1);
        all.rotate_left(first);
        for realm in all {
            let delivered = self.deliver_due(&realm).await;
            outcome = outcome.and(delivered);
        }
        outcome
    }

    /// Claims what is due in a realm, as far as the lanes have room, and begins to hand it over.
    pub(super) async fn deliver_due(&mut self, realm: &Arc<Realm>) -> Result<()> {
        for (channel, lane) in self.lanes.clone() {
            let (now, room) = (self.app.clock.now(), lane.available_permits());
            if room == 0 {
                continue;
            }
            let flying = self.flying.ids();
            let most = room + flying.len();
            let due = self.app.db.read(realm.id, move |rx| store::due(rx, channel, now, most)).await?;
            let due: Vec<Due> = due.into_iter().filter(|due| !flying.contains(&due.id)).take(room).collect();
            if due.is_empty() {
                continue;
            }
            for claimed in self.claim(realm, channel, due).await? {
                let Ok(permit) = lane.clone().try_acquire_owned() else {
                    return Err(Failure::internal("more messages were claimed than there is room for"));
                };
                let seat = self.flying.board(claimed.due.id, permit);
                self.in_flight.spawn(deliver(self.app.clone(), realm.clone(), claimed, self.hand_over, seat));
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
        self.flying.ending.store(true, Ordering::Release);
        while self.in_flight.join_next().await.is_some() {}
    }
}

fn event(app: &App, kind: &'static str, due: &Due, attempts: u32) -> Event {
    let event = Event::new(app, app.clock.now(), kind, Actor::System).about(due.id);
    event.with("message", due.kind.as_str()).with("target", due.target.as_str()).with("attempts", attempts)
}

/// Hands one message over and notes what came of it. The seat in its lane is free again at the end, whatever happens.
async fn deliver(app: App, realm: Arc<Realm>, claimed: Claimed, limit: Duration, seat: Seat) {
    let Claimed { channel, due, attempt } = claimed;
    let limit = time_for(limit, due.expires_at, app.clock.now());
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
    let mut calm = Calm::new("writing what came of a message", TOLD);
    for nth in 1.. {
        match settle(&app, &realm, &due, attempt, next.clone()).await {
            Ok(true) => return,
            Ok(false) => {
                tracing::warn!(message = %due.id, attempt, "the claim had lapsed: the message may have been sent twice");
                return;
            }
            Err(failure) => calm.note(&Err::<(), _>(failure)),
        };
        if nth >= SETTLE_TRIES && seat.flying.ending.load(Ordering::Acquire) {
            tracing::error!(message = %due.id, attempt, "what came of an attempt was never written: it will be made again");
            return;
        }
        let pause = Duration::from_millis(100) * 3_u32.saturating_pow(nth);
        tokio::time::sleep(pause.min(Duration::from_secs(SETTLE_PAUSE))).await;
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
