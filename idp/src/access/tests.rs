//! A fund with one account on a fresh database, for the tests of this wing.

use crate::app::App;
use crate::clock::SettableClock;
use crate::directory::realm::Realms;
use crate::host::FolderSender;
use crate::realm::{Realm, SigningKeys};
use crate::settings::RealmDocument;
use crate::store::schema::account;
use crate::tests::{Place, app_on, insert_realm};
use diesel::prelude::*;
use poterne_protocol::authorize::request::{self, AuthorizationRequest};
use poterne_protocol::id::AccountId;
use poterne_protocol::time::Timestamp;
use poterne_protocol::wire::Params;
use std::sync::Arc;

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
second_factor = "none"
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

/// A fund with one account.
pub(in crate::access) struct House {
    pub(in crate::access) app: App,
    pub(in crate::access) clock: SettableClock,
    pub(in crate::access) realm: Arc<Realm>,
    /// Its password hash is none.
    pub(in crate::access) marie: AccountId,
    _place: Place,
}

impl House {
    /// On SQLite.
    pub(in crate::access) async fn new(seed: u64) -> Self {
        Self::on(Place::sqlite(), seed).await
    }

    /// On this database.
    pub(in crate::access) async fn on(place: Place, seed: u64) -> Self {
        let sender = Arc::new(FolderSender::new(place.folder.clone()));
        let (app, clock) = app_on(&place, seed, Timestamp::from_secs(1_780_000_000), sender).await;
        let realm = founded(&app).await;
        let marie = enrolled(&app, &realm).await;
        Self { app, clock, realm, marie, _place: place }
    }

    pub(in crate::access) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

async fn founded(app: &App) -> Arc<Realm> {
    let document = RealmDocument::parse(DOCUMENT).unwrap();
    insert_realm(app, document, "http://localhost:8080/lindenhof".into()).await;
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
