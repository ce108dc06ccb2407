//! What is done about a realm's keys, with the audit events of it: by schedule and by hand alike, in one transaction each.

use super::rules::{self, Duty, Key, NotRetired, TooEarly};
use super::signer::{NewSigningKey, generate_first, generate_next};
use super::store;
use crate::app::App;
use crate::directory::realm;
use crate::error::{Failure, Result};
use crate::operations::audit::{Actor, Event, record};
use crate::realm::Realm;
use crate::settings::{Policy, RealmDocument};
use crate::store::Tx;
use crate::vault::Vault;
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
pub(super) async fn fresh(
    app: &App,
    vault: &Vault,
    policy: &Policy,
    duties: &[Duty],
    now: Timestamp,
) -> Result<Vec<NewSigningKey>> {
    let begun = duties.iter().filter_map(|duty| if let Duty::Begin(algorithm) = duty { Some(*algorithm) } else { None });
    let begun: Vec<Algorithm> = begun.collect();
    let mut keys = generate_first(app, vault, policy, &begun, now).await?;
    let next = |duty: &Duty| match duty {
        Duty::Publish(algorithm) if !begun.contains(algorithm) => Some(*algorithm),
        _ => None,
    };
    let next: Vec<Algorithm> = duties.iter().filter_map(next).collect();
    keys.extend(generate_next(app, vault, policy, &next, now).await?);
    Ok(keys)
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
            event.of_kind("key.published").about(made(fresh, *algorithm, false)).with("alg", algorithm.as_str())
        }
        Duty::Begin(algorithm) => event.of_kind("key.begun").about(made(fresh, *algorithm, true)).with("alg", algorithm.as_str()),
        Duty::Cease(_, kid) => event.of_kind("key.ceased").about(kid),
        Duty::Retire(_, kid) => event.of_kind("key.retired").about(kid),
        Duty::Forget(_, kid) => event.of_kind("key.deleted").about(kid),
    }
}

/// The name of the new key of this algorithm.
fn made(fresh: &[NewSigningKey], algorithm: Algorithm, signs: bool) -> &str {
    let mut fitting = fresh.iter().filter(|key| key.public.alg == algorithm);
    fitting.find(|key| key.signs_from.is_some() == signs).map_or("", |key| &key.public.kid)
}

/// What a changed document asks of the keys, prepared outside its transaction.
pub struct Prepared {
    fresh: Vec<NewSigningKey>,
    events: Vec<Event>,
}

/// Prepares for a document whose algorithms may differ from those that the realm has keys for.
pub async fn prepare(app: &App, realm: &Realm, document: &RealmDocument, now: Timestamp) -> Result<Prepared> {
    let keys = app.db.read(realm.id, store::all).await?;
    let duties = rules::scheduled(&keys, &document.signing_algorithms, document.policy.signing_key(), now);
    let fresh = fresh(app, &realm.vault, &document.policy, &duties, now).await?;
    Ok(Prepared { fresh, events: events(app, &duties, &Actor::Operator, now) })
}

/// Makes the keys those of the document that was just saved: new algorithms sign at once, and those that are gone sign no more.
pub fn follow(tx: &mut Tx<'_>, prepared: &Prepared, now: Timestamp) -> Result<()> {
    let (_, document) = realm::document(tx)?;
    store::outlive(tx, &document.policy)?;
    let duties = due(tx, now)?;
    if duties.len() > prepared.events.len() {
        return Err(Failure::Busy("the realm's keys changed meanwhile"));
    }
    carry_out(tx, &duties, &prepared.fresh, &prepared.events, now)
}

/// What the schedule wants of the realm as it is in this very transaction.
pub(super) fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Duty>> {
    let ((_, document), keys) = (realm::document(tx)?, store::all(tx)?);
    Ok(rules::scheduled(&keys, &document.signing_algorithms, document.policy.signing_key(), now))
}

