use super::CHORES;
use crate::access::flow::{self, Goal, NewFlow};
use crate::access::session;
use crate::directory::client;
use crate::operations::chores::tidy_once;
use crate::store::schema::recovery;
use crate::tests::House;
use crate::urls::AccountPage;
use diesel::prelude::*;
use poterne_protocol::client::Client;
use poterne_protocol::id::{BrowserId, ClientRowId, FlowId, RecoveryId, id_bytes};
use poterne_protocol::secret::{Handle, Secret};
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const TABLES: [&str; 19] = [
    "flow",
    "recovery",
    "parked_request",
    "single_use",
    "access_token",
    "challenge",
    "staged_entry",
    "staged_identifier",
    "enrollment",
    "session",
    "session_client",
    "authorization_code",
    "refresh_token",
    "oauth_grant",
    "known_device",
    "browser",
    "counter",
    "message",
    "not_me_link",
];

fn id(at: Timestamp, tag: u8) -> String {
    format!("x'{:032x}'", u128::from_be_bytes(id_bytes(at, [tag; 10])))
}

/// A realm with one client, one person in the registry and one account.
async fn house_with_people() -> House {
    let house = House::new().await;
    for statement in [
        "INSERT INTO client SELECT id, x'01', 'portal', 'document', '{}', NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL FROM realm",
        "INSERT INTO registry_entry SELECT id, x'02', 'person', 'insured', '1', NULL, 'Favre', 'Marie', 'fr', 'active', 'valid', \
         NULL, NULL, 0, 0, 0 FROM realm",
        "INSERT INTO account SELECT id, x'03', 'insured', x'02', 'm@lac.example', 0, 'fr', NULL, NULL, NULL, NULL, '', 0, 'single', NULL, \
         NULL, NULL, NULL, NULL, 0, NULL, NULL FROM realm",
        "INSERT INTO activation_code SELECT realm, x'04', 'register', 'insured', x'02', x'05', id, 'letter', 0, 0, 'used', NULL, 0, \
         NULL, NULL, NULL FROM realm_key LIMIT 1",
    ] {
        assert_eq!(house.sql(statement).await, 1, "{statement}");
    }
    house
}

