use super::*;
use crate::directory::client::{self, NewOwn};
use crate::retention::CHORES;
use crate::tests::House;
use poterne_protocol::client::Client;
use poterne_protocol::id::ClientRowId;
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use serde_json::json;

const DAY: u64 = 24 * 60 * 60;

async fn registered(house: &House, metadata: serde_json::Value) -> ClientRowId {
    let row = ClientRowId::new(house.now(), house.app.entropy.bytes());
    let mut all = json!({"client_id": row.to_string(), "client_name": "RP", "sector": "rp"});
    metadata.as_object().unwrap().iter().for_each(|(name, value)| all[name] = value.clone());
    let client: Client = serde_json::from_value(all).unwrap();
    let new = NewOwn { row, client, secret: None, token: Secret::new("token".into()).digest(), at: house.now() };
    house.write(move |tx| client::insert_own(tx, &new)).await;
    row
}

#[tokio::test]
async fn a_client_that_nobody_uses_goes_after_its_days_and_its_row_a_day_later() {
    let house = House::new().await;
    registered(&house, json!({})).await;
    let unused = registered(&house, json!({"grant_types": ["client_credentials"]})).await;
    let service = registered(&house, json!({"grant_types": ["client_credentials"]})).await;
    assert_ne!(unused, service);
    let names = async || house.count("SELECT COUNT(*) AS n FROM client WHERE removed_at IS NULL".to_owned()).await;
    let rows = async || house.count("SELECT COUNT(*) AS n FROM client".to_owned()).await;
    let tidy = async || crate::operations::chores::tidy_once(&house.app, &house.realm, CHORES).await;
    house.advance(89 * DAY);
    tidy().await;
    assert_eq!(names().await, 3);
    // The service came for a token, as `/token` notes.
    let now = house.now();
    house.write(move |tx| client::note_use(tx, service, now, now)).await;
    house.advance(DAY + 301);
    let generation = house.count("SELECT MAX(generation) AS n FROM realm".to_owned()).await;
    tidy().await;
    assert_eq!((names().await, rows().await), (1, 3), "the service that was used stays, the one that was not goes");
    assert!(house.count("SELECT MAX(generation) AS n FROM realm".to_owned()).await > generation, "every process hears of it");
    house.advance(DAY + 301);
    tidy().await;
    assert_eq!(rows().await, 1);
    let removed = house.write(move |tx| remove(tx, service, Timestamp::from_secs(1))).await;
    assert_eq!(removed, Some(0));
    let again = house.write(move |tx| remove(tx, service, Timestamp::from_secs(1))).await;
    assert_eq!(again, None, "once");
}

#[tokio::test]
async fn services_in_use_do_not_hold_up_the_removal_of_clients_that_nobody_uses() {
    for house in House::all().await {
        let services = [0; 3].map(|_| json!({"grant_types": ["client_credentials"]}));
        for metadata in services {
            let row = registered(&house, metadata).await;
            let at = Timestamp::from_micros(house.now().micros() + i64::try_from(100 * DAY * 1_000_000).unwrap());
            house.write(move |tx| client::note_use(tx, row, at, at)).await;
        }
        registered(&house, json!({})).await;
        house.advance(100 * DAY);
        let now = house.now();
        // A batch has less room than there are services.
        assert_eq!(house.write(move |tx| remove_unused(tx, now, 2)).await, 1);
        assert_eq!(house.count("SELECT COUNT(*) AS n FROM client WHERE removed_at IS NULL".to_owned()).await, 3);
    }
}
