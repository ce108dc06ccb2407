use super::worker::seal_some;
use super::*;
use crate::store::schema::audit_event as a;
use crate::tests::House;
use diesel::prelude::*;
use poterne_protocol::id::EventId;
use std::sync::Arc;

impl House {
    async fn happens(&self, kind: &'static str) {
        let event = Event::new(&self.app, self.now(), kind, Actor::Visitor).about("someone").with("ip", "192.0.2.0/24");
        self.write(move |tx| record(tx, &event)).await;
    }

    async fn seal(&self) -> Option<usize> {
        seal_some(&self.app, &self.realm, [1; 16]).await.unwrap()
    }

    async fn verify(&self) -> Verified {
        let now = self.now();
        self.read(move |rx| verify(rx, now)).await
    }

    /// A realm with a sealed trail of five events.
    async fn with_trail() -> Self {
        let house = Self::new().await;
        for kind in ["code.issued", "enrollment.started", "enrollment.completed", "login.succeeded", "code.redeemed"] {
            house.advance(1);
            house.happens(kind).await;
        }
        assert_eq!(house.seal().await, Some(5));
        house
    }
}

const WHOLE: Verified = Verified { events: 5, unsealed: 0, broken: None, stale_unsealed: 0 };

#[tokio::test]
async fn events_are_numbered_in_their_order() {
    let house = House::with_trail().await;
    assert_eq!(house.verify().await, WHOLE);
    let kinds: Vec<String> = house.read(|rx| Ok(a::table.order(a::sequence).select(a::kind).load(rx.conn)?)).await;
    assert_eq!(kinds, ["code.issued", "enrollment.started", "enrollment.completed", "login.succeeded", "code.redeemed"]);
    house.advance(1);
    house.happens("session.ended").await;
    assert_eq!(house.verify().await, Verified { unsealed: 1, ..WHOLE });
    assert!(house.verify().await.is_whole());
    assert_eq!(house.seal().await, Some(1));
    assert_eq!(house.seal().await, Some(0));
    assert_eq!(house.verify().await, Verified { events: 6, ..WHOLE });
}

#[tokio::test]
async fn an_event_that_nobody_seals_is_reported_after_a_minute() {
    let house = House::with_trail().await;
    house.happens("login.failed").await;
    house.advance(60);
    assert!(house.verify().await.is_whole());
    house.advance(1);
    assert_eq!(house.verify().await, Verified { unsealed: 1, stale_unsealed: 1, ..WHOLE });
    assert!(!house.verify().await.is_whole());
}

#[tokio::test]
async fn a_changed_byte_of_any_column_is_found() {
    let changes = [
        "UPDATE audit_event SET id = x'00112233445566778899aabbccddeeff' WHERE sequence = 3",
        "UPDATE audit_event SET at = at + 1 WHERE sequence = 3",
        "UPDATE audit_event SET kind = 'enrollment.complete' WHERE sequence = 3",
        "UPDATE audit_event SET actor = 'system' WHERE sequence = 3",
        "UPDATE audit_event SET subject = 'someonf' WHERE sequence = 3",
        "UPDATE audit_event SET subject = NULL WHERE sequence = 3",
        "UPDATE audit_event SET data = '{\"ip\":\"192.0.2.0/25\"}' WHERE sequence = 3",
        "UPDATE audit_event SET digest = x'00' || substr(digest, 2) WHERE sequence = 3",
        "UPDATE audit_event SET digest = NULL WHERE sequence = 3",
        "UPDATE audit_event SET digest = (SELECT digest FROM audit_event WHERE sequence = 1) WHERE sequence = 3",
        "UPDATE audit_event SET sequence = NULL, digest = NULL WHERE sequence = 3",
        "UPDATE audit_event SET sequence = 30 WHERE sequence = 3",
        "UPDATE audit_event SET sequence = -3 WHERE sequence = 3",
    ];
    for change in changes {
        let house = House::with_trail().await;
        assert_eq!(house.sql(change).await, 1, "{change}");
        let broken = if change.contains("-3") { 1 } else { 3 };
        let found = house.write(move |tx| verify(tx, poterne_protocol::time::Timestamp::from_secs(0))).await;
        assert_eq!((found.broken, found.events), (Some(broken), broken - 1), "{change}");
        assert!(!found.is_whole());
    }
}

#[tokio::test]
async fn every_single_byte_of_an_event_counts() {
    let house = House::with_trail().await;
    let data = r#"{"ip":"192.0.2.0/24"}"#;
    for at in 0..data.len() {
        let mut changed = data.as_bytes().to_vec();
        changed[at] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        let set = |data: String| {
            house.write(move |tx| {
                Ok(diesel::update(a::table.filter(a::sequence.eq(2))).set(a::data.eq(&data)).execute(tx.conn)?)
            })
        };
        assert_eq!(set(changed).await, 1);
        assert_eq!(house.verify().await.broken, Some(2), "byte {at}");
        set(data.to_owned()).await;
        assert_eq!(house.verify().await, WHOLE);
    }
}

#[tokio::test]
async fn a_removed_event_is_found() {
    let house = House::with_trail().await;
    house.sql("DELETE FROM audit_event WHERE sequence = 2").await;
    assert_eq!(house.verify().await.broken, Some(2));
    // Nor does it help to close the gap.
    house.sql("UPDATE audit_event SET sequence = sequence - 1 WHERE sequence = 3").await;
    assert_eq!(house.verify().await.broken, Some(2));
}