/// One row of every kind, begun now, with its usual lifetime.
async fn live_a_little(house: &House, tag: u8) {
    let now = house.now();
    let (id, at) = (id(now, tag), now.micros());
    let end = |seconds: u64| now.plus(std::time::Duration::from_secs(seconds)).micros();
    let (minute, five_minutes, ten_minutes, hour, half_day) =
        (end(MINUTE), end(5 * MINUTE), end(10 * MINUTE), end(HOUR), end(12 * HOUR));
    let before = now.minus(std::time::Duration::from_secs(70 * DAY)).micros();
    let (day, month, year) = (end(DAY), end(30 * DAY), end(400 * DAY));
    let statements = [
        format!("INSERT INTO browser SELECT id, {id}, x'00', {at}, {at} + 1, {year} FROM realm"),
        format!("INSERT INTO known_device SELECT id, x'03', {id}, {at}, {at} FROM realm"),
        format!("INSERT INTO not_me_link SELECT id, {id}, x'00', x'03', '{{}}', {at}, {month}, NULL FROM realm"),
        format!(
            "INSERT INTO flow SELECT id, {id}, {id}, x'01', '{{}}', '{{}}', NULL, NULL, NULL, 2, {at}, {hour}, NULL FROM realm"
        ),
        format!("INSERT INTO recovery SELECT id, {id}, {id}, NULL, x'03', '{{}}', 1, {at}, {hour}, NULL FROM realm"),
        // As if it had registered itself seventy days ago, and nobody had used it.
        format!(
            "INSERT INTO client SELECT id, {id}, 'own{tag}', 'registration', '{{\"client_id\":\"own\",\"client_name\":\"Own\"}}', NULL, \
             NULL, NULL, NULL, NULL, NULL, {before}, {before}, NULL, NULL FROM realm"
        ),
        format!("INSERT INTO initial_access_token SELECT id, {id}, x'00', 'Budget', 1, {at}, {month}, NULL FROM realm"),
        format!("INSERT INTO parked_request SELECT id, {id}, 'authorize', '', {ten_minutes} FROM realm"),
        format!("INSERT INTO single_use SELECT id, 'client_assertion', CAST({id} || {id} AS BLOB), {minute} FROM realm"),
        format!(
            "INSERT INTO challenge SELECT id, {id}, 'email', x'00', NULL, 'mail', x'00', '[]', 0, 1, {at}, {at}, {ten_minutes}, NULL \
             FROM realm"
        ),
        format!(
            "INSERT INTO enrollment SELECT id, {id}, {id}, NULL, 'insured', x'02', x'04', 'data', x'00', 1, {at}, {day} FROM realm"
        ),
        format!(
            "INSERT INTO session SELECT id, {id}, {id}, x'03', 1, NULL, NULL, {at}, 'a', 'pwd', {at}, {at}, {half_day}, NULL, NULL FROM realm"
        ),
        format!("INSERT INTO session_client SELECT id, {id}, x'01', 'sid{tag}', 'sub', NULL, {at} FROM realm"),
        format!(
            "INSERT INTO oauth_grant SELECT id, {id}, x'03', x'01', {id}, 's', 's', 'openid', NULL, NULL, {at}, 'a', 'pwd', {at}, {month}, NULL \
             FROM realm"
        ),
        format!(
            "INSERT INTO authorization_code SELECT id, {id}, x'00', {id}, 'https://p.example/cb', NULL, NULL, {at}, {minute}, NULL FROM realm"
        ),
        format!(
            "INSERT INTO access_token SELECT id, {id}, x'00', {id}, x'01', 'openid', 'https://a', {at}, {five_minutes}, NULL FROM realm"
        ),
        format!("INSERT INTO refresh_token SELECT id, {id}, x'00', {id}, 'openid', {at}, {month}, NULL, NULL FROM realm"),
        format!(
            "INSERT INTO staged_entry SELECT id, {id}, {id}, 0, 'person', 'insured', '1', NULL, 'Favre', 'Marie', 'fr', 'left', 'ok', \
             'active', 0, 0 FROM realm"
        ),
        format!("INSERT INTO staged_identifier SELECT realm, {id}, {id}, 'avs_number', x'00', id, x'00' FROM realm_key LIMIT 1"),
        format!("INSERT INTO counter SELECT id, 'password', CAST({id} || {id} AS BLOB), 3, {at}, {at} FROM realm"),
        format!(
            "INSERT INTO message SELECT id, {id}, 'email_code', 'mail', 'm', x'00', 'dead', 1, {at}, {ten_minutes}, {at}, {at}, NULL FROM realm"
        ),
    ];
    for statement in statements {
        assert_eq!(house.sql(statement.clone()).await, 1, "{statement}");
    }
}

async fn rows(house: &House) -> BTreeMap<&'static str, i64> {
    let mut rows = BTreeMap::new();
    for table in TABLES {
        rows.insert(table, house.count(format!("SELECT COUNT(*) AS n FROM {table}")).await);
    }
    rows
}

