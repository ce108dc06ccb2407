//! Who asks at the token endpoint, at introspection and at revocation: one reading of what a client shows, and one check of it.

use crate::directory::client::{self, Registered};
use crate::error::Result;
use crate::oidc::http;
use crate::web::context::Ctx;
use axum::http::{HeaderMap, header};
use poterne_protocol::client_auth::{self, Presented};
use poterne_protocol::error::TokenError;
use poterne_protocol::wire::Params;
use std::sync::Arc;

/// What went well, or what the client is told.
pub type Told<T> = Result<std::result::Result<T, TokenError>>;

/// The parameters of a request, and the client that has proven to make it, by exactly the method it registered (OpenID Connect Core
/// section 9).
pub async fn authenticate(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Told<(Params, Arc<Registered>)> {
    let (params, presented) = match read(headers, body) {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let found = client::known(&ctx.app, &ctx.realm, &presented.client_id).await?;
    let Some(client) = found else { return Ok(Err(presented.unknown_client())) };
    if let Err(error) = presented.authenticate(&client.client, &client.secrets(ctx.now)) {
        return Ok(Err(error));
    }
    Ok(Ok((params, client)))
}

/// What the client shows and asks, before it is looked up.
fn read(headers: &HeaderMap, body: &[u8]) -> std::result::Result<(Params, Presented), TokenError> {
    if !http::is_form(headers) {
        return Err(TokenError::invalid_request("the body is not application/x-www-form-urlencoded"));
    }
    let params = Params::parse(body).map_err(|error| TokenError::invalid_request(error.to_string()))?;
    let authorization = http::only(headers, &header::AUTHORIZATION);
    let authorization = authorization.map_err(|_| TokenError::invalid_request("Authorization stands twice"))?;
    let presented = client_auth::read(authorization, &params)?;
    Ok((params, presented))
}
