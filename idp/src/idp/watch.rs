//! What a monitoring asks of a provider: should requests come, and its figures.

use super::Idp;
use crate::error::Result;
use crate::figures::Exposition;
use crate::oidc::keys::{self, Key, Phase};
use crate::operations::outbox;
use crate::store;
use crate::store::SchemaState;
use poterne_protocol::jose::Algorithm;

/// Whether requests should come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// How the database stands: `current`, `behind`, `ahead` or `unreachable`.
    pub database: &'static str,
    /// Whether every realm's keys open, and one of each algorithm signs.
    pub keys: bool,
}

impl Readiness {
    /// Whether all is well.
    #[must_use]
    pub fn is_ready(self) -> bool {
        self.database == "current" && self.keys
    }
}

/// What is told of one realm.
struct OfRealm {
    slug: String,
    depth: outbox::Depth,
    keys: Vec<(Algorithm, i64)>,
}

impl Idp {
    /// Whether requests should come: the database answers and is of this version, and every realm can sign.
    pub async fn readiness(&self) -> Readiness {
        let database = match self.app.db.schema_state().await {
            Ok(SchemaState::Current) => "current",
            Ok(SchemaState::Behind(_)) => "behind",
            Ok(SchemaState::Ahead(_)) => "ahead",
            Err(_) => "unreachable",
        };
        let keys = self.manage().keys_usable().await.is_ok_and(|unusable| unusable.is_empty());
        Readiness { database, keys }
    }

    /// The provider's figures, for Prometheus: `docs/OPERATIONS.md` says what each means. What cannot be read is left out.
    pub async fn figures(&self) -> Exposition {
        let mut out = Exposition::default();
        self.app.figures.write(&mut out);
        let running = self.hashing.saturating_sub(self.app.hashing.available_permits());
        out.single("poterne_password_hashing_running", "gauge", "Passwords that are being hashed.", running);
        out.single("poterne_password_hashing_limit", "gauge", "Passwords that may be hashed at once.", self.hashing);
        out.single(
            "poterne_database_waiting",
            "gauge",
            "SQLite: writes that wait for the writer. PostgreSQL: transactions that have a connection or wait for one.",
            self.app.db.waiting(),
        );
        let (busy, failed) = self.app.db.mistakes();
        out.family("poterne_database_errors_total", "counter", "Reads and writes that were refused as busy, or failed.");
        out.sample("poterne_database_errors_total", &[("kind", "busy")], busy);
        out.sample("poterne_database_errors_total", &[("kind", "failed")], failed);
        match self.of_realms().await {
            Ok(realms) => write_realms(&mut out, &realms),
            Err(failure) => tracing::warn!(%failure, "the figures of the realms could not be read"),
        }
        out
    }

    async fn of_realms(&self) -> Result<Vec<OfRealm>> {
        let mut found = Vec::new();
        for realm in self.realms.all(&self.app).await? {
            let now = self.app.clock.now();
            let counts = move |rx: &mut store::Rx<'_>| Ok((outbox::depth(rx, now)?, keys::all(rx)?));
            let (depth, keys) = self.app.db.read(realm.id, counts).await?;
            let age = |key: Key| match key.phase {
                Phase::Current { since } => Some((key.public.alg, i64::try_from(now.since(since).as_secs()).unwrap_or(i64::MAX))),
                _ => None,
            };
            found.push(OfRealm { slug: realm.document.slug.clone(), depth, keys: keys.into_iter().filter_map(age).collect() });
        }
        Ok(found)
    }
}

fn write_realms(out: &mut Exposition, realms: &[OfRealm]) {
    let gauge = |out: &mut Exposition, name: &str, help: &str, of: &dyn Fn(&OfRealm) -> i64| {
        out.family(name, "gauge", help);
        for realm in realms {
            out.sample(name, &[("realm", &realm.slug)], of(realm));
        }
    };
    gauge(out, "poterne_outbox_waiting", "Messages that wait or are on their way.", &|realm| realm.depth.open);
    let help = "Age of the oldest message that waits; 0 where none does.";
    gauge(out, "poterne_outbox_oldest_seconds", help, &|realm| realm.depth.oldest_seconds);
    gauge(out, "poterne_outbox_dead", "Messages that were given up and are still kept.", &|realm| realm.depth.dead);
    out.family("poterne_signing_key_age_seconds", "gauge", "Since when the key signs that signs now.");
    for realm in realms {
        for (algorithm, seconds) in &realm.keys {
            out.sample("poterne_signing_key_age_seconds", &[("realm", &realm.slug), ("alg", algorithm.as_str())], *seconds);
        }
    }
}
