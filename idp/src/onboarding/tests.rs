//! A fund on each database of the test run, for the tests of this wing.

use crate::app::{App, Parts};
use crate::clock::{Clock, SettableClock};
use crate::directory::realm::Realms;
use crate::entropy::Entropy;
use crate::host::FolderSender;
use crate::manage::{EntryKind, Manage, NewPerson};
use crate::oidc;
use crate::realm::Realm;
use crate::settings::RealmDocument;
use crate::store::{DatabaseUrl, Db, StoreSettings};
use crate::vault::MasterKey;
use poterne_protocol::id::{CodeId, EntryId};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Notify, Semaphore};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The demo's fund, without its people.
#[derive(Clone)]
pub struct Bed {
    pub app: App,
    pub realm: Arc<Realm>,
    pub clock: SettableClock,
    pub manage: Manage,
    _folder: Arc<Folder>,
}

/// One for each database there is.
pub async fn beds(name: &str) -> Vec<Bed> {
    let mut beds = vec![Bed::on(name, None).await];
    if let Some(url) = postgres() {
        beds.push(Bed::on(name, Some(url)).await);
    }
    beds
}

/// A fresh database on the server that the scripts started, if they did and this program knows PostgreSQL.
#[expect(clippy::disallowed_methods, reason = "the test run is configured by its environment")]
fn postgres() -> Option<DatabaseUrl> {
    let server = std::env::var("POTERNE_TEST_POSTGRES").ok()?;
    let name = format!("o_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    let (path, query) = server.split_once('?').unwrap_or((&server, ""));
    let base = path.rsplit_once('/').map_or(path, |(base, _)| base);
    let url = DatabaseUrl::Postgres(format!("{base}/{name}?{query}"));
    // Built without PostgreSQL, the program refuses the URL before it asks the server.
    if matches!(Db::open(&url, StoreSettings::default()), Err(crate::error::Failure::Settings(why)) if why.contains("without PostgreSQL"))
    {
        return None;
    }
    let create = std::process::Command::new("psql")
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", &format!("CREATE DATABASE {name}"), &server])
        .status();
    assert!(create.is_ok_and(|status| status.success()), "PostgreSQL makes a database");
    Some(url)
}

impl Bed {
    async fn on(name: &str, database: Option<DatabaseUrl>) -> Self {
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let folder = Folder(std::env::temp_dir().join(format!("poterne-{name}-{}-{number}", std::process::id())));
        std::fs::create_dir_all(&folder.0).unwrap();
        let url = database.unwrap_or_else(|| DatabaseUrl::Sqlite(folder.0.join("poterne.sqlite")));
        let db = Db::open(&url, StoreSettings::default()).unwrap();
        db.migrate().await.unwrap();
        let clock = SettableClock::new(Timestamp::from_secs(1_780_000_000));
        let entropy = Entropy::seeded(number);
        let app = App::new(Parts {
            db,
            clock: Clock::Settable(clock.clone()),
            master: MasterKey::generate(&entropy),
            entropy,
            sender: Arc::new(FolderSender::new(folder.0.clone())),
            places: Arc::new(crate::host::Networks),
            hashing: Arc::new(Semaphore::new(2)),
            demo: false,
            outbox_wake: Notify::new(),
        });
        let realms = Realms::new(oidc::keys::load);
        let manage = Manage::new(app.clone(), realms.clone(), "http://localhost:8080".into());
        let document = RealmDocument::parse(include_str!("../../../examples/lindenhof.toml")).unwrap();
        manage.apply_realm(document).await.unwrap();
        let realm = realms.by_slug(&app, "lindenhof").await.unwrap().unwrap();
        Self { app, realm, clock, manage, _folder: Arc::new(folder) }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Puts a person into the registry.
    pub async fn person(&self, registry_no: &str, avs_number: &str, birth_date: &str) -> EntryId {
        let person = NewPerson {
            kind: EntryKind::Person,
            registry_no: registry_no.into(),
            population: "insured".into(),
            last_name: "Favre".into(),
            first_name: Some("Marie".into()),
            language: "fr".into(),
            status: "active".into(),
            address_status: "ok".into(),
            identifiers: BTreeMap::from([
                ("avs_number".into(), vec![avs_number.into()]),
                ("birth_date".into(), vec![birth_date.into()]),
            ]),
        };
        self.manage.add_entry("lindenhof", person).await.unwrap()
    }

    /// Issues a code, as it is printed.
    pub async fn issue(&self, entry: EntryId) -> Secret {
        self.manage.issue_code("lindenhof", entry).await.unwrap_or_else(|why| panic!("{why}")).code
    }

    /// Issues a code; its row's id.
    pub async fn issued_id(&self, entry: EntryId) -> CodeId {
        let code = super::code::read(self.issue(entry).await.expose(), true).unwrap();
        let digests = super::code::digests(&self.realm.vault, &code);
        let found = self.app.db.read(self.realm.id, move |rx| super::code::by_digest(rx, &digests)).await.unwrap();
        found.unwrap().id
    }
}
