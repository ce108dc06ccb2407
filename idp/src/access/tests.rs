//! A fund with one account on a fresh database, for the tests of this wing.

use crate::app::{App, Parts};
use crate::clock::{Clock, SettableClock};
use crate::directory::realm::{self, NewRealm, Realms};
use crate::entropy::Entropy;
use crate::host::FolderSender;
use crate::realm::{Realm, SigningKeys};
use crate::settings::RealmDocument;
use crate::store::schema::account;
use crate::store::{AllRealms, DatabaseUrl, Db, StoreSettings};
use crate::vault::{MasterKey, Purpose};
use diesel::prelude::*;
use poterne_protocol::authorize::request::{self, AuthorizationRequest};
use poterne_protocol::id::{AccountId, KeyId, RealmId};
use poterne_protocol::time::Timestamp;
use poterne_protocol::wire::Params;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Notify, Semaphore};

const DOCUMENT: &str = r##"
slug = "lindenhof"
name = "Caisse de pension Lindenhof"
languages = ["fr"]
[contact]
phone = "+41 21 555 01 10"
email = "portail@lindenhof.example"
[branding]
colour = "#0b5c4a"
mark = "L"
[sender]
email = "portail@lindenhof.example"
sms = "Lindenhof"
[[population]]
key = "insured"
name = { fr = "Assurés" }
code = { label = { fr = "Code" } }
[[population.identifier]]
field = "birth_date"
kind = "date"
[[population]]
key = "visitor"
name = { fr = "Visiteurs" }
code = { label = { fr = "Code" } }
factors = []
[[population.identifier]]
field = "birth_date"
kind = "date"
[[client]]
client_id = "flex"
client_name = "Lindenhof flex"
redirect_uris = ["https://flex.example/cb"]
client_uri = "https://flex.example/"
first_party = true
"##;

/// A sound request of the portal.
pub(in crate::access) fn request() -> AuthorizationRequest {
    let query = "client_id=flex&redirect_uri=https%3A%2F%2Fflex.example%2Fcb&response_type=code&scope=openid&state=s\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let document = RealmDocument::parse(DOCUMENT).unwrap();
    request::parse(&Params::parse(query.as_bytes()).unwrap(), &document.clients[0]).unwrap()
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A fund with one account.
pub(in crate::access) struct House {
    pub(in crate::access) app: App,
    pub(in crate::access) clock: SettableClock,
    pub(in crate::access) realm: Arc<Realm>,
    /// Its password hash is none.
    pub(in crate::access) marie: AccountId,
    _folder: Folder,
}

impl House {
    /// On SQLite in a folder of its own.
    pub(in crate::access) async fn new(seed: u64) -> Self {
        Self::on(None, seed).await
    }

    /// On this database, which must be empty; `None` is SQLite in a folder of its own.
    pub(in crate::access) async fn on(database: Option<DatabaseUrl>, seed: u64) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("poterne-access-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let folder = Folder(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        let url = database.unwrap_or_else(|| DatabaseUrl::Sqlite(folder.0.join("poterne.db")));
        let db = Db::open(&url, StoreSettings::default()).unwrap();
        db.migrate().await.unwrap();
        let clock = SettableClock::new(Timestamp::from_secs(1_780_000_000));
        let entropy = Entropy::seeded(seed);
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
        let realm = founded(&app).await;
        let marie = enrolled(&app, &realm).await;
        Self { app, clock, realm, marie, _folder: folder }
    }

    pub(in crate::access) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

async fn founded(app: &App) -> Arc<Realm> {
    let at = app.clock.now();
    let id = RealmId::new(at, app.entropy.bytes());
    let keys = Purpose::ALL.map(|purpose| {
        let key = KeyId::new(at, app.entropy.bytes());
        let (_, sealed) = app.master.new_realm_key(id, key, purpose, &app.entropy).unwrap();
        (key, purpose, sealed)
    });
    let document = RealmDocument::parse(DOCUMENT).unwrap();
    let new = NewRealm { id, issuer: "http://localhost:8080/lindenhof".into(), document, keys: keys.to_vec(), at };
    app.db.write(AllRealms, move |tx| realm::insert(tx, &new)).await.unwrap();
    let realms = Realms::new(|_, _, _| Ok(SigningKeys::default()));
    realms.by_slug(app, "lindenhof").await.unwrap().unwrap()
}

async fn enrolled(app: &App, realm: &Realm) -> AccountId {
    let at = app.clock.now();
    let id = AccountId::new(at, app.entropy.bytes());
    let insert = app.db.write(realm.id, move |tx| {
        let row = (
            account::realm.eq(tx.realm()),
            account::id.eq(id),
            account::population.eq("insured"),
            account::email.eq("marie.favre@lac.example"),
            account::language.eq("fr"),
            account::password_hash.eq("none"),
            account::password_set_at.eq(at),
            account::level.eq("urn:poterne:level:multi"),
            account::created_at.eq(at),
        );
        diesel::insert_into(account::table).values(row).execute(tx.conn)?;
        Ok(())
    });
    insert.await.unwrap();
    id
}
