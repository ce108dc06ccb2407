//! The worker that hands messages over: several at once, mails and text messages on lanes of their own, so that a slow gateway
//! holds up neither the other channel nor the claims. What is
//! carried by another road ([`Post`]) has a worker of its own.

use super::flying::{Busy, Flying, Seat};
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
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How often the worker looks without being woken.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a hand-over may take.
const HAND_OVER: Duration = Duration::from_secs(20);
/// Messages of a channel that are in flight at once.
const AT_ONCE: usize = 8;
/// Of how many looks that fail one is told: about one a minute.
const TOLD: u32 = 30;
/// Passes over what is due in one look.
const PASSES: usize = 16;
/// How often a worker that ends tries to write what came of an attempt. Then the claim lapses, and another sends the message again.
const SETTLE_TRIES: u32 = 5;
/// The longest pause between those tries, seconds.
const SETTLE_PAUSE: u64 = 5;

/// What a worker carries, and how.
#[derive(Clone, Copy)]
pub struct Post {
    /// By which roads.
    pub channels: &'static [Channel],
    /// How long a hand-over may take.
    pub hand_over: Duration,
    /// Messages of a channel that are in flight at once.
    pub at_once: usize,
    /// Of them for one target: one that hangs takes no more than these from the others.
    pub for_one_target: usize,
    /// Hands one over.
    pub carry: Carry,
}

/// Hands one message over. Called off any transaction, in a task of its own, with a time limit.
pub type Carry = fn(App, Arc<Realm>, Parcel) -> Carrying;
/// The future of [`Carry`].
pub type Carrying = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send>>;

/// A message as it is carried.
pub struct Parcel {
    /// Names the message.
    pub id: MessageId,
    /// What it says.
    pub payload: Sealed,
    /// When it was written.
    pub created_at: Timestamp,
}

impl Post {
    /// Mails and text messages, by the host's sender.
    pub(super) const fn of_messages(hand_over: Duration, at_once: usize) -> Self {
        let channels = &[Channel::Mail, Channel::Sms];
        Self {
            channels,
            hand_over,
            at_once,
            for_one_target: usize::MAX,
            carry: |app, realm, parcel| Box::pin(send(app, realm, parcel)),
        }
    }
}

/// A worker's messages in flight.
pub struct Outbox {
    app: App,
    post: Post,
    lanes: Vec<(Channel, Arc<Semaphore>)>,
    in_flight: JoinSet<()>,
    flying: Flying,
}

/// A message that this worker has claimed.
struct Claimed {
    channel: Channel,
    due: Due,
    attempt: u32,
}

/// Hands messages over until it is told to stop; then it waits for those in flight.
pub async fn run(app: App, realms: Realms, mut stop: Stop) {
    let mut outbox = Outbox::new(app.clone(), Post::of_messages(HAND_OVER, AT_ONCE));
    let (mut first, mut calm) = (0, Calm::new("the outbox", TOLD));
    while !stop.is_due() {
        first += 1;
        calm.note(&outbox.look(&app, &realms, first).await);
        tokio::select! {
            () = stop.wait(PAUSE) => {}
            () = app.outbox_wake.notified() => {}
            () = outbox.landed() => {}
        }
    }
    outbox.finish().await;
}

impl Outbox {
    /// Nothing in flight yet.
    #[must_use]
    pub fn new(app: App, post: Post) -> Self {
        let lanes = post.channels.iter().map(|channel| (*channel, Arc::new(Semaphore::new(post.at_once)))).collect();
        Self { app, post, lanes, in_flight: JoinSet::new(), flying: Flying::default() }
    }

