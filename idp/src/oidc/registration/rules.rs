//! What a client is told, and what an update does to its secret.

use crate::directory::client::Own;
use poterne_protocol::client::Client;
use poterne_protocol::registration::told;
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use serde_json::{Map, Value};

/// What names and proves a client, beside its registration.
pub(super) struct Proofs<'a> {
    /// Its secret, where it is told now.
    pub(super) secret: Option<&'a Secret>,
    /// When that ends, if ever.
    pub(super) secret_expires_at: Option<Timestamp>,
    /// Its registration access token.
    pub(super) token: &'a Secret,
    /// Where it is managed.
    pub(super) uri: String,
    /// When it was registered.
    pub(super) created_at: Timestamp,
}

/// The answer of RFC 7591 section 3.2.1 and RFC 7592 section 3.
pub(super) fn answer(client: &Client, proofs: &Proofs<'_>) -> Result<Map<String, Value>, serde_json::Error> {
    let mut all = told(client)?;
    let seconds = |time: Timestamp| Value::from(time.micros() / 1_000_000);
    if let Some(secret) = proofs.secret {
        all.insert("client_secret".to_owned(), secret.expose().into());
    }
    if client.token_endpoint_auth_method.has_secret() {
        // 0: never (section 3.2.1).
        all.insert("client_secret_expires_at".to_owned(), proofs.secret_expires_at.map_or(0.into(), seconds));
    }
    all.insert("client_id_issued_at".to_owned(), seconds(proofs.created_at));
    all.insert("registration_access_token".to_owned(), proofs.token.expose().into());
    all.insert("registration_client_uri".to_owned(), proofs.uri.as_str().into());
    Ok(all)
}

/// What an update does to a client's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretNeed {
    /// It stays.
    Keep,
    /// There is none any more.
    Drop,
    /// A new one: there was none, it has ended, or it cannot be used as the client now wishes.
    Renew,
}

/// Decides it.
pub(super) fn secret_need(own: &Own, new: &Client, now: Timestamp) -> SecretNeed {
    let kept = &own.registered;
    if !new.token_endpoint_auth_method.has_secret() {
        return SecretNeed::Drop;
    }
    let good = kept.secret_digest.is_some() && kept.secret_expires_at.is_none_or(|ends| now < ends);
    let fits = kept.secret_sealed.is_some() || !new.signs_with_secret();
    if good && fits { SecretNeed::Keep } else { SecretNeed::Renew }
}
