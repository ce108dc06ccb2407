//! The operator's functions, for the command line, the management UI and embedding hosts.

mod accounts;
pub mod backup;
mod clients;
mod code_runs;
mod codes;
mod entries;
mod grants;
mod import;
mod invitations;
mod keys;
mod messages;
mod orphans;
mod person;
mod person_claims;
mod search;
mod sessions;
mod status;
mod stops;
mod terms;
mod trail;

pub use crate::directory::registry::{EntryKind, EntryStatus};
pub use accounts::{AccountFactor, NewPersonAccount, PersonName};
pub use clients::{AddedClient, ClientKind, ListedClient, NewClient, SetSecret, ShownClient};
pub use code_runs::{CodeBatch, CodeOrder, CodeRun, Committed, PassedOver, PrintedCode};
pub use codes::IssuedCode;
pub use entries::NewPerson;
pub use grants::ListedGrant;
pub use import::{AllowEnded, ChangedRow, ImportMode, ImportOptions, ImportOutcome, ImportReport, Progress};
pub use invitations::{ClientInvitation, InvitationState, ListedInvitation};
pub use keys::{Rotation, SigningKey, UnusableKeys};
pub use messages::SentAgain;
pub use person::{NewPersonByCommand, PersonMade};
pub use search::{AccountSearch, AccountState, FOUND_AT_MOST, Found, FoundAccount};
pub use sessions::LiveSession;
pub use stops::Decision;
pub use trail::{Comparison, Difference};

use crate::app::App;
use crate::directory::realm::Realms;
use crate::directory::registry::Entry;
use crate::directory::{account, client, realm, registry};
use crate::operations::audit::{Actor, Event};
use crate::realm::Realm;
use crate::settings::{Population, RealmDocument, issuer_mistakes};
use crate::store::AllRealms;
use crate::urls::Urls;
use crate::vault::Purpose;
use crate::{access, oidc};
use poterne_protocol::id::{ClientRowId, KeyId, RealmId};
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

pub use crate::directory::client::ClientSummary;
pub use crate::directory::import::{Reason, Rejection};
pub use crate::error::{Failure, Result};
pub use crate::operations::audit::{ExportedEvent, ListedEvent, Verified};
pub use crate::operations::outbox::{Channel, MessageFilter, MessageState, MessageSummary};
pub use poterne_protocol::claims::further::{Address, FurtherClaims};
pub use poterne_protocol::client::{ApplicationType, Client, ClientAuthMethod};
pub use poterne_protocol::secret::{Digest, Secret};

/// The operator's functions.
#[derive(Clone)]
pub struct Manage {
    app: App,
    realms: Realms,
    public_url: Arc<str>,
}

/// A realm in numbers.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RealmOverview {
    /// Its short name.
    pub slug: String,
    /// Its issuer.
    pub issuer: String,
    /// Its name as people know it.
    pub name: String,
    /// Its clients.
    pub clients: Vec<ClientSummary>,
    /// Entries in its registry.
    pub registry_entries: i64,
    /// Its accounts.
    pub accounts: i64,
    /// Sessions that have not ended.
    pub sessions: i64,
}

/// A person or organisation of the registry, as an operator names it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Whom {
    /// The fund's own key.
    pub registry_no: String,
    /// First and last name, or the organisation's name.
    pub name: String,
    /// Its population.
    pub population: String,
}

/// What applying a document did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// A new realm, with keys of its own.
    Created,
    /// The realm differed and was changed.
    Changed,
    /// Nothing differed.
    Unchanged,
}

impl Manage {
    pub(crate) const fn new(app: App, realms: Realms, public_url: Arc<str>) -> Self {
        Self { app, realms, public_url }
    }