    /// Waits until one in flight has landed; for ever, where none is.
    pub async fn landed(&mut self) {
        if self.in_flight.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
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
    ///
    /// # Errors
    /// Of the database.
    pub async fn deliver_due(&mut self, realm: &Arc<Realm>) -> Result<()> {
        for (channel, lane) in self.lanes.clone() {
            // Each pass fills the lane or some target: so many targets that hang are stepped over in one look.
            for _ in 0..PASSES {
                let room = lane.available_permits();
                let due = if room == 0 { vec![] } else { self.due(realm, channel, room).await? };
                if due.is_empty() {
                    break;
                }
                let filled = due.len() == room || self.post.for_one_target >= self.post.at_once;
                for claimed in self.claim(realm, channel, due).await? {
                    let Ok(permit) = lane.clone().try_acquire_owned() else {
                        return Err(Failure::internal("more messages were claimed than there is room for"));
                    };
                    let seat = self.flying.board(claimed.due.id, &claimed.due.target, permit);
                    self.in_flight.spawn(deliver(self.app.clone(), realm.clone(), claimed, self.post, seat));
                }
                if filled {
                    break;
                }
            }
        }
        Ok(())
    }

    /// What is due on a channel for targets that may have more, as far as there is room.
    async fn due(&self, realm: &Realm, channel: Channel, room: usize) -> Result<Vec<Due>> {
        let (now, flying, most) = (self.app.clock.now(), self.flying.now(), self.post.for_one_target);
        let mut busy = Busy::with(&flying);
        let (full, limit) = (busy.full(most), room + flying.len());
        let due = self.app.db.read(realm.id, move |rx| store::due(rx, channel, now, limit, &full)).await?;
        let due = due.into_iter().filter(|due| !flying.contains_key(&due.id) && busy.admit(&due.target, most));
        Ok(due.take(room).collect())
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
    pub async fn finish(&mut self) {
        self.flying.ending.store(true, Ordering::Release);
        while self.in_flight.join_next().await.is_some() {}
    }
}

fn event(app: &App, kind: &'static str, due: &Due, attempts: u32) -> Event {
    let event = Event::new(app, app.clock.now(), kind, Actor::System).about(due.id);
    event.with("message", due.kind.as_str()).with("target", due.target.as_str()).with("attempts", attempts)
}

/// Hands one message over and notes what came of it. The seat in its lane is free again at the end, whatever happens.
async fn deliver(app: App, realm: Arc<Realm>, claimed: Claimed, post: Post, seat: Seat) {
    let Claimed { channel, due, attempt } = claimed;
    let limit = time_for(post.hand_over, due.expires_at, app.clock.now());
    let outcome = hand_over(&app, &realm, &due, post.carry, limit).await;
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
            Channel::Portal => Self::Portal,
            Channel::Registered => Self::Registered,
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

async fn hand_over(app: &App, realm: &Arc<Realm>, due: &Due, carry: Carry, limit: Duration) -> Result<(), SendError> {
    let payload = due.payload.clone().ok_or_else(|| SendError::Never("the payload is gone".into()))?;
    let parcel = Parcel { id: due.id, payload, created_at: due.created_at };
    // In a task of its own, so that a sender that panics costs an attempt and not the worker.
    let mut sending = JoinSet::new();
    sending.spawn(carry(app.clone(), realm.clone(), parcel));
    match tokio::time::timeout(limit, sending.join_next()).await {
        Ok(Some(Ok(outcome))) => outcome,
        Ok(_) => Err(SendError::Later("the sender panicked".into())),
        Err(_) => Err(SendError::Later(format!("no answer within {} s", limit.as_secs()))),
    }
}

/// Mails and text messages go by the host's sender.
async fn send(app: App, realm: Arc<Realm>, parcel: Parcel) -> Result<(), SendError> {
    let (lang, content) =
        open(&realm.vault, parcel.id, &parcel.payload).map_err(|failure| SendError::Never(failure.to_string()))?;
    let (id, realm) = (parcel.id.to_string(), realm.document.slug.clone());
    app.sender.send(&OutgoingMessage { id, realm, lang, created_at: parcel.created_at, content }).await
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
