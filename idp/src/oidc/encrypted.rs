//! Encrypting what a client asked to have encrypted, to a key of its own (OpenID Connect Core section 10.2). The key is had first: where its
//! host is down, no code and no grant is spent on a token that nobody could write.

use super::client_keys::{self, KeysError};
use crate::directory::client::Registered;
use crate::error::{Failure, Result};
use crate::web::context::Ctx;
use poterne_protocol::jose::foreign::ForeignKey;
use poterne_protocol::jose::jwe;
use poterne_protocol::jose::{ContentEncryption, KeyManagement};
use poterne_protocol::secret::Secret;

/// What is encrypted.
pub enum Plain<'a> {
    /// A signed token: signed, then encrypted.
    Signed(&'a Secret),
    /// Claims that nobody signs, as JSON.
    Claims(Vec<u8>),
}

/// Whom something is encrypted to, and how.
#[derive(Debug)]
pub struct Recipient {
    key: ForeignKey,
    way: KeyManagement,
    content: ContentEncryption,
}

impl Recipient {
    /// Who reads the client's ID tokens; nobody in particular where it wants them in clear.
    ///
    /// # Errors
    /// Why there is no key of the client's: what it wants encrypted must not leave.
    pub async fn of_id_tokens(ctx: &Ctx, client: &Registered) -> Result<Option<Self>, KeysError> {
        Self::find(ctx, client, client.client.id_token_encrypted_response_alg, client.client.id_token_encrypted_response_enc)
            .await
    }

    /// Who reads what userinfo tells the client.
    ///
    /// # Errors
    /// As [`Self::of_id_tokens`].
    pub async fn of_userinfo(ctx: &Ctx, client: &Registered) -> Result<Option<Self>, KeysError> {
        Self::find(ctx, client, client.client.userinfo_encrypted_response_alg, client.client.userinfo_encrypted_response_enc)
            .await
    }

    async fn find(
        ctx: &Ctx,
        client: &Registered,
        way: Option<KeyManagement>,
        content: Option<ContentEncryption>,
    ) -> Result<Option<Self>, KeysError> {
        let Some(way) = way else { return Ok(None) };
        // Apart: every request would carry the room that fetching a client's keys takes.
        match Box::pin(client_keys::encrypting(&ctx.app, &ctx.realm, client, way, ctx.now)).await {
            Ok(key) => Ok(Some(Self { key, way, content: content.unwrap_or_default() })),
            Err(why) => {
                tracing::warn!(client = client.client.client_id, %why, "there is no key to encrypt to");
                Err(why)
            }
        }
    }

    /// Encrypts so that nobody else can read it.
    pub fn encrypt(&self, ctx: &Ctx, plain: Plain<'_>) -> Result<Secret> {
        let to = jwe::Recipient { key: &self.key, way: self.way, content: self.content };
        let random = ctx.app.entropy.bytes();
        let written = match plain {
            Plain::Signed(token) => jwe::nest(token.expose(), to, &random),
            Plain::Claims(claims) => jwe::encrypt_claims(&claims, to, &random),
        };
        written.map(Secret::new).map_err(|error| Failure::internal(format!("encrypting for a client: {error}")))
    }
}