/// Lets the next key of each algorithm take over, and publishes new next ones. `at_once` does so although relying parties that keep the
/// key set as long as they may do not know the next keys yet.
pub async fn rotate(app: &App, realm: &Realm, at_once: bool, now: Timestamp) -> Result<Rotated> {
    let keys = app.db.read(realm.id, store::all).await?;
    let wanted = realm.document.signing_algorithms.clone();
    let duties = match rules::by_hand(&keys, &wanted, at_once, now) {
        Ok(duties) => duties,
        Err(early) => return Ok(Rotated::TooEarly(early)),
    };
    let (fresh, events) =
        (fresh(app, &realm.vault, realm.policy(), &duties, now).await?, events(app, &duties, &Actor::Operator, now));
    let rotate = move |tx: &mut Tx<'_>| match rules::by_hand(&store::all(tx)?, &wanted, at_once, now) {
        Ok(duties) => {
            let events: Vec<Event> = events.iter().map(|event| event.clone().with("at_once", at_once)).collect();
            carry_out(tx, &duties, &fresh, &events, now).map(|()| Rotated::Done)
        }
        Err(early) => Ok(Rotated::TooEarly(early)),
    };
    app.db.write(realm.id, rotate).await
}

/// Takes a key out of the key set before its time, once its tokens have expired. Where it was the next one, another is published.
pub async fn retire(app: &App, realm: &Realm, key: &Key, now: Timestamp) -> Result<std::result::Result<(), NotRetired>> {
    let (id, alg) = (key.id, key.public.alg);
    let event = Event::new(app, now, "key.retired", Actor::Operator);
    let fresh = generate_next(app, &realm.vault, realm.policy(), &[alg], now).await?;
    let published = [Event::new(app, now, "key.published", Actor::Operator)];
    let retire = move |tx: &mut Tx<'_>| {
        let Some(key) = store::all(tx)?.into_iter().find(|key| key.id == id) else { return Ok(Err(NotRetired::Already)) };
        if let Err(why) = rules::retirement(&key, now) {
            return Ok(Err(why));
        }
        let (was_next, kid) = (matches!(key.phase, rules::Phase::Next { .. }), key.public.kid);
        let gone = if was_next { Duty::Forget(id, kid.clone()) } else { Duty::Retire(id, kid.clone()) };
        store::carry_out(tx, &gone, &fresh, now)?;
        record(tx, &event.clone().about(kid))?;
        let then = if was_next { vec![Duty::Publish(alg)] } else { vec![] };
        carry_out(tx, &then, &fresh, &published, now).map(Ok)
    };
    app.db.write(realm.id, retire).await
}

/// Takes a key that leaked out at once, whatever it does: it is published no more, reads no hints, and what it signed is worth nothing
/// here as soon as the processes have read the realm again, which they do every second. Where it signed, the next one signs from now on.
pub async fn withdraw(app: &App, realm: &Realm, key: &Key, now: Timestamp) -> Result<std::result::Result<(), NotRetired>> {
    let (id, alg) = (key.id, key.public.alg);
    let fresh = generate_first(app, &realm.vault, realm.policy(), &[alg], now).await?;
    let event = Event::new(app, now, "key.withdrawn", Actor::Operator);
    let spare = [Duty::Begin(alg), Duty::Publish(alg)];
    let events = events(app, &spare, &Actor::Operator, now);
    let withdraw = move |tx: &mut Tx<'_>| {
        let duties = rules::withdrawal(&store::all(tx)?, id);
        let Some((gone @ Duty::Forget(_, kid), then)) = duties.split_first() else { return Ok(Err(NotRetired::Already)) };
        store::carry_out(tx, gone, &fresh, now)?;
        record(tx, &event.clone().about(kid).with("alg", alg.as_str()))?;
        carry_out(tx, then, &fresh, &events, now).map(Ok)
    };
    app.db.write(realm.id, withdraw).await
}
