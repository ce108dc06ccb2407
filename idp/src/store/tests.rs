use super::schema::{account, browser, realm, session};
use super::{AllRealms, DatabaseUrl, Db, SchemaState, StoreSettings, Tx};
use crate::error::{Failure, Result};
use crate::tests::Place;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use poterne_protocol::id::RealmId;
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Bench {
    db: Db,
    place: Place,
}

impl Bench {
    async fn on(place: Place, settings: StoreSettings) -> Self {
        let db = Db::open(&place.url, settings).unwrap();
        db.migrate().await.unwrap();
        Self { db, place }
    }

    async fn sqlite(settings: StoreSettings) -> Self {
        Self::on(Place::sqlite(), settings).await
    }

    /// One for each database there is.
    async fn all() -> Vec<Self> {
        let mut benches = Vec::new();
        for place in Place::all() {
            benches.push(Self::on(place, StoreSettings::default()).await);
        }
        benches
    }

    async fn slugs(&self) -> Vec<String> {
        let read = self.db.read(AllRealms, |rx| Ok(realm::table.select(realm::slug).order(realm::slug).load(rx.conn)?));
        read.await.unwrap()
    }

    async fn insert(&self, slug: &'static str) -> Result<()> {
        self.db.write(AllRealms, move |tx| insert(tx, slug)).await
    }

    /// Runs bare SQL.
    async fn sql(&self, statement: &'static str) -> usize {
        self.db.write(AllRealms, move |tx| Ok(diesel::sql_query(statement).execute(tx.conn)?)).await.unwrap()
    }
}

fn realm_id(slug: &str) -> RealmId {
    let mut bytes = [0; 16];
    bytes[..slug.len()].copy_from_slice(slug.as_bytes());
    RealmId::from_bytes(bytes)
}

