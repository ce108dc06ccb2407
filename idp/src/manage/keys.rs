//! The keys that sign a realm's tokens, as an operator sees, rotates and retires them.

use super::{Manage, refused};
use crate::error::Result;
use crate::oidc::keys::{self, Key, NotRetired, Phase, Rotated};
use crate::realm::Realm;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jws::{TokenType, mint, verify};
use poterne_protocol::time::Timestamp;
use serde::Serialize;

/// A signing key without its private half. Times are RFC 3339, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SigningKey {
    /// Its name in tokens and in the key set.
    pub kid: String,
    /// What it signs with.
    pub alg: &'static str,
    /// `next`, `current`, `former` or `retired`.
    pub state: &'static str,
    /// Since when it is in this state.
    pub since: String,
    /// Since when it is or was published.
    pub published_at: String,
    /// When the state ends: a next key may sign from then on, a current one gives way by schedule, a former one's last token expires.
    pub until: Option<String>,
}

/// What a rotation by hand came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "rotation", rename_all = "snake_case")]
pub enum Rotation {
    /// The next keys sign, and new ones are published.
    Rotated {
        /// For how many seconds relying parties may keep a key set without the key that signs now; 0 where all know it.
        unknown_for_seconds: u64,
    },
    /// Not everybody knows the next keys yet; nothing was changed.
    TooEarly {
        /// When they may sign, RFC 3339, UTC.
        ready_at: String,
    },
}

/// A realm whose tokens cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnusableKeys {
    /// The realm's short name.
    pub realm: String,
    /// What is wrong, for the operator.
    pub why: String,
}

impl Manage {
    /// The signing keys of a realm, the current ones first.
    ///
    /// # Errors
    /// [`Failure::Settings`](super::Failure::Settings) for an unknown realm.
    pub async fn signing_keys(&self, slug: &str) -> Result<Vec<SigningKey>> {
        let realm = self.realm(slug).await?;
        let period = realm.policy().signing_key();
        let mut keys = self.app.db.read(realm.id, keys::all).await?;
        let rank = |key: &Key| match key.phase {
            Phase::Current { .. } => 0,
            Phase::Next { .. } => 1,
            Phase::Former { .. } => 2,
            Phase::Retired { .. } => 3,
        };
        keys.sort_by_key(rank);
        let shown = |key: Key| {
            let (state, since, until) = match key.phase {
                Phase::Next { ready_at } => ("next", key.created_at, Some(ready_at)),
                Phase::Current { since } => ("current", since, Some(since.plus(period))),
                Phase::Former { since, tokens_until } => ("former", since, Some(tokens_until)),
                Phase::Retired { since } => ("retired", since, None),
            };
            let (kid, alg) = (key.public.kid, key.public.alg.as_str());
            let published_at = key.created_at.to_rfc3339();
            SigningKey { kid, alg, state, since: since.to_rfc3339(), published_at, until: until.map(Timestamp::to_rfc3339) }
        };
        Ok(keys.into_iter().map(shown).collect())
    }

