//! A fund on each database of the test run, for the tests of this wing.

use crate::app::App;
use crate::clock::SettableClock;
use crate::directory::realm::Realms;
use crate::host::FolderSender;
use crate::manage::{EntryKind, Manage, NewPerson};
use crate::oidc;
use crate::realm::Realm;
use crate::settings::RealmDocument;
use crate::tests::{Place, app_on};
use poterne_protocol::id::{CodeId, EntryId};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The demo's fund, without its people.
#[derive(Clone)]
pub struct Bed {
    pub app: App,
    pub realm: Arc<Realm>,
    pub clock: SettableClock,
    pub manage: Manage,
    _place: Arc<Place>,
}

/// One for each database there is.
pub async fn beds() -> Vec<Bed> {
    let mut beds = Vec::new();
    for place in Place::all() {
        beds.push(Bed::on(place).await);
    }
    beds
}

impl Bed {
    async fn on(place: Place) -> Self {
        let sender = Arc::new(FolderSender::new(place.folder.clone()));
        let (app, clock) = app_on(&place, 1, Timestamp::from_secs(1_780_000_000), sender).await;
        let realms = Realms::new(oidc::keys::load);
        let manage = Manage::new(app.clone(), realms.clone(), "http://localhost:8080".into());
        let document = RealmDocument::parse(include_str!("../../../examples/lindenhof.toml")).unwrap();
        manage.apply_realm(document).await.unwrap();
        let realm = realms.by_slug(&app, "lindenhof").await.unwrap().unwrap();
        Self { app, realm, clock, manage, _place: Arc::new(place) }
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
