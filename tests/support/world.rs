//! A whole provider with one fund and its people, on a database of its own.

use super::browser::Browser;
use super::mailbox::Mailbox;
use super::people::Person;
use super::portal::Portal;
use super::postgres::FreshDatabase;
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use poterne_idp::manage::Manage;
use poterne_idp::{
    Clock, DatabaseUrl, Db, Entropy, Idp, IdpBuilder, MasterKey, Outbound, RealmDocument, SettableClock, StoreSettings, Timestamp,
};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::watch;

/// The fund's short name.
pub const SLUG: &str = "lindenhof";
/// When tests begin: 22 November 2026, 09:00 UTC.
const BEGIN: i64 = 1_795_338_000;

/// A provider with its surroundings.
pub struct World {
    /// The clock everything reads.
    pub clock: SettableClock,
    /// Where messages arrive.
    pub mailbox: Mailbox,
    /// The provider.
    pub idp: Idp,
    /// Its database.
    pub db: Db,
    /// The routes as a browser meets them.
    pub routes: Router,
    /// The realm's issuer.
    pub issuer: String,
    master: MasterKey,
    url: DatabaseUrl,
    stop: watch::Sender<bool>,
    _ground: Ground,
}

/// What a world stands on; it goes with the world.
struct Ground {
    folder: PathBuf,
    _database: Option<FreshDatabase>,
}

