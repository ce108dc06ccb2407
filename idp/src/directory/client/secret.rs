//! What is kept of a client's secret: its digest, and of clients that sign with it the secret itself, sealed.

use crate::entropy::Entropy;
use crate::error::Result;
use crate::vault::{Place, Vault};
use poterne_protocol::client::Client;
use poterne_protocol::secret::{Digest, Sealed, Secret};
use poterne_protocol::time::Timestamp;

/// What is kept of a client's secret.
#[derive(Debug, Clone)]
pub struct KeptSecret {
    /// Its digest.
    pub(super) digest: Digest,
    /// Itself, where the client signs with it.
    pub(super) sealed: Option<Sealed>,
    /// When it ends; without a time, never.
    pub(super) expires_at: Option<Timestamp>,
}

impl KeptSecret {
    /// What is kept of a new secret of this client. It is made outside the transaction that keeps it.
    ///
    /// # Errors
    /// When the realm has no key to seal with.
    pub fn of(vault: &Vault, entropy: &Entropy, client: &Client, secret: &Secret, expires_at: Option<Timestamp>) -> Result<Self> {
        let seal = || vault.seal(entropy, place(&row(&client.client_id)), secret.expose().as_bytes());
        let sealed = client.signs_with_secret().then(seal).transpose()?;
        Ok(Self { digest: secret.digest(), sealed, expires_at })
    }
}

/// The clear secret of the client with this `client_id`.
pub(super) fn open(vault: &Vault, client_id: &str, sealed: &Sealed) -> Result<Secret> {
    vault.unseal_text(place(&row(client_id)), sealed)
}

/// Sealed to the client's public name, which is known before its row is.
fn row(client_id: &str) -> [u8; 16] {
    let mut row = [0; 16];
    row.iter_mut().zip(Digest::of(client_id.as_bytes()).as_bytes()).for_each(|(to, from)| *to = *from);
    row
}

const fn place(row: &[u8; 16]) -> Place<'_> {
    Place { table: "client", column: "secret_sealed", row }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::House;

    #[tokio::test]
    async fn a_secret_is_sealed_only_where_the_client_signs_with_it() {
        let house = House::new().await;
        let (vault, secret) = (&house.realm.vault, house.app.entropy.secret());
        for (method, request_objects, sealed) in [
            ("client_secret_basic", "ES256", false),
            ("client_secret_post", "HS256", true),
            ("client_secret_jwt", "ES256", true),
            ("private_key_jwt", "HS256", false),
        ] {
            let client: Client = serde_json::from_value(serde_json::json!({
                "client_id": "rp", "client_name": "RP", "token_endpoint_auth_method": method,
                "request_object_signing_alg": request_objects,
            }))
            .unwrap();
            let kept = KeptSecret::of(vault, &house.app.entropy, &client, &secret, None).unwrap();
            assert_eq!((kept.digest, kept.sealed.is_some()), (secret.digest(), sealed), "{method} {request_objects}");
            if let Some(sealed) = kept.sealed {
                assert_eq!(open(vault, &client.client_id, &sealed).unwrap().expose(), secret.expose());
                assert!(open(vault, "another", &sealed).is_err(), "it opens for its client alone");
            }
        }
    }
}
