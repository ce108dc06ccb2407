//! The worker of back-channel logout: finds sessions that have ended, puts a message for each of their clients into the outbox, and hands
//! those over. It is a worker of its own, with lanes of its own and few places for one host, so that a portal that hangs holds up neither
//! mails nor other portals.

use super::{call, telling};
use crate::app::App;
use crate::calm::Calm;
use crate::directory::realm::Realms;
use crate::error::Result;
use crate::operations::outbox::{Channel, Outbox, Post};
use crate::operations::stop::Stop;
use crate::realm::Realm;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How often it looks without being woken.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it looks for sessions that have run out.
const SWEEP: Duration = Duration::from_secs(60);
/// Of how many looks that fail one is told: about one a minute.
const TOLD: u32 = 60;
/// Calls in flight at once go to many hosts, and few to one. Clients that registered themselves have lanes of their own: however many of
/// their hosts hang, the operator's portals hear.
pub(super) const POST: Post = Post {
    channels: &[Channel::Portal, Channel::Registered],
    hand_over: Duration::from_secs(10),
    at_once: 64,
    for_one_target: 2,
    carry: call::carry,
};

/// Tells clients of the end of sessions until it is told to stop; then it waits for the calls in flight.
pub async fn run(app: App, realms: Realms, mut stop: Stop) {
    let mut outbox = Outbox::new(app.clone(), POST);
    let (mut first, mut calm, mut swept) = (0, Calm::new("back-channel logout", TOLD), None::<Timestamp>);
    while !stop.is_due() {
        first += 1;
        let now = app.clock.now();
        let sweep = swept.is_none_or(|at| now.since(at) >= SWEEP);
        swept = if sweep { Some(now) } else { swept };
        calm.note(&look(&app, &realms, &mut outbox, first, sweep).await);
        tokio::select! {
            () = stop.wait(PAUSE) => {}
            () = app.logout_wake.notified() => {}
            () = outbox.landed() => {}
        }
    }
    outbox.finish().await;
}

/// One look at all realms; the first failure keeps none from its turn. Another realm begins each time.
async fn look(app: &App, realms: &Realms, outbox: &mut Outbox, first: usize, sweep: bool) -> Result<()> {
    let (mut all, mut outcome) = (realms.all(app).await?, Ok(()));
    let first = first % all.len().max(1);
    all.rotate_left(first);
    for realm in all {
        let looked = tend(app, &realm, outbox, sweep).await;
        outcome = outcome.and(looked);
    }
    outcome
}

/// Does what a realm's sessions want now: what fails of it keeps nothing else from its turn.
pub(super) async fn tend(app: &App, realm: &Arc<Realm>, outbox: &mut Outbox, sweep: bool) -> Result<()> {
    let ended = if sweep { end_run_out(app, realm).await } else { Ok(()) };
    let told = telling::tell_all(app, realm).await;
    let delivered = outbox.deliver_due(realm).await;
    ended.and(told).and(delivered)
}

async fn end_run_out(app: &App, realm: &Realm) -> Result<()> {
    while telling::end_run_out(app, realm).await? > 0 {}
    Ok(())
}