/// The tables that have become empty.
async fn gone(house: &House) -> Vec<&'static str> {
    tidy_once(&house.app, &house.realm, CHORES).await;
    house.advance(301);
    let rows = rows(house).await;
    TABLES.into_iter().filter(|table| rows[table] == 0).collect()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn everything_goes_when_its_time_is_over_and_not_before() {
    let house = house_with_people().await;
    live_a_little(&house, 1).await;
    assert_eq!(gone(&house).await, [""; 0]);
    house.advance(10 * MINUTE);
    assert_eq!(gone(&house).await, ["parked_request", "single_use", "access_token"]);
    house.advance(22 * HOUR);
    assert_eq!(gone(&house).await, ["parked_request", "single_use", "access_token"]);
    house.advance(2 * HOUR);
    assert_eq!(
        gone(&house).await,
        ["parked_request", "single_use", "access_token", "challenge", "staged_entry", "staged_identifier", "authorization_code"]
    );
    house.advance(HOUR);
    assert_eq!(
        gone(&house).await,
        [
            "flow",
            "recovery",
            "parked_request",
            "single_use",
            "access_token",
            "challenge",
            "staged_entry",
            "staged_identifier",
            "authorization_code"
        ]
    );
    house.advance(12 * HOUR);
    let day_after = [
        "flow",
        "recovery",
        "parked_request",
        "single_use",
        "access_token",
        "challenge",
        "staged_entry",
        "staged_identifier",
        "session",
        "session_client",
        "authorization_code",
    ];
    assert_eq!(gone(&house).await, day_after);
    house.advance(12 * HOUR);
    let two_days_after = [
        "flow",
        "recovery",
        "parked_request",
        "single_use",
        "access_token",
        "challenge",
        "staged_entry",
        "staged_identifier",
        "enrollment",
        "session",
        "session_client",
        "authorization_code",
    ];
    assert_eq!(gone(&house).await, two_days_after);
    house.advance(5 * DAY);
    assert_eq!(gone(&house).await, [&two_days_after[..], &["counter"]].concat());
    house.advance(25 * DAY);
    let month_after = [&two_days_after[..], &["refresh_token", "oauth_grant", "counter", "message", "not_me_link"]].concat();
    assert_eq!(gone(&house).await, month_after, "a browser in which somebody signed in is known for 400 days");
    house.advance(376 * DAY);
    assert_eq!(gone(&house).await, TABLES);
    let events = house.count("SELECT COUNT(*) AS n FROM audit_event WHERE kind = 'retention.deleted'").await;
    let of_nobody = ["abandoned_flow", "idle_browser"];
    assert_eq!(events, i64::try_from(CHORES.len() - of_nobody.len()).unwrap(), "here somebody went on, and signed in");
}

#[tokio::test]
async fn what_lives_stays_beside_what_has_died() {
    let house = house_with_people().await;
    live_a_little(&house, 1).await;
    house.advance(450 * DAY);
    live_a_little(&house, 2).await;
    tidy_once(&house.app, &house.realm, CHORES).await;
    assert!(rows(&house).await.values().all(|rows| *rows == 1), "{:?}", rows(&house).await);
}

#[tokio::test]
async fn a_browser_in_which_nobody_signed_in_goes_after_a_week_but_not_under_a_flow() {
    let house = house_with_people().await;
    live_a_little(&house, 1).await;
    house.sql("UPDATE browser SET last_seen_at = created_at").await;
    house.sql("DELETE FROM known_device").await;
    house.sql("UPDATE flow SET expires_at = expires_at + 864000000000").await;
    house.advance(8 * DAY);
    assert!(!gone(&house).await.contains(&"browser"));
    house.advance(4 * DAY);
    assert!(gone(&house).await.contains(&"browser"));
}

#[tokio::test]
async fn a_revoked_grant_goes_with_its_tokens_and_an_ended_session_with_its_clients() {
    let house = house_with_people().await;
    live_a_little(&house, 1).await;
    let now = house.now().micros();
    house.sql(format!("UPDATE oauth_grant SET revoked_at = {now}")).await;
    house.sql(format!("UPDATE session SET ended_at = {now}, expires_at = expires_at + 864000000000")).await;
    house.advance(25 * HOUR);
    let gone = gone(&house).await;
    for table in ["oauth_grant", "refresh_token", "authorization_code", "session", "session_client"] {
        assert!(gone.contains(&table), "{table}: {gone:?}");
    }
}

#[tokio::test]
async fn who_is_locked_stays_locked_and_waiting_mail_waits() {
    let house = house_with_people().await;
    live_a_little(&house, 1).await;
    house.sql("UPDATE counter SET failures = 100").await;
    house.sql("UPDATE message SET state = 'queued'").await;
    house.advance(1000 * DAY);
    let gone = gone(&house).await;
    assert!(!gone.contains(&"counter") && !gone.contains(&"message"), "{gone:?}");
}