#[tokio::test]
async fn two_events_that_changed_places_are_found() {
    let house = House::with_trail().await;
    for swap in
        ["SET sequence = 99 WHERE sequence = 2", "SET sequence = 2 WHERE sequence = 3", "SET sequence = 3 WHERE sequence = 99"]
    {
        assert_eq!(house.sql(format!("UPDATE audit_event {swap}")).await, 1);
    }
    assert_eq!(house.verify().await.broken, Some(2));
}

#[tokio::test]
async fn an_event_of_another_realm_does_not_fit() {
    let house = House::with_trail().await;
    let other = house.add_realm("rhone").await;
    house.sql("UPDATE audit_event SET realm = (SELECT id FROM realm WHERE slug = 'rhone') WHERE sequence = 1").await;
    assert_eq!(house.verify().await.broken, Some(1));
    let found = house.app.db.read(other.id, |rx| verify(rx, poterne_protocol::time::Timestamp::from_secs(0))).await.unwrap();
    assert_eq!(found.broken, Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_never_give_one_number_twice() {
    for house in House::all().await {
        let house = Arc::new(house);
        let writer = tokio::spawn({
            let house = house.clone();
            async move {
                for _ in 0..300 {
                    house.happens("login.failed").await;
                }
            }
        });
        let worker = |holder: u8| {
            let house = house.clone();
            tokio::spawn(async move {
                let mut sealed = 0;
                for _ in 0..100 {
                    sealed += seal_some(&house.app, &house.realm, [holder; 16]).await.unwrap().unwrap_or(0);
                    // Now and then the lease lapses under its holder.
                    house.advance(2);
                }
                sealed
            })
        };
        let (one, two) = (worker(1), worker(2));
        writer.await.unwrap();
        let sealed = one.await.unwrap() + two.await.unwrap();
        house.advance(10);
        let rest = house.seal().await.unwrap_or(0) + house.seal().await.unwrap_or(0);
        assert_eq!(sealed + rest, 300);
        let found = house.verify().await;
        assert_eq!((found.events, found.unsealed, found.broken), (300, 0, None));
    }
}

#[tokio::test]
async fn while_one_worker_holds_the_lease_another_seals_nothing() {
    let house = House::with_trail().await;
    house.happens("login.failed").await;
    assert_eq!(seal_some(&house.app, &house.realm, [2; 16]).await.unwrap(), None);
    house.advance(5);
    assert_eq!(seal_some(&house.app, &house.realm, [2; 16]).await.unwrap(), Some(1));
}

#[test]
fn the_encoding_of_an_event_stands() {
    // Trails are kept for years: what was sealed once must verify with every later version.
    use super::chain::{Link, StoredEvent};
    let event = StoredEvent {
        id: EventId::from_bytes([2; 16]),
        at: poterne_protocol::time::Timestamp::from_micros(1_767_000_000_000_000),
        kind: "login.succeeded".into(),
        actor: "visitor".into(),
        subject: Some("Zoë".into()),
        data: "{}".into(),
    };
    let link = Link::START.next(poterne_protocol::id::RealmId::from_bytes([1; 16]), &event);
    let digest = link.digest.as_bytes().split_at(16);
    let number = |half: &[u8]| u128::from_be_bytes(half.try_into().unwrap());
    let sealed = (number(digest.0), number(digest.1));
    assert_eq!(sealed, (0xdf11_b175_4c23_dcd4_67b0_6414_b68d_7288, 0x4d4f_518e_1b6e_174b_ee29_d102_630d_a5ca));
}

#[tokio::test]
async fn a_sealed_event_can_be_checked_without_the_database() {
    for house in House::all().await {
        house.happens("code.issued").await;
        house.advance(1);
        house.happens("login.failed").await;
        house.seal().await;
        let events = house.read(|rx| sealed_after(rx, 0, 10)).await;
        assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2]);
        assert!(events.iter().all(ExportedEvent::holds) && events[1].previous == events[0].digest);
        assert_eq!(events[0].previous, "0".repeat(64));
        let again: ExportedEvent = serde_json::from_str(&serde_json::to_string(&events[1]).unwrap()).unwrap();
        assert_eq!(again, events[1], "it survives a file");
        let changed = [
            ExportedEvent { kind: "login.succeeded".into(), ..again.clone() },
            ExportedEvent { data: "{}".into(), ..again.clone() },
            ExportedEvent { subject: None, ..again.clone() },
            ExportedEvent { sequence: 3, ..again.clone() },
            ExportedEvent { previous: "00".into(), ..again.clone() },
            ExportedEvent { realm: "x".into(), ..again.clone() },
        ];
        assert!(changed.iter().all(|event| !event.holds()));
        assert_eq!(
            house.read(|rx| sealed_after(rx, 1, 10)).await,
            [again],
            "it says what it follows wherever one begins to read"
        );
        let now = house.now();
        assert_eq!(house.read(move |rx| first_since(rx, now)).await, Some(2));
        assert_eq!(house.read(move |rx| first_since(rx, now.plus(std::time::Duration::from_secs(1)))).await, None);
    }
}