    /// Lets the next signing key of each algorithm take over and publishes new next ones; refused as too early where relying parties may
    /// not know the next ones yet, unless `at_once`.
    ///
    /// # Errors
    /// [`Failure::Settings`](super::Failure::Settings) for an unknown realm, [`Failure::Busy`](super::Failure::Busy) when somebody else
    /// rotates.
    pub async fn rotate_signing_keys(&self, slug: &str, at_once: bool) -> Result<Rotation> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let former = self.app.db.read(realm.id, keys::all).await?;
        let ready = former.iter().filter_map(|key| match key.phase {
            Phase::Next { ready_at } => Some(ready_at.since(now).as_secs()),
            _ => None,
        });
        let unknown_for_seconds = ready.max().unwrap_or(0);
        let rotated = keys::rotate(&self.app, &realm, at_once, now).await?;
        self.realms.stale();
        Ok(match rotated {
            Rotated::Done => Rotation::Rotated { unknown_for_seconds },
            Rotated::TooEarly(early) => Rotation::TooEarly { ready_at: early.ready_at.to_rfc3339() },
        })
    }

    /// Takes a key out of the key set before its time, and returns its whole name; `kid` may be the beginning of it.
    ///
    /// # Errors
    /// [`Failure::Settings`](super::Failure::Settings) for an unknown or ambiguous key, the current one, and one whose tokens live.
    pub async fn retire_signing_key(&self, slug: &str, kid: &str) -> Result<String> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let key = self.signing_key(&realm, kid).await?;
        let retired = keys::retire(&self.app, &realm, &key, now).await?;
        self.realms.stale();
        let whole = key.public.kid;
        match retired {
            Ok(()) => Ok(whole),
            Err(NotRetired::Current) => Err(refused(format!(
                "the key {whole} is the one that signs: let the next one take over first (poterne key rotate --realm {slug})"
            ))),
            Err(NotRetired::TokensLive(until)) => Err(refused(format!(
                "tokens of the key {whole} live until {}: it goes by itself then; where it leaked: poterne key withdraw",
                until.to_rfc3339()
            ))),
            Err(NotRetired::Already) => Err(refused(format!("the key {whole} is retired already"))),
        }
    }

    /// Takes a key that leaked out at once, and returns its whole name; `kid` may be the beginning of it. Its tokens are worth nothing here
    /// from now on, on every node within a second or two, and elsewhere as soon as the key set is fetched again. Where it is the one that
    /// signs, the next one takes over.
    ///
    /// # Errors
    /// [`Failure::Settings`](super::Failure::Settings) for an unknown or ambiguous key.
    pub async fn withdraw_signing_key(&self, slug: &str, kid: &str) -> Result<String> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let key = self.signing_key(&realm, kid).await?;
        let withdrawn = keys::withdraw(&self.app, &realm, &key, now).await?;
        self.realms.stale();
        let whole = key.public.kid;
        withdrawn.map(|()| whole.clone()).map_err(|_| refused(format!("the key {whole} is gone already")))
    }

    /// The one key whose name begins so.
    async fn signing_key(&self, realm: &Realm, kid: &str) -> Result<Key> {
        let all = self.app.db.read(realm.id, keys::all).await?;
        let mut named = all.into_iter().filter(|key| !kid.is_empty() && key.public.kid.starts_with(kid));
        let (Some(key), None) = (named.next(), named.next()) else {
            let slug = &realm.document.slug;
            return Err(refused(format!("the realm {slug} has no key {kid}, or several: poterne key list --realm {slug}")));
        };
        Ok(key)
    }

    /// The realms whose tokens cannot be signed, each with the reason; none is as it should be. Cheap: it looks at what requests use.
    ///
    /// # Errors
    /// When the realms cannot be read, or their keys do not open under the master key.
    pub async fn keys_usable(&self) -> Result<Vec<UnusableKeys>> {
        let mut found = Vec::new();
        for realm in self.realms.all(&self.app).await? {
            let wanted = realm.document.signing_algorithms.iter().copied();
            let missing = wanted.filter(|algorithm| realm.signer(*algorithm).is_none());
            let missing: Vec<&str> = missing.map(Algorithm::as_str).collect();
            if !missing.is_empty() {
                let why = format!("no key signs with {}", missing.join(" and "));
                found.push(UnusableKeys { realm: realm.document.slug.clone(), why });
            }
        }
        Ok(found)
    }

    /// As [`Self::keys_usable`], and each key signs something that the published key set verifies.
    ///
    /// # Errors
    /// When the realms cannot be read, or their keys do not open under the master key.
    pub async fn keys_sign(&self) -> Result<Vec<UnusableKeys>> {
        let mut found = self.keys_usable().await?;
        for realm in self.realms.all(&self.app).await? {
            for signer in &realm.signing.signers {
                let token = mint(&**signer, TokenType::IdToken, &serde_json::json!({ "check": true }));
                let read = token
                    .is_ok_and(|token| verify::<serde_json::Value>(&token, TokenType::IdToken, &realm.signing.published).is_ok());
                if !read {
                    let why = format!("what the {} key signs does not verify", signer.algorithm().as_str());
                    found.push(UnusableKeys { realm: realm.document.slug.clone(), why });
                }
            }
        }
        Ok(found)
    }
}
