//! The realms in memory: re-read when their generation rises, looked at most once a second.

use super::store;
use crate::app::App;
use crate::directory::client::Clients;
use crate::error::{Failure, Result};
use crate::realm::{Kept, Realm, SigningKeys};
use crate::store::{AllRealms, Rx};
use crate::urls::Urls;
use crate::vault::Vault;
use poterne_protocol::time::Timestamp;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long a snapshot may be behind another process's change.
const FRESH: Duration = Duration::from_secs(1);

/// Loads a realm's keys for tokens; given from outside, because the wing that owns them stands above this one.
pub type LoadSigning = fn(&mut Rx<'_>, &Vault, Timestamp) -> Result<SigningKeys>;

/// All realms. Cheap to clone.
#[derive(Clone)]
pub struct Realms {
    load_signing: LoadSigning,
    table: Arc<RwLock<Table>>,
}

struct Table {
    realms: Vec<Arc<Realm>>,
    checked_at: Option<Timestamp>,
}

impl Realms {
    /// An empty table; it fills itself at the first look.
    #[must_use]
    pub fn new(load_signing: LoadSigning) -> Self {
        Self { load_signing, table: Arc::new(RwLock::new(Table { realms: Vec::new(), checked_at: None })) }
    }

    /// All realms, at most a second old.
    ///
    /// # Errors
    /// [`Failure::Sealed`] when the master key is not the one the realms' keys were sealed under.
    pub async fn all(&self, app: &App) -> Result<Vec<Arc<Realm>>> {
        let now = app.clock.now();
        match self.fresh(now, <[Arc<Realm>]>::to_vec) {
            Some(realms) => Ok(realms),
            None => self.refresh(app, now).await,
        }
    }

    /// What `look` finds in the table, while that is fresh.
    fn fresh<T>(&self, now: Timestamp, look: impl FnOnce(&[Arc<Realm>]) -> T) -> Option<T> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.checked_at.is_some_and(|at| at <= now && now.since(at) < FRESH).then(|| look(&table.realms))
    }

    async fn refresh(&self, app: &App, now: Timestamp) -> Result<Vec<Arc<Realm>>> {
        let known = self.table.read().unwrap_or_else(PoisonError::into_inner).realms.clone();
        let mut realms = Vec::with_capacity(known.len());
        for summary in app.db.read(AllRealms, store::list).await? {
            let kept = known.iter().find(|realm| realm.id == summary.id && realm.generation == summary.generation);
            match kept {
                // A key may begin to sign, or stop being published, without any change: those snapshots live a minute.
                Some(realm) if now.since(realm.loaded_at) < Duration::from_secs(60) => realms.push(realm.clone()),
                _ => realms.push(Arc::new(self.load(app, &summary, now).await?)),
            }
        }
        let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
        *table = Table { realms: realms.clone(), checked_at: Some(now) };
        Ok(realms)
    }

    async fn load(&self, app: &App, summary: &store::RealmSummary, now: Timestamp) -> Result<Realm> {
        let (id, master, load_signing) = (summary.id, app.master.clone(), self.load_signing);
        app.db
            .read(id, move |rx| {
                let (issuer, document, generation) = store::load(rx)?.ok_or_else(|| Failure::internal("a realm vanished"))?;
                let urls = Urls::new(&issuer).map_err(|error| Failure::Settings(format!("issuer {issuer}: {error}")))?;
                let vault = store::load_vault(rx, &master)?;
                let signing = load_signing(rx, &vault, now)?;
                let (clients, kept) = (Clients::default(), Kept::default());
                Ok(Realm { id, generation, document, urls, vault, signing, loaded_at: now, clients, kept })
            })
            .await
    }

    /// The realm for a request: by the longest issuer path that begins this path; where several hosts share a path, by host.
    pub async fn find(&self, app: &App, host: Option<&str>, path: &str) -> Result<Option<Arc<Realm>>> {
        let now = app.clock.now();
        match self.fresh(now, |realms| choose(realms, host, path)) {
            Some(found) => Ok(found),
            None => Ok(choose(&self.refresh(app, now).await?, host, path)),
        }
    }

    /// The realm with this short name.
    pub async fn by_slug(&self, app: &App, slug: &str) -> Result<Option<Arc<Realm>>> {
        Ok(self.all(app).await?.into_iter().find(|realm| realm.document.slug == slug))
    }

    /// Forgets that the snapshot is fresh: the next look sees this process's own change at once.
    pub fn stale(&self) {
        self.table.write().unwrap_or_else(PoisonError::into_inner).checked_at = None;
    }
}

fn choose(realms: &[Arc<Realm>], host: Option<&str>, path: &str) -> Option<Arc<Realm>> {
    let begins = |realm: &&Arc<Realm>| {
        let rest = path.strip_prefix(realm.urls.path());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let here = |realm: &&Arc<Realm>| host.is_some_and(|host| host.eq_ignore_ascii_case(realm.urls.authority()));
    let length = |realm: &&Arc<Realm>| realm.urls.path().len();
    if let Some(found) = realms.iter().filter(begins).filter(here).max_by_key(length) {
        return Some(found.clone());
    }
    // Another name of the same machine (127.0.0.1 for localhost): fine as long as the path alone tells the realm.
    let found = realms.iter().filter(begins).max_by_key(length)?;
    let rivals = realms.iter().filter(begins).filter(|realm| realm.urls.path() == found.urls.path()).count();
    (rivals == 1).then(|| found.clone())
}
