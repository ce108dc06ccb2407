//! A client's own keys: those of its registration, or those it publishes (OpenID Connect Registration section 2, `jwks` and `jwks_uri`).
//! Published ones are fetched again when a signature names a key that is not among them (Core section 10.1.1), at most once a minute.

use crate::app::App;
use crate::directory::client::Registered;
use crate::outbound::{Document, Fetched, Keeping, KeptError, Want, Wanted};
use crate::realm::Realm;
use poterne_protocol::jose::foreign::{BadKeySet, ForeignKey, ForeignKeySet, ForeignRefusal, ForeignToken, MAX_SET_LEN};
use poterne_protocol::jose::{Algorithm, KeyManagement};
use poterne_protocol::time::Timestamp;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// How long published keys are fresh where their host does not say.
const USUALLY_FRESH: Duration = Duration::from_secs(15 * 60);
/// How long they are fresh at most: a key that the client withdrew is used no longer.
const LONGEST_FRESH: Duration = Duration::from_secs(60 * 60);
/// How long they are used on while their host is down.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a client's keys are of no use here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// The registration names none.
    #[error("the client has neither jwks nor jwks_uri")]
    None,
    /// They could not be fetched.
    #[error("the client's jwks_uri: {0}")]
    Unfetched(KeptError),
    /// They are none.
    #[error("the client's jwks: {0}")]
    Bad(BadKeySet),
    /// None of them verifies this token.
    #[error(transparent)]
    Refused(ForeignRefusal),
    /// None of them is for encryption in this way.
    #[error("the client has no key for {}", .0.as_str())]
    NoneToEncrypt(KeyManagement),
}

impl KeysError {
    /// Whether it may pass without anybody's doing: the client's host does not answer as it should.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unfetched(_))
    }
}

/// What a token of the client's claims, once a key of the client's verifies it by one of these algorithms.
pub async fn verified<T: DeserializeOwned>(
    app: &App,
    realm: &Realm,
    client: &Registered,
    token: &ForeignToken<'_>,
    allowed: &[Algorithm],
    now: Timestamp,
) -> Result<T, KeysError> {
    let keys = current(app, realm, client, None, now).await?;
    let refusal = match token.verified_by_keys(allowed, &keys.set) {
        Ok(claims) => return Ok(claims),
        Err(refusal) => refusal,
    };
    // A key without name that does not fit may be one that was replaced.
    let newer = refusal == ForeignRefusal::UnknownKey || refusal == ForeignRefusal::Signature && token.kid().is_none();
    match keys.fetched_at.filter(|_| newer) {
        Some(than) => {
            let keys = current(app, realm, client, Some(than), now).await?;
            token.verified_by_keys(allowed, &keys.set).map_err(KeysError::Refused)
        }
        None => Err(KeysError::Refused(refusal)),
    }
}

/// The key of the client's to encrypt to in this way.
pub async fn encrypting(
    app: &App,
    realm: &Realm,
    client: &Registered,
    way: KeyManagement,
    now: Timestamp,
) -> Result<ForeignKey, KeysError> {
    let keys = current(app, realm, client, None, now).await?;
    match (keys.set.encrypting(way), keys.fetched_at) {
        (Some(key), _) => Ok(key.clone()),
        (None, Some(than)) => {
            let keys = current(app, realm, client, Some(than), now).await?;
            keys.set.encrypting(way).cloned().ok_or(KeysError::NoneToEncrypt(way))
        }
        (None, None) => Err(KeysError::NoneToEncrypt(way)),
    }
}

/// A client's keys; with the time where they were fetched.
struct Keys {
    set: Arc<ForeignKeySet>,
    fetched_at: Option<Timestamp>,
}

async fn current(
    app: &App,
    realm: &Realm,
    client: &Registered,
    newer_than: Option<Timestamp>,
    now: Timestamp,
) -> Result<Keys, KeysError> {
    if let Some(jwks) = &client.client.jwks {
        let set = ForeignKeySet::from_value(jwks).map_err(KeysError::Bad)?;
        return Ok(Keys { set: Arc::new(set), fetched_at: None });
    }
    let uri = client.client.jwks_uri.as_deref().ok_or(KeysError::None)?;
    let whose = format!("{} {}", realm.document.slug, client.client.client_id);
    let keeping = Keeping {
        wanted: Wanted { media_types: &[], max_bytes: MAX_SET_LEN },
        read,
        fresh: |told| told.unwrap_or(USUALLY_FRESH).clamp(MINUTE, LONGEST_FRESH),
        stale: STALE,
        renewed_after: realm.policy().client_keys_refetch(),
    };
    let want = newer_than.map_or(Want::Fresh, Want::NewerThan);
    let kept = app.client_keys.get((&app.outbound, client.trust(realm)), (&whose, uri), &keeping, want, now).await;
    let Document { value, fetched_at, .. } = kept.map_err(KeysError::Unfetched)?;
    Ok(Keys { set: value, fetched_at: Some(fetched_at) })
}

fn read(fetched: &Fetched) -> Result<ForeignKeySet, String> {
    ForeignKeySet::parse(&fetched.body).map_err(|bad| bad.to_string())
}
