//! What the tests of the rooms share: a realm in a database of its own, a clock that is set, a sender that obeys.

mod place;

pub(crate) use place::Place;

use crate::app::{App, Parts};
use crate::clock::{Clock, SettableClock};
use crate::directory::realm::{self, NewRealm, Realms};
use crate::entropy::Entropy;
use crate::error::Result;
use crate::host::{MessageSender, OutgoingMessage, SendError, Sending};
use crate::realm::{Realm, SigningKeys};
use crate::settings::RealmDocument;
use crate::store::{Db, Rx, StoreSettings, Tx};
use crate::vault::{MasterKey, Purpose};
use crate::web::logos::Logos;
use poterne_protocol::id::{KeyId, RealmId};
use poterne_protocol::time::Timestamp;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

const DOCUMENT: &str = r##"
slug = "lac"
name = "Caisse de pensions du Lac"
languages = ["fr", "de", "it", "en"]
contact = { phone = "+41 21 555 01 10", email = "aide@lac.example" }
branding = { colour = "#114477", mark = "L" }
sender = { email = "noreply@lac.example", sms = "CPLac" }
"##;

/// A provider's parts with one realm.
pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) realm: Arc<Realm>,
    pub(crate) realms: Realms,
    pub(crate) clock: SettableClock,
    pub(crate) sender: Arc<Obedient>,
    _place: Place,
}

/// What the sender does with the next message.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    Deliver,
    Later(&'static str),
    /// Not before so many seconds.
    LaterBy(u64),
    Never(&'static str),
    Hang,
    Panic,
}

/// A sender that does as it is told, and delivers when nobody tells it anything.
#[derive(Default)]
pub(crate) struct Obedient {
    pub(crate) orders: Mutex<VecDeque<Order>>,
    pub(crate) delivered: Mutex<Vec<OutgoingMessage>>,
    pub(crate) asked: AtomicU32,
}

impl MessageSender for Obedient {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> Sending<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let order = self.orders.lock().unwrap().pop_front().unwrap_or(Order::Deliver);
        Box::pin(async move {
            match order {
                Order::Deliver => {
                    self.delivered.lock().unwrap().push(message.clone());
                    Ok(())
                }
                Order::Later(why) => Err(SendError::Later(why.into())),
                Order::LaterBy(seconds) => Err(SendError::LaterBy { why: "busy".into(), wait: Duration::from_secs(seconds) }),
                Order::Never(why) => Err(SendError::Never(why.into())),
                Order::Hang => std::future::pending().await,
                Order::Panic => panic!("the sender was told to panic"),
            }
        })
    }
}

impl House {
    /// On SQLite.
    pub(crate) async fn new() -> Self {
        Self::on(Place::sqlite()).await
    }

    /// One on each database there is.
    pub(crate) async fn all() -> Vec<Self> {
        let mut houses = Vec::new();
        for place in Place::all() {
            houses.push(Self::on(place).await);
        }
        houses
    }

    async fn on(place: Place) -> Self {
        let sender = Arc::new(Obedient::default());
        let (app, clock) = app_on(&place, 7, Timestamp::from_secs(1_767_000_000), sender.clone()).await;
        let realms = Realms::new(|_, _, _| Ok(SigningKeys::default()));
        add_realm(&app, "lac").await;
        let realm = realms.by_slug(&app, "lac").await.unwrap().unwrap();
        Self { app, realm, realms, clock, sender, _place: place }
    }

    /// One more realm in the same house.
    pub(crate) async fn add_realm(&self, slug: &str) -> Arc<Realm> {
        add_realm(&self.app, slug).await;
        self.realms.stale();
        self.realms.by_slug(&self.app, slug).await.unwrap().unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn read<T: Send + 'static>(&self, work: impl Fn(&mut Rx<'_>) -> Result<T> + Send + 'static) -> T {
        self.app.db.read(self.realm.id, work).await.unwrap()
    }

    pub(crate) async fn write<T: Send + 'static>(&self, work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.app.db.write(self.realm.id, work).await.unwrap()
    }

    /// Runs bare SQL, as somebody with access to the database could.
    pub(crate) async fn sql(&self, statement: impl Into<String>) -> usize {
        use diesel::RunQueryDsl;
        let statement = statement.into();
        self.write(move |tx| Ok(diesel::sql_query(&statement).execute(tx.conn)?)).await
    }

    /// How many rows a statement counts, as `SELECT COUNT(*) AS n`.
    pub(crate) async fn count(&self, statement: impl Into<String>) -> i64 {
        use diesel::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let statement = statement.into();
        self.read(move |rx| Ok(diesel::sql_query(&statement).get_result::<Count>(rx.conn)?.n)).await
    }
}

/// The parts of a provider on a migrated database, whose clock begins then.
pub(crate) async fn app_on(place: &Place, seed: u64, begin: Timestamp, sender: Arc<dyn MessageSender>) -> (App, SettableClock) {
    let db = Db::open(&place.url, StoreSettings::default()).unwrap();
    db.migrate().await.unwrap();
    let (clock, entropy) = (SettableClock::new(begin), Entropy::seeded(seed));
    let app = App::new(Parts {
        db,
        clock: Clock::Settable(clock.clone()),
        master: MasterKey::generate(&entropy),
        entropy,
        sender,
        places: Arc::new(crate::host::Networks),
        claims: None,
        people: None,
        outbound: crate::outbound::Outbound::default(),
        client_keys: crate::outbound::Kept::default(),
        request_objects: crate::outbound::Kept::default(),
        hashing: Arc::new(Semaphore::new(2)),
        demo: false,
        figures: crate::figures::Figures::default(),
        logos: Logos::default(),
        outbox_wake: Notify::new(),
        logout_wake: Notify::new(),
    });
    (app, clock)
}

async fn add_realm(app: &App, slug: &str) {
    let mut document = RealmDocument::parse(DOCUMENT).unwrap();
    document.slug = slug.to_owned();
    insert_realm(app, document, format!("https://id.example/{slug}")).await;
}

/// Inserts a realm as its document says, with keys of its own but none to sign with.
pub(crate) async fn insert_realm(app: &App, document: RealmDocument, issuer: String) {
    let now = app.clock.now();
    let id = RealmId::new(now, app.entropy.bytes());
    let keys = Purpose::ALL.into_iter().map(|purpose| {
        let key = KeyId::new(now, app.entropy.bytes());
        (key, purpose, app.master.new_realm_key(id, key, purpose, &app.entropy).unwrap().1)
    });
    let new = NewRealm { id, issuer, document, keys: keys.collect(), at: now };
    app.db.write(id, move |tx| realm::insert(tx, &new)).await.unwrap();
}