fn insert(tx: &mut Tx<'_>, slug: &str) -> Result<()> {
    let at = Timestamp::from_micros(1);
    let row = (
        realm::id.eq(realm_id(slug)),
        realm::slug.eq(slug),
        realm::issuer.eq(format!("https://id.example/{slug}")),
        realm::document.eq("{}"),
        realm::generation.eq(0),
        realm::created_at.eq(at),
        realm::updated_at.eq(at),
    );
    diesel::insert_into(realm::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Keeps the writer busy until it is let go, so that what follows waits in its queue together.
fn hold_the_writer(db: &Db) -> (tokio::task::JoinHandle<Result<()>>, Receiver<()>, Sender<()>) {
    let ((begun, has_begun), (go, wait)) = (channel(), channel::<()>());
    let wait = Mutex::new(wait);
    let db = db.clone();
    let holding = tokio::spawn(async move {
        db.write(AllRealms, move |_| {
            begun.send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
            Ok(())
        })
        .await
    });
    (holding, has_begun, go)
}

/// Writes that succeed around one that fails and one that panics.
async fn four_writes(bench: &Bench, go: Option<Sender<()>>) {
    let fails = bench.db.write(AllRealms, |tx| {
        insert(tx, "fails")?;
        Err::<(), _>(Failure::Settings("no".into()))
    });
    let panics = bench.db.write(AllRealms, |tx| -> Result<()> {
        insert(tx, "panics")?;
        panic!("in a write")
    });
    let free = async {
        if let Some(go) = go {
            go.send(()).unwrap();
        }
    };
    let (one, failed, panicked, two, ()) = tokio::join!(bench.insert("one"), fails, panics, bench.insert("two"), free);
    assert!(one.is_ok() && two.is_ok());
    assert!(matches!(failed, Err(Failure::Settings(no)) if no == "no"));
    assert!(matches!(panicked, Err(Failure::Internal(_))));
    assert_eq!(bench.slugs().await, ["one", "two"]);
    bench.insert("after").await.unwrap();
    assert_eq!(bench.slugs().await, ["after", "one", "two"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closure_that_fails_or_panics_takes_only_its_own_writes_back() {
    for bench in Bench::all().await {
        if matches!(bench.place.url, DatabaseUrl::Sqlite(_)) {
            let (holding, begun, go) = hold_the_writer(&bench.db);
            begun.recv().unwrap();
            four_writes(&bench, Some(go)).await;
            holding.await.unwrap().unwrap();
        } else {
            four_writes(&bench, None).await;
        }
    }
}

fn breaks_at_the_commit(tx: &mut Tx<'_>) -> Result<()> {
    diesel::sql_query("PRAGMA defer_foreign_keys = ON").execute(tx.conn)?;
    diesel::sql_query("INSERT INTO lease VALUES (x'ff', 'nobody', x'00', 0)").execute(tx.conn)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_made_ahead_of_the_commit_is_given_out_only_after_it() {
    for bench in Bench::all().await {
        let made = AtomicU32::new(0);
        let token = async |()| {
            made.fetch_add(1, Ordering::SeqCst);
            Ok("a token")
        };
        assert_eq!(bench.db.write_and(AllRealms, |tx| insert(tx, "one"), token).await.unwrap(), "a token");
        let refused = bench.db.write_and(AllRealms, |_| Err(Failure::Settings("no".into())), token).await;
        assert!(matches!(refused, Err(Failure::Settings(_))));
        let panicked = bench.db.write_and(AllRealms, |_| panic!("in a write"), token).await;
        assert!(matches!(panicked, Err(Failure::Internal(_))));
        assert_eq!(made.load(Ordering::SeqCst), 1, "nothing is made of what was not done");
        let not_made =
            bench.db.write_and(AllRealms, |tx| insert(tx, "two"), async |()| Err::<(), _>(Failure::internal("no key")));
        assert!(matches!(not_made.await, Err(Failure::Internal(_))));
        assert_eq!(bench.slugs().await, ["one", "two"], "what was done stays");
        if matches!(bench.place.url, DatabaseUrl::Sqlite(_)) {
            let (holding, begun, go) = hold_the_writer(&bench.db);
            begun.recv().unwrap();
            let broken = bench.db.write_and(AllRealms, breaks_at_the_commit, token);
            let beside = bench.db.write_and(AllRealms, |tx| insert(tx, "beside"), token);
            let free = async { go.send(()).unwrap() };
            let (broken, beside, ()) = tokio::join!(broken, beside, free);
            holding.await.unwrap().unwrap();
            assert!(matches!(broken, Err(Failure::Internal(_))) && matches!(beside, Err(Failure::Internal(_))));
            assert_eq!((made.load(Ordering::SeqCst), bench.slugs().await.len()), (3, 2), "made, but not given out");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_commit_fails_nobody_of_the_batch_is_told_that_it_worked() {
    let bench = Bench::sqlite(StoreSettings::default()).await;
    let (holding, begun, go) = hold_the_writer(&bench.db);
    begun.recv().unwrap();
    let breaks = bench.db.write(AllRealms, breaks_at_the_commit);
    let says_no = bench.db.write(AllRealms, |_| Err::<(), _>(Failure::Settings("no".into())));
    // Only when all wait, so that they share a batch.
    let free = async { go.send(()).unwrap() };
    let (one, broken, refused, ()) = tokio::join!(bench.insert("one"), breaks, says_no, free);
    holding.await.unwrap().unwrap();
    assert!(matches!(one, Err(Failure::Internal(_))) && matches!(broken, Err(Failure::Internal(_))));
    assert!(matches!(refused, Err(Failure::Settings(_))), "a refusal stands whatever became of the others");
    assert!(bench.slugs().await.is_empty());
    bench.insert("after").await.unwrap();
    assert_eq!(bench.slugs().await, ["after"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_with_its_runtime_keeps_nobody_of_the_batch_waiting() {
    let bench = Bench::sqlite(StoreSettings::default()).await;
    let (holding, begun, go) = hold_the_writer(&bench.db);
    begun.recv().unwrap();
    let elsewhere = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let db = bench.db.clone();
    let gone = std::thread::spawn(move || {
        elsewhere.block_on(async {
            let write = db.write(AllRealms, |tx| insert(tx, "gone"));
            assert!(tokio::select! { biased; _ = write => false, () = tokio::task::yield_now() => true }, "it waits");
        });
    });
    gone.join().unwrap();
    let free = async { go.send(()).unwrap() };
    let told = async { tokio::join!(bench.insert("one"), bench.insert("two"), free) };
    let (one, two, ()) = tokio::time::timeout(Duration::from_secs(10), told).await.unwrap();
    assert!(one.is_ok() && two.is_ok());
    holding.await.unwrap().unwrap();
    assert_eq!(bench.slugs().await, ["gone", "one", "two"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_busy_and_recovers() {
    let bench = Bench::sqlite(StoreSettings { queue: 2, ..StoreSettings::default() }).await;
    let (holding, begun, go) = hold_the_writer(&bench.db);
    begun.recv().unwrap();
    let beyond = async {
        let refused = bench.insert("three").await;
        go.send(()).unwrap();
        refused
    };
    let (one, two, three) = tokio::join!(bench.insert("one"), bench.insert("two"), beyond);
    assert!(matches!(three, Err(Failure::Busy(_))));
    assert!(one.is_ok() && two.is_ok());
    holding.await.unwrap().unwrap();
    bench.insert("four").await.unwrap();
    assert_eq!(bench.slugs().await, ["four", "one", "two"]);
}

/// From now on the database may grow no further than this many pages; 1 is as far as it is.
async fn may_grow_to(bench: &Bench, pages: u32) {
    let limited = move |tx: &mut Tx<'_>| Ok(tx.conn.batch_execute(&format!("PRAGMA max_page_count = {pages}"))?);
    bench.db.write(AllRealms, limited).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_writes_by_name_lets_reads_go_on_and_keeps_what_was_acknowledged() {
    let bench = Bench::sqlite(StoreSettings::default()).await;
    let put = |bytes: u32| {
        bench.db.write(AllRealms, move |tx| {
            let statement = format!("INSERT INTO ballast SELECT zeroblob({bytes})");
            Ok(diesel::sql_query(statement).execute(tx.conn)?)
        })
    };
    bench.sql("CREATE TABLE ballast (bytes BLOB)").await;
    let mut acknowledged = 0;
    may_grow_to(&bench, 1).await;
    for bytes in [100_000, 4_000, 400, 20] {
        while put(bytes).await.is_ok() {
            acknowledged += 1;
        }
    }
    // Those that share a batch with a write that no longer fits are told the same, and a refusal stays one.
    let (holding, begun, go) = hold_the_writer(&bench.db);
    begun.recv().unwrap();
    let says_no = bench.db.write(AllRealms, |_| Err::<(), _>(Failure::Settings("no".into())));
    let free = async { go.send(()).unwrap() };
    let (no, one, two, three, ()) = tokio::join!(says_no, bench.insert("one"), put(100_000), put(20), free);
    holding.await.unwrap().unwrap();
    assert!(matches!(no, Err(Failure::Settings(_))));
    let (one, disk) =
        (one.map(|()| 1), |outcome: &Result<usize>| matches!(outcome, Err(Failure::Disk(why)) if why.contains("full")));
    assert!(disk(&one) && disk(&two) && disk(&three), "{one:?} {two:?} {three:?}");
    assert!(bench.slugs().await.is_empty(), "reads go on");
    assert_eq!(bench.db.schema_state().await.unwrap(), SchemaState::Current);

    may_grow_to(&bench, 1_000_000).await;
    bench.insert("after").await.unwrap();
    assert_eq!((bench.slugs().await, put(100_000).await.unwrap()), (vec!["after".to_owned()], 1));
    assert_eq!(bench.sql("DELETE FROM ballast").await, acknowledged + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_see_what_is_committed_and_nothing_else() {
    for bench in Bench::all().await {
        let ((begun, has_begun), (go, wait)) = (channel(), channel::<()>());
        let (wait, db) = (Mutex::new(wait), bench.db.clone());
        let writing = tokio::spawn(async move {
            db.write(AllRealms, move |tx| {
                insert(tx, "one")?;
                begun.send(()).unwrap();
                wait.lock().unwrap().recv().unwrap();
                Ok(())
            })
            .await
        });
        has_begun.recv().unwrap();
        assert!(bench.slugs().await.is_empty());
        go.send(()).unwrap();
        writing.await.unwrap().unwrap();
        assert_eq!(bench.slugs().await, ["one"]);
    }
}

#[tokio::test]
async fn a_key_that_is_taken_says_so() {
    for bench in Bench::all().await {
        bench.insert("one").await.unwrap();
        let again = bench.insert("one").await;
        let unique = matches!(again, Err(Failure::Database(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))));
        assert!(unique, "{again:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn load_decide_save_loses_no_update() {
    for bench in Bench::all().await {
        bench.insert("one").await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let writers: Vec<_> = (0..16)
            .map(|_| {
                let (db, runs) = (bench.db.clone(), runs.clone());
                tokio::spawn(async move {
                    db.write(realm_id("one"), move |tx| {
                        runs.fetch_add(1, Ordering::SeqCst);
                        let id = tx.realm();
                        let loaded: i64 = realm::table.find(id).select(realm::generation).first(tx.conn)?;
                        // Long enough for another to load the same.
                        std::thread::sleep(std::time::Duration::from_millis(2));
                        diesel::update(realm::table.find(id)).set(realm::generation.eq(loaded + 1)).execute(tx.conn)?;
                        Ok(())
                    })
                    .await
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        let sum = bench.db.read(AllRealms, |rx| Ok(realm::table.select(realm::generation).first::<i64>(rx.conn)?));
        assert_eq!(sum.await.unwrap(), 16);
        let runs = runs.load(Ordering::SeqCst);
        match bench.place.url {
            DatabaseUrl::Sqlite(_) => assert_eq!(runs, 16, "one writer never collides"),
            DatabaseUrl::Postgres(_) => assert!(runs > 16, "nothing collided: this test tests nothing"),
        }
    }
}

fn session_row(tx: &mut Tx<'_>, of: RealmId, id: u8) -> Result<()> {
    let now = Timestamp::from_micros(1);
    let names = (
        session::realm.eq(of),
        session::id.eq(vec![id; 16]),
        session::browser.eq(vec![1; 16]),
        session::account.eq(vec![1; 16]),
        session::is_current.eq(true),
    );
    let rest = (
        session::auth_time.eq(now),
        session::acr.eq("a"),
        session::amr.eq("pwd"),
        session::created_at.eq(now),
        session::last_used_at.eq(now),
        session::expires_at.eq(now),
    );
    diesel::insert_into(session::table).values((names, rest)).execute(tx.conn)?;
    Ok(())
}

fn account_row(tx: &mut Tx<'_>, of: RealmId) -> Result<()> {
    let now = Timestamp::from_micros(1);
    let row = (
        account::realm.eq(of),
        account::id.eq(vec![1; 16]),
        account::population.eq("insured"),
        account::email.eq("marie@lac.example"),
        account::language.eq("fr"),
        account::password_hash.eq(""),
        account::password_set_at.eq(now),
        account::level.eq("single"),
        account::created_at.eq(now),
    );
    diesel::insert_into(account::table).values(row).execute(tx.conn)?;
    Ok(())
}

#[tokio::test]
async fn the_database_refuses_a_reference_into_another_realm() {
    for bench in Bench::all().await {
        bench.insert("one").await.unwrap();
        bench.insert("two").await.unwrap();
        let prepared = bench.db.write(AllRealms, |tx| {
            let now = Timestamp::from_micros(1);
            let row = (browser::realm.eq(realm_id("one")), browser::id.eq(vec![1; 16]), browser::secret_digest.eq(vec![0; 32]));
            let times = (browser::created_at.eq(now), browser::last_seen_at.eq(now), browser::expires_at.eq(now));
            diesel::insert_into(browser::table).values((row.0, row.1, row.2, times)).execute(tx.conn)?;
            account_row(tx, realm_id("one"))?;
            account_row(tx, realm_id("two"))
        });
        prepared.await.unwrap();
        let across = bench.db.write(AllRealms, |tx| session_row(tx, realm_id("two"), 1)).await;
        let refused = matches!(across, Err(Failure::Database(Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _))));
        assert!(refused, "{across:?}");
        bench.db.write(AllRealms, |tx| session_row(tx, realm_id("one"), 1)).await.unwrap();
    }
}

#[tokio::test]
async fn a_newer_database_is_refused_by_name() {
    for bench in Bench::all().await {
        assert_eq!(bench.db.schema_state().await.unwrap(), SchemaState::Current);
        assert!(bench.db.migrate().await.unwrap().is_empty());
        bench.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')").await;
        assert_eq!(bench.db.schema_state().await.unwrap(), SchemaState::Ahead(vec!["9999".into()]));
        let refused = bench.db.migrate().await.unwrap_err();
        assert!(matches!(&refused, Failure::Settings(words) if words.contains("newer version") && words.contains("9999")));
    }
}

#[tokio::test]
async fn an_empty_database_is_behind_and_says_what_is_missing() {
    let place = Place::sqlite();
    let db = Db::open(&place.url, StoreSettings::default()).unwrap();
    let SchemaState::Behind(missing) = db.schema_state().await.unwrap() else { panic!("it is empty") };
    assert_eq!(db.migrate().await.unwrap().len(), missing.len());
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
}

#[test]
fn a_folder_that_is_not_there_or_cannot_be_written_is_named() {
    // Not even root writes into /proc.
    for path in ["/nowhere/at/all/poterne.db", "/proc/poterne.db", "/dev/null/poterne.db"] {
        let refused = Db::open(&DatabaseUrl::Sqlite(path.into()), StoreSettings::default()).err().unwrap();
        assert!(matches!(&refused, Failure::Settings(words) if words.contains(path)), "{refused}");
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_named_as_such() {
    let refused = Db::open(&DatabaseUrl::Postgres("postgres://127.0.0.1:1/none".into()), StoreSettings::default()).err().unwrap();
    assert!(matches!(&refused, Failure::Settings(words) if words.contains("PostgreSQL")), "{refused}");
}

#[test]
fn a_database_is_named_by_its_url() {
    assert_eq!("sqlite:var/poterne.db".parse::<DatabaseUrl>().unwrap(), DatabaseUrl::Sqlite("var/poterne.db".into()));
    assert_eq!("sqlite:///var/poterne.db".parse::<DatabaseUrl>().unwrap(), DatabaseUrl::Sqlite("/var/poterne.db".into()));
    let url = "postgres://poterne@localhost/poterne";
    assert_eq!(url.parse::<DatabaseUrl>().unwrap(), DatabaseUrl::Postgres(url.into()));
    for bad in ["", "sqlite:", "mysql://localhost", "var/poterne.db"] {
        assert!(bad.parse::<DatabaseUrl>().is_err(), "{bad}");
    }
}

/// A column: its type as diesel names it, and its place in the primary key, from 1.
type Columns = BTreeMap<(String, String), (String, i32)>;

/// The tables as `schema` tells them.
fn written_columns() -> Columns {
    let mut columns = Columns::new();
    let written = concat!(
        include_str!("schema/access.rs"),
        include_str!("schema/directory.rs"),
        include_str!("schema/oidc.rs"),
        include_str!("schema/onboarding.rs"),
        include_str!("schema/operations.rs"),
    );
    for table in written.split("diesel::table! {").skip(1) {
        let (head, body) = table.trim_start().split_once('{').unwrap();
        let (name, key) = head.split_once('(').unwrap();
        let key: Vec<&str> = key.trim().trim_end_matches(')').split(", ").collect();
        for line in body.lines().filter(|line| line.contains(" -> ")) {
            let (column, kind) = line.trim().trim_end_matches(',').split_once(" -> ").unwrap();
            let place = key.iter().position(|part| *part == column).map_or(0, |at| i32::try_from(at).unwrap() + 1);
            columns.insert((name.trim().into(), column.into()), (kind.into(), place));
        }
    }
    columns
}

/// The tables as a database has them.
async fn found_columns(bench: &Bench) -> Columns {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        of: String,
        #[diesel(sql_type = diesel::sql_types::Text)]
        named: String,
        #[diesel(sql_type = diesel::sql_types::Text)]
        kind: String,
        #[diesel(sql_type = diesel::sql_types::Integer)]
        filled: i32,
        #[diesel(sql_type = diesel::sql_types::Integer)]
        place: i32,
    }
    let ask = match bench.place.url {
        DatabaseUrl::Sqlite(_) => {
            "SELECT m.name AS of, p.name AS named, lower(p.type) AS kind, p.\"notnull\" AS filled, p.pk AS place \
             FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        DatabaseUrl::Postgres(_) => {
            "SELECT c.table_name::text AS of, c.column_name::text AS named, c.data_type::text AS kind, \
             (CASE c.is_nullable WHEN 'NO' THEN 1 ELSE 0 END)::int AS filled, COALESCE(k.ordinal_position, 0)::int AS place \
             FROM information_schema.columns c \
             LEFT JOIN information_schema.table_constraints t ON t.table_schema = c.table_schema \
             AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY' \
             LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = t.constraint_schema \
             AND k.constraint_name = t.constraint_name AND k.table_name = c.table_name AND k.column_name = c.column_name \
             WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_\\_%'"
        }
    };
    let rows: Vec<Row> = bench.db.read(AllRealms, move |rx| Ok(diesel::sql_query(ask).load(rx.conn)?)).await.unwrap();
    let columns = rows.into_iter().map(|row| {
        let kind = match row.kind.as_str() {
            "blob" | "bytea" => "Binary",
            "text" => "Text",
            "bigint" => "BigInt",
            "integer" => "Integer",
            "boolean" => "Bool",
            other => panic!("{}.{} is a {other}", row.of, row.named),
        };
        let kind = if row.filled == 1 { kind.to_owned() } else { format!("Nullable<{kind}>") };
        ((row.of, row.named), (kind, row.place))
    });
    columns.collect()
}

#[tokio::test]
async fn the_tables_are_the_same_in_the_schema_and_in_every_database() {
    let written = written_columns();
    assert!(written.len() > 150, "the schema was not read");
    for bench in Bench::all().await {
        let found = found_columns(&bench).await;
        for (column, as_written) in &written {
            assert_eq!(found.get(column), Some(as_written), "{column:?}");
        }
        for column in found.keys() {
            assert!(written.contains_key(column), "{column:?} is not in the schema");
        }
    }
}

const SQLITE: &str = include_str!("../../migrations/sqlite/0001_house/up.sql");
const POSTGRES: &str = include_str!("../../migrations/postgres/0001_house/up.sql");

#[test]
fn both_migrations_differ_only_in_what_the_databases_call_things() {
    let translated = SQLITE.replace(" BLOB", " BYTEA").replace(") WITHOUT ROWID;", ");");
    for (nth, (ours, theirs)) in translated.lines().zip(POSTGRES.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {}", nth + 1);
    }
    assert_eq!(translated.lines().count(), POSTGRES.lines().count());
}

#[test]
fn every_key_and_every_reference_carries_the_realm() {
    for line in SQLITE.lines().map(str::trim) {
        if let Some(reference) = line.strip_prefix("FOREIGN KEY ") {
            assert!(reference.starts_with("(realm, ") && reference.contains("(realm, id)"), "{line}");
        } else if line.contains(" REFERENCES ") {
            assert!(line.starts_with("realm BLOB NOT NULL REFERENCES realm (id)"), "{line}");
        } else if line.starts_with("PRIMARY KEY") || line.starts_with("UNIQUE") {
            assert!(line.contains("(realm, "), "{line}");
        } else if line.contains(" INDEX ") {
            assert!(line.contains(" (realm, "), "{line}");
        }
    }
}

/// diesel would prepare it anew at each of them.
#[test]
fn an_update_is_prepared_once_for_all_its_runs() {
    use diesel::connection::{Connection, InstrumentationEvent};
    let mut connection = diesel::SqliteConnection::establish(":memory:").unwrap();
    connection.batch_execute("CREATE TABLE realm (id BLOB PRIMARY KEY, generation BIGINT)").unwrap();
    let (kept, events) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (kept_too, events_too) = (kept.clone(), events.clone());
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::CacheQuery { sql, .. } if sql.starts_with("UPDATE") => {
            kept_too.fetch_add(1, Ordering::SeqCst);
        }
        InstrumentationEvent::StartQuery { .. } => {
            events_too.fetch_add(1, Ordering::SeqCst);
        }
        _ => {}
    });
    let row = || realm::table.find(realm_id("lindenhof"));
    for generation in 0..3 {
        super::cached::update(row(), realm::generation.eq(generation)).execute(&mut connection).unwrap();
    }
    assert_eq!((events.load(Ordering::SeqCst), kept.load(Ordering::SeqCst)), (3, 1));
}
