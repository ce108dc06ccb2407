//! What is done about a realm's keys, with the audit events of it: by schedule and by hand alike, in one transaction each.

use super::rules::{self, Duty, Key, NotRetired, TooEarly};
use super::signer::{NewSigningKey, generate_next};
use super::store;
use crate::app::App;
use crate::directory::realm;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::store::Tx;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::time::Timestamp;

/// What a rotation by hand came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotated {
    /// The next keys sign, and new ones are published.
    Done,
    /// Not everybody knows the next keys yet; nothing was changed.
    TooEarly(TooEarly),
}

/// Events enough for these duties, drawn outside the transaction.
pub(super) fn events(app: &App, duties: &[Duty], actor: &Actor, now: Timestamp) -> Vec<Event> {
    duties.iter().map(|_| Event::new(app, now, "key.rotated", actor.clone())).collect()
}

/// The keys that these duties publish, made outside the transaction.
pub(super) async fn fresh(app: &App, realm: &Realm, duties: &[Duty], now: Timestamp) -> Result<Vec<NewSigningKey>> {
    let algorithm = |duty: &Duty| match duty {
        Duty::Publish(algorithm) => Some(*algorithm),
        _ => None,
    };
    let algorithms: Vec<Algorithm> = duties.iter().filter_map(algorithm).collect();
    generate_next(app, &realm.vault, realm.policy(), &algorithms, now).await
}

/// Does what there is to do as far as keys and events were prepared for it; the rest waits for the next time.
pub(super) fn carry_out(
    tx: &mut Tx<'_>,
    duties: &[Duty],
    fresh: &[NewSigningKey],
    events: &[Event],
    now: Timestamp,
) -> Result<()> {
    for (duty, event) in duties.iter().zip(events) {
        if store::carry_out(tx, duty, fresh, now)? {
            record(tx, &told(duty, fresh, event.clone()))?;
        }
    }
    let id = tx.realm();
    realm::raise_generation(tx, id)
}

fn told(duty: &Duty, fresh: &[NewSigningKey], event: Event) -> Event {
    match duty {
        Duty::TakeOver { algorithm, kid, current, .. } => {
            let event = event.of_kind("key.rotated").about(kid).with("alg", algorithm.as_str());
            match current {
                Some((_, former)) => event.with("former", former.as_str()),
                None => event,
            }
        }
        Duty::Publish(algorithm) => {
            let kid = fresh.iter().find(|key| key.public.alg == *algorithm).map_or("", |key| &key.public.kid);
            event.of_kind("key.published").about(kid).with("alg", algorithm.as_str())
        }
        Duty::Retire(_, kid) => event.of_kind("key.retired").about(kid),
        Duty::Forget(_, kid) => event.of_kind("key.deleted").about(kid),
    }
}

/// Lets the next key of each algorithm take over, and publishes new next ones. `at_once` does so although relying parties that keep the
/// key set as long as they may do not know the next keys yet.
pub async fn rotate(app: &App, realm: &Realm, at_once: bool, now: Timestamp) -> Result<Rotated> {
    let keys = app.db.read(realm.id, store::all).await?;
    let duties = match rules::by_hand(&keys, at_once, now) {
        Ok(duties) => duties,
        Err(early) => return Ok(Rotated::TooEarly(early)),
    };
    let (fresh, events) = (fresh(app, realm, &duties, now).await?, events(app, &duties, &Actor::Operator, now));
    let rotate = move |tx: &mut Tx<'_>| match rules::by_hand(&store::all(tx)?, at_once, now) {
        Ok(duties) => {
            let events: Vec<Event> = events.iter().map(|event| event.clone().with("at_once", at_once)).collect();
            carry_out(tx, &duties, &fresh, &events, now).map(|()| Rotated::Done)
        }
        Err(early) => Ok(Rotated::TooEarly(early)),
    };
    app.db.write(realm.id, rotate).await
}

/// Takes a key out of the key set before its time; a compromised one reads nothing any more, not even hints. Where it was the next one,
/// another is published.
pub async fn retire(
    app: &App,
    realm: &Realm,
    key: &Key,
    compromised: bool,
    now: Timestamp,
) -> Result<std::result::Result<(), NotRetired>> {
    let (id, alg) = (key.id, key.public.alg);
    let event = Event::new(app, now, "key.retired", Actor::Operator).with("compromised", compromised);
    let fresh = generate_next(app, &realm.vault, realm.policy(), &[alg], now).await?;
    let published = [Event::new(app, now, "key.published", Actor::Operator)];
    let retire = move |tx: &mut Tx<'_>| {
        let Some(key) = store::all(tx)?.into_iter().find(|key| key.id == id) else { return Ok(Err(NotRetired::Already)) };
        if let Err(why) = rules::retirement(&key, compromised, now) {
            return Ok(Err(why));
        }
        let (was_next, kid) = (matches!(key.phase, rules::Phase::Next { .. }), key.public.kid);
        let gone = if was_next || compromised { Duty::Forget(id, kid.clone()) } else { Duty::Retire(id, kid.clone()) };
        store::carry_out(tx, &gone, &fresh, now)?;
        record(tx, &event.clone().about(kid))?;
        let then = if was_next { vec![Duty::Publish(alg)] } else { vec![] };
        carry_out(tx, &then, &fresh, &published, now).map(Ok)
    };
    app.db.write(realm.id, retire).await
}