impl Drop for Ground {
    fn drop(&mut self) {
        // A folder that stays behind is in the temporary folder.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl World {
    /// On SQLite, at the root of its host.
    pub async fn on_sqlite() -> Self {
        let folder = folder();
        let url = DatabaseUrl::Sqlite(folder.join("poterne.sqlite"));
        Self::build(url, Ground { folder, _database: None }, "").await
    }

    /// On SQLite, nested in a host's application.
    pub async fn mounted() -> Self {
        let folder = folder();
        let url = DatabaseUrl::Sqlite(folder.join("poterne.sqlite"));
        Self::build(url, Ground { folder, _database: None }, "/id").await
    }

    /// On PostgreSQL, where a server was started.
    pub async fn on_postgres() -> Option<Self> {
        let database = FreshDatabase::create()?;
        let url = DatabaseUrl::Postgres(database.url());
        Some(Self::build(url, Ground { folder: folder(), _database: Some(database) }, "").await)
    }

    async fn build(url: DatabaseUrl, ground: Ground, prefix: &'static str) -> Self {
        let entropy = Entropy::System;
        let clock = SettableClock::new(Timestamp::from_secs(BEGIN));
        let (master, mailbox) = (MasterKey::generate(&entropy), Mailbox::default());
        let public_url = format!("http://localhost:8080{prefix}");
        let (db, idp) = provider(&url, builder(&master, &clock, &mailbox, &public_url)).await;
        let routes = if prefix.is_empty() { idp.router() } else { host(prefix, &idp) };
        let (stop, stopped) = watch::channel(false);
        run_workers(&idp, stopped);
        let issuer = format!("{public_url}/{SLUG}");
        let world = Self { clock, mailbox, idp, db, routes, issuer, master, url, stop, _ground: ground };
        world.manage().apply_realm(world.document()).await.expect("the realm is applied");
        world
    }

    /// The fund's document.
    #[expect(clippy::unused_self, reason = "it is this world's")]
    pub fn document(&self) -> RealmDocument {
        RealmDocument::parse(include_str!("../../examples/lindenhof.toml")).expect("the document is right")
    }

    /// The operator's functions.
    pub fn manage(&self) -> Manage {
        self.idp.manage()
    }

    /// How many events of a kind the fund's audit trail has.
    pub async fn events(&self, kind: &str) -> usize {
        let events = self.manage().newest_events(SLUG, 10_000).await.expect("the audit trail is read");
        events.iter().filter(|event| event.kind == kind).count()
    }

    /// A second provider process on the same database.
    pub async fn restart(&mut self) {
        self.stop.send_replace(true);
        (self.db, self.idp, self.routes) = self.beside().await;
        let (stop, stopped) = watch::channel(false);
        run_workers(&self.idp, stopped);
        self.stop = stop;
    }

    /// A second provider process that runs beside this one on the same database, with its routes as a browser meets them.
    pub async fn beside(&self) -> (Db, Idp, Router) {
        self.beside_with(|idp| idp).await
    }

    /// The same, built by a host that supplies something of its own.
    pub async fn beside_with(&self, own: impl FnOnce(IdpBuilder) -> IdpBuilder) -> (Db, Idp, Router) {
        let public_url = self.public_url();
        let (db, idp) = provider(&self.url, own(builder(&self.master, &self.clock, &self.mailbox, &public_url))).await;
        let routes = if public_url.ends_with("/id") { host("/id", &idp) } else { idp.router() };
        (db, idp, routes)
    }

    /// Where the provider is reached; realms live below it.
    pub fn public_url(&self) -> String {
        self.issuer.trim_end_matches(&format!("/{SLUG}")).to_owned()
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: u64) {
        self.clock.advance(std::time::Duration::from_secs(seconds));
    }

    /// A fresh browser, in French.
    pub fn browser(&self) -> Browser {
        Browser::new(self.routes.clone(), &self.issuer)
    }

    /// The confidential portal, with a fresh secret.
    pub async fn flex(&self) -> Portal {
        let secret = self.manage().rotate_client_secret(SLUG, "lindenhof-flex").await.expect("the client exists");
        Portal::new(self, "lindenhof-flex", Some(secret.expose().to_owned()), "http://localhost:8081")
    }

    /// The public portal.
    pub fn one_e(&self) -> Portal {
        Portal::new(self, "lindenhof-1e", None, "http://localhost:8082")
    }

    /// Puts a person into the registry with their code; gives them back with the code they hold.
    pub async fn invite(&self, mut person: Person) -> Person {
        let entry = self.register(&person).await;
        if person.code.is_empty() {
            person.code = self.manage().issue_code(SLUG, entry).await.expect("a code is issued").code.expose().to_owned();
        } else {
            self.manage().issue_given_code(SLUG, entry, &person.code).await.expect("the code is taken");
        }
        person
    }

    /// Orders a new code for a person who has one; gives the person with the new one.
    pub async fn reissue(&self, person: &Person) -> Person {
        let issued = self.manage().order_code(SLUG, &person.registry_no, None).await.expect("a code is issued");
        Person { code: issued.code.expose().to_owned(), ..person.clone() }
    }

    /// Puts a person into the registry.
    pub async fn register(&self, person: &Person) -> poterne_idp::EntryId {
        self.manage().add_entry(SLUG, person.entry()).await.expect("the person is put in")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

fn folder() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("poterne-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}

fn builder(master: &MasterKey, clock: &SettableClock, mailbox: &Mailbox, public_url: &str) -> IdpBuilder {
    let clock = Clock::Settable(clock.clone());
    let outbound = Outbound::new(vec!["127.0.0.0/8".parse().expect("a network")], None).expect("no trust anchors");
    Idp::builder(public_url, master.clone()).sender(mailbox.clone()).clock(clock).hashing(2).outbound(outbound)
}

async fn provider(url: &DatabaseUrl, idp: IdpBuilder) -> (Db, Idp) {
    let db = Db::open(url, StoreSettings { connections: 6, ..StoreSettings::default() }).expect("the database opens");
    db.migrate().await.expect("the database is migrated");
    let idp = idp.build(db.clone()).await.expect("the provider is built");
    (db, idp)
}

fn run_workers(idp: &Idp, mut stopped: watch::Receiver<bool>) {
    let idp = idp.clone();
    tokio::spawn(async move { idp.run_workers(async move { drop(stopped.wait_for(|stop| *stop).await) }).await });
}

/// A host with its own state, fallback and policy, into which the provider is nested as `examples/embedded.rs` does it.
fn host(prefix: &str, idp: &Idp) -> Router {
    async fn own_policy(request: axum::extract::Request, next: Next) -> axum::response::Response {
        let mut response = next.run(request).await;
        let policy = HeaderValue::from_static("default-src 'self'");
        response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        response
    }
    Router::new()
        .route("/", axum::routing::get(|axum::extract::State(name): axum::extract::State<&'static str>| async move { name }))
        .nest_service(prefix, idp.router())
        .merge(idp.well_known_router())
        .fallback(|| async { (axum::http::StatusCode::IM_A_TEAPOT, "the host's own fallback") })
        .layer(from_fn(own_policy))
        .with_state("the host")
}
