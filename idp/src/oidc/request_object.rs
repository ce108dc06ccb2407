//! Request objects on their way in: what `request` holds or `request_uri` points to becomes parameters before anything else reads them. The
//! rules are `protocol::authorize::request_object`.

use super::client_keys;
use crate::directory::client::Registered;
use crate::error::Result;
use crate::outbound::{Fetched, Keeping, Want, Wanted};
use crate::web::context::Ctx;
use axum::body::Bytes;
use poterne_protocol::authorize::request::Refusal;
use poterne_protocol::authorize::request_object::{self, Address, Members, Object, invalid};
use poterne_protocol::error::{AuthorizationError, AuthorizationErrorCode as Code};
use poterne_protocol::jose::foreign::{ForeignToken, MAX_TOKEN_LEN};
use poterne_protocol::jose::{Algorithm, SigningChoice};
use poterne_protocol::wire::Params;
use std::borrow::Cow;
use std::time::Duration;

/// How long an object is fresh where its host does not say, and how soon one may be fetched again for another hash: visitors cannot make us
/// fetch more often.
const A_MOMENT: Duration = Duration::from_secs(1);
/// How long one is fresh at most, whatever its host says.
const LONGEST_FRESH: Duration = Duration::from_secs(5 * 60);

/// The request that the parameters make with the object that comes with them; the same parameters where none does.
pub async fn resolved<'a>(
    ctx: &Ctx,
    params: &'a Params,
    client: &Registered,
) -> Result<std::result::Result<Cow<'a, Params>, Refusal>> {
    let refused = |error| Ok(Err(request_object::refused(params, &client.client, error)));
    let object = match request_object::asked(params, &client.client) {
        Ok(None) => return Ok(Ok(Cow::Borrowed(params))),
        Ok(Some(object)) => object,
        Err(error) => return refused(error),
    };
    let members = match object {
        Object::Value(text) => verified(ctx, client, text).await?,
        Object::Reference(address) => match fetched(ctx, client, address).await {
            Ok(content) => verified(ctx, client, std::str::from_utf8(&content).unwrap_or_default().trim()).await?,
            Err(error) => return refused(error),
        },
    };
    let issuer = ctx.realm.urls.issuer();
    match members.and_then(|members| request_object::merged(params, &members, &client.client, issuer, ctx.now)) {
        Ok(merged) => Ok(Ok(Cow::Owned(merged))),
        Err(error) => refused(error),
    }
}

/// What lies at a registered address.
async fn fetched(ctx: &Ctx, client: &Registered, address: Address<'_>) -> std::result::Result<Bytes, AuthorizationError> {
    let keeping = Keeping {
        wanted: Wanted { media_types: &[], max_bytes: MAX_TOKEN_LEN },
        read: |fetched: &Fetched| Ok(fetched.body.clone()),
        fresh: |told| told.unwrap_or_default().clamp(A_MOMENT, LONGEST_FRESH),
        stale: Duration::ZERO,
        renewed_after: A_MOMENT,
    };
    let whose = format!("{} {}", ctx.realm.document.slug, client.client.client_id);
    // A fragment says whether what is kept still counts (OpenID Connect Core section 6.2), and nothing about what comes: clients may write
    // there what they like, and what holds is the signature (`docs/decisions/018-no-unsigned-request.md`).
    let fits = |content: &Bytes| address.is_of(content);
    let want = if address.has_fragment() { Want::Fitting(&fits) } else { Want::Fresh };
    let outbound = (&ctx.app.outbound, client.trust(&ctx.realm));
    let kept = ctx.app.request_objects.get(outbound, (&whose, address.place), &keeping, want, ctx.now).await;
    let kept = kept.map_err(|error| AuthorizationError::new(Code::InvalidRequestUri, format!("request_uri: {error}")))?;
    Ok(Bytes::clone(&kept.value))
}

/// What an object says, once its signature holds by the client's registered algorithm.
async fn verified(ctx: &Ctx, client: &Registered, text: &str) -> Result<std::result::Result<Members, AuthorizationError>> {
    let token = match ForeignToken::read(text) {
        Ok(token) => token,
        Err(refusal) => return Ok(Err(invalid(format!("the request object: {refusal}")))),
    };
    if let Err(error) = request_object::check_type(&token) {
        return Ok(Err(error));
    }
    let registered = client.client.request_object_signing_alg;
    let by_secret = matches!(token.algorithm(), Some(SigningChoice::Symmetric(_))) && client.client.signs_with_secret();
    let allowed: &[Algorithm] = match &registered {
        Some(SigningChoice::Asymmetric(algorithm)) => std::slice::from_ref(algorithm),
        None if !by_secret => &Algorithm::ALL,
        // Without a registered one any that the client can sign by (OpenID Connect Registration section 2): by its secret or by its keys, and
        // neither ever verifies what claims to be the other's.
        None | Some(SigningChoice::Symmetric(_)) => {
            let secret = client.signing_secret(&ctx.realm.vault, ctx.now)?;
            let none = || invalid("the client has no secret, or it has expired");
            let read =
                |secret: poterne_protocol::secret::Secret| token.verified_by_secret(secret.expose().as_bytes()).map_err(refusal);
            return Ok(secret.ok_or_else(none).and_then(read));
        }
    };
    if !matches!(token.algorithm(), Some(SigningChoice::Asymmetric(algorithm)) if allowed.contains(&algorithm)) {
        return Ok(Err(invalid("the request object: the algorithm is not the registered one, or not allowed")));
    }
    Ok(client_keys::verified(&ctx.app, &ctx.realm, client, &token, allowed, ctx.now).await.map_err(refusal))
}

fn refusal(why: impl std::fmt::Display) -> AuthorizationError {
    invalid(format!("the request object: {why}"))
}