    /// Every realm in numbers.
    pub async fn overview(&self) -> Result<Vec<RealmOverview>> {
        let mut found = Vec::new();
        for realm in self.realms.all(&self.app).await? {
            let now = self.app.clock.now();
            let policy = realm.policy().clone();
            let counts = move |rx: &mut crate::store::Rx<'_>| {
                let sessions = access::session::count_live(rx, now, &policy)?;
                Ok((client::list(rx)?, registry::count(rx)?, account::count(rx)?, sessions))
            };
            let (clients, registry_entries, accounts, sessions) = self.app.db.read(realm.id, counts).await?;
            let (slug, name) = (realm.document.slug.clone(), realm.document.name.clone());
            let issuer = realm.urls.issuer().to_owned();
            found.push(RealmOverview { slug, issuer, name, clients, registry_entries, accounts, sessions });
        }
        Ok(found)
    }

    /// The document of a realm as it applies, if there is such a realm.
    pub async fn document(&self, slug: &str) -> Result<Option<RealmDocument>> {
        Ok(self.realms.by_slug(&self.app, slug).await?.map(|realm| realm.document.clone()))
    }

    /// Applies a realm's document: creates the realm with its keys, or changes what differs, and publishes what is new of the terms.
    ///
    /// # Errors
    /// [`Failure::Settings`] for an issuer that another realm has or that is none, for a population that is dropped though somebody
    /// belongs to it, and for terms that differ from what is published of them.
    pub async fn apply_realm(&self, document: RealmDocument) -> Result<Applied> {
        let issuer = document.issuer.clone().unwrap_or_else(|| format!("{}/{}", self.public_url, document.slug));
        if let Some(mistake) = issuer_mistakes(&issuer).into_iter().next() {
            return Err(Failure::Settings(mistake));
        }
        Urls::new(&issuer).map_err(|error| Failure::Settings(format!("issuer {issuer}: {error}")))?;
        let existing = self.realms.by_slug(&self.app, &document.slug).await?;
        let applied = match existing {
            Some(realm) if realm.document == document && realm.urls.issuer() == issuer => Applied::Unchanged,
            Some(realm) => self.change_realm(&realm, issuer, document).await?,
            None => self.create_realm(issuer, document).await?,
        };
        self.realms.stale();
        Ok(applied)
    }

    async fn change_realm(&self, realm: &Realm, issuer: String, document: RealmDocument) -> Result<Applied> {
        let (id, now, fresh) = (realm.id, self.app.clock.now(), self.fresh_client_rows(&document));
        let (published, former) = (self.publication_events(&document, now), realm.document.clone());
        let keys = oidc::keys::prepare(&self.app, realm, &document, now).await?;
        self.app
            .db
            .write(id, move |tx| {
                orphans::leaves_nobody_behind(tx, &former, &document, now)?;
                terms::publish(tx, &document, &published, now)?;
                realm::update_document(tx, id, &issuer, &document, now)?;
                for removed in client::apply_document(tx, &document.clients, &fresh, now)? {
                    oidc::grant::revoke_of_client(tx, removed, now)?;
                }
                orphans::leaves_no_client_mute(tx, &document)?;
                oidc::keys::follow(tx, &keys, now)
            })
            .await?;
        Ok(Applied::Changed)
    }

    async fn create_realm(&self, issuer: String, document: RealmDocument) -> Result<Applied> {
        let (app, now) = (&self.app, self.app.clock.now());
        let id = RealmId::new(now, app.entropy.bytes());
        let mut keys = Vec::new();
        let mut opened = Vec::new();
        for purpose in Purpose::ALL {
            let key = KeyId::new(now, app.entropy.bytes());
            let (realm_key, sealed) = app.master.new_realm_key(id, key, purpose, &app.entropy)?;
            keys.push((key, purpose, sealed));
            opened.push((purpose, realm_key));
        }
        let vault = crate::vault::Vault::new(id, opened);
        let signing = oidc::keys::generate_first(app, &vault, &document.policy, &document.signing_algorithms, now).await?;
        let (fresh, published) = (self.fresh_client_rows(&document), self.publication_events(&document, now));
        let new = realm::NewRealm { id, issuer, document, keys, at: now };
        let taken = new.issuer.clone();
        let inserted = app.db.write(id, move |tx| {
            realm::insert(tx, &new)?;
            oidc::keys::insert(tx, &signing)?;
            terms::publish(tx, &new.document, &published, now)?;
            client::apply_document(tx, &new.document.clients, &fresh, now).map(drop)
        });
        match inserted.await {
            Err(Failure::Database(diesel::result::Error::DatabaseError(
                diesel::result::DatabaseErrorKind::UniqueViolation,
                _,
            ))) => Err(Failure::Settings(format!("another realm has the issuer {taken}"))),
            other => other.map(|()| Applied::Created),
        }
    }

    fn fresh_client_rows(&self, document: &RealmDocument) -> Vec<ClientRowId> {
        let now = self.app.clock.now();
        document.clients.iter().map(|_| ClientRowId::new(now, self.app.entropy.bytes())).collect()
    }

    /// Whether there is any realm yet.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.app.db.read(AllRealms, realm::list).await?.is_empty())
    }

    /// The realm with this short name.
    pub(crate) async fn realm(&self, slug: &str) -> Result<Arc<Realm>> {
        let found = self.realms.by_slug(&self.app, slug).await?;
        found.ok_or_else(|| Failure::Settings(format!("there is no realm {slug}")))
    }

    fn event(&self, now: Timestamp, kind: &'static str) -> Event {
        Event::new(&self.app, now, kind, Actor::Operator)
    }
}

impl Whom {
    fn of(entry: &Entry) -> Self {
        Self { registry_no: entry.registry_no.clone(), name: entry.name(), population: entry.population.clone() }
    }
}

fn refused(what: impl Into<String>) -> Failure {
    Failure::Settings(what.into())
}

fn population<'a>(realm: &'a Realm, key: &str) -> Result<&'a Population> {
    realm.document.population(key).ok_or_else(|| refused(format!("the realm has no population {key}")))
}

/// Characters of a reason.
const LONGEST_REASON: usize = 200;

/// Whether a text shows as it is, on an operator's terminal as well: without control characters, escapes, turns of direction.
fn is_plain(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// A reason for the audit trail, in the operator's words.
fn reason_of(typed: &str) -> Result<String> {
    let reason: String = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    match reason.chars().count() {
        0 => Err(refused("a reason is missing")),
        _ if !is_plain(&reason) => Err(refused("a reason has characters that no screen shows")),
        1..=LONGEST_REASON => Ok(reason),
        _ => Err(refused(format!("a reason has at most {LONGEST_REASON} characters"))),
    }
}
