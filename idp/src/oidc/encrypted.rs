//! Encrypting what a client asked to have encrypted, to a key of its own (OpenID Connect Core section 10.2).

use super::client_keys;
use crate::directory::client;
use crate::error::{Failure, Result};
use crate::web::context::Ctx;
use poterne_protocol::client::Client;
use poterne_protocol::jose::foreign::ForeignKey;
use poterne_protocol::jose::jwe::{self, Recipient};
use poterne_protocol::jose::{ContentEncryption, KeyManagement};
use poterne_protocol::secret::Secret;

/// What is encrypted.
pub enum Plain<'a> {
    /// A signed token: signed, then encrypted.
    Signed(&'a Secret),
    /// Claims that nobody signs, as JSON.
    Claims(Vec<u8>),
}

/// Encrypts for the client, in the way and with the content encryption that it registered. A client without a fitting key is told nothing:
/// what it asked to have encrypted never leaves in clear.
pub async fn for_client(
    ctx: &Ctx,
    client: &Client,
    (way, content): (KeyManagement, ContentEncryption),
    plain: Plain<'_>,
) -> Result<Secret> {
    let key = key_of(ctx, client, way).await?;
    let (to, random) = (Recipient { key: &key, way, content }, ctx.app.entropy.bytes());
    let written = match plain {
        Plain::Signed(token) => jwe::nest(token.expose(), to, &random),
        Plain::Claims(claims) => jwe::encrypt_claims(&claims, to, &random),
    };
    written.map(Secret::new).map_err(|error| Failure::internal(format!("client {}: {error}", client.client_id)))
}

async fn key_of(ctx: &Ctx, client: &Client, way: KeyManagement) -> Result<ForeignKey> {
    let failed = |why: String| Failure::internal(format!("client {}: {why}", client.client_id));
    let known = client::known(&ctx.app, &ctx.realm, &client.client_id).await?;
    let known = known.ok_or_else(|| failed("it is gone".to_owned()))?;
    client_keys::encrypting(&ctx.app, &ctx.realm, &known, way, ctx.now).await.map_err(|why| failed(why.to_string()))
}