#[tokio::test]
async fn much_goes_in_small_batches_by_one_worker_at_a_time() {
    let house = house_with_people().await;
    for nth in 0..450_u16 {
        let row = format!("x'{:032x}'", u128::from(nth));
        house.sql(format!("INSERT INTO parked_request SELECT id, {row}, 'authorize', '', 0 FROM realm")).await;
    }
    let until = house.now().micros() + 1;
    house.sql(format!("INSERT INTO lease SELECT id, 'chores', x'00', {until} FROM realm")).await;
    tidy_once(&house.app, &house.realm, CHORES).await;
    assert_eq!(rows(&house).await["parked_request"], 450, "another worker is at it");
    house.advance(1);
    tidy_once(&house.app, &house.realm, CHORES).await;
    assert_eq!(rows(&house).await["parked_request"], 0);
    for batch in [("200", 2), ("50", 1)] {
        let events = format!("SELECT COUNT(*) AS n FROM audit_event WHERE data = '{{\"rows\":{}}}'", batch.0);
        assert_eq!(house.count(events).await, batch.1);
    }
}

#[tokio::test]
async fn the_queries_are_understood_by_every_database() {
    for house in House::all().await {
        let (realm, now) = (house.realm.clone(), house.now());
        for chore in CHORES {
            let realm = realm.clone();
            assert_eq!(house.write(move |tx| (chore.delete)(tx, realm.policy(), now, 10)).await, 0, "{}", chore.what);
        }
    }
}

#[tokio::test]
async fn what_nobody_went_on_with_goes_soon_after_its_time() {
    for house in House::all().await {
        let realm = house.realm.id;
        let portal = ClientRowId::new(house.now(), [9; 10]);
        let new: Client = serde_json::from_value(serde_json::json!({"client_id": "portal", "client_name": "Portal"})).unwrap();
        house.write(move |tx| client::apply_document(tx, std::slice::from_ref(&new), &[portal], Timestamp::from_secs(0))).await;
        let (now, flows) = (house.now(), [1, 2, 3_u8].map(|tag| FlowId::new(house.now(), [tag; 10])));
        let end = now.plus(std::time::Duration::from_secs(HOUR));
        house
            .write(move |tx| {
                for (nth, id) in flows.iter().enumerate() {
                    let tag = u8::try_from(nth).unwrap();
                    let fresh = Handle { id: BrowserId::new(now, [tag; 10]), secret: Secret::new("s".into()) };
                    let (browser, _) =
                        session::settle(tx, None, &fresh, now, now.plus(std::time::Duration::from_secs(400 * DAY)))?;
                    let goal = Goal::Account { page: AccountPage::Overview, from: Some(portal) };
                    flow::insert(tx, browser, &NewFlow { id: *id, goal, at: now, expires_at: end })?;
                }
                // One whose person went on, and one that a reset goes back to.
                let moved = flow::load(tx, flows[1])?.unwrap();
                flow::finish(tx, moved.id, now)?;
                diesel::insert_into(recovery::table)
                    .values((
                        recovery::realm.eq(realm),
                        recovery::id.eq(RecoveryId::new(now, [1; 10])),
                        recovery::browser.eq(BrowserId::new(now, [2; 10])),
                        recovery::flow.eq(Some(flows[2])),
                        recovery::progress.eq("{}"),
                        recovery::version.eq(1),
                        recovery::created_at.eq(now),
                        recovery::expires_at.eq(end),
                    ))
                    .execute(tx.conn)?;
                Ok(())
            })
            .await;
        let left = async || {
            tidy_once(&house.app, &house.realm, CHORES).await;
            house.advance(301);
            let count = async |table: &str| house.count(format!("SELECT COUNT(*) AS n FROM {table}")).await;
            (count("flow").await, count("browser").await)
        };
        assert_eq!(left().await, (3, 3));
        house.advance(HOUR);
        assert_eq!(left().await, (3, 3), "a moment is left for whoever comes back late");
        house.advance(25 * MINUTE);
        assert_eq!(left().await, (2, 2), "the flow that nobody went on with, and its browser");
        house.advance(25 * HOUR);
        assert_eq!(left().await, (0, 2), "the others go a day later, and browsers with what hangs on them");
    }
}
