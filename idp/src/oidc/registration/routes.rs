//! `/register` and `/register/{client_id}`: who asks, for what, the answer.

use super::rules::{Proofs, SecretNeed, answer, secret_need};
use super::store::{self, Changing, Counted, Refused, Registering, Removing, SecretChange};
use crate::app::App;
use crate::directory::client::{KeptSecret, NewOwn, Own};
use crate::error::Result;
use crate::oidc::http;
use crate::operations::audit::{Actor, Event};
use crate::outbound::{Trust, Wanted};
use crate::settings::Registration;
use crate::store::Tx;
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::layers;
use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use poterne_protocol::bearer;
use poterne_protocol::client::{Client, SubjectType};
use poterne_protocol::error::{BearerError, RegistrationError, RegistrationErrorCode as Code};
use poterne_protocol::id::{ClientRowId, InvitationId};
use poterne_protocol::registration::{Rules, check_sector, check_update, members, read};
use poterne_protocol::secret::{Handle, Secret};
use poterne_protocol::time::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;
/// A sector's document: a list of addresses.
const SECTOR: Wanted = Wanted { media_types: &[], max_bytes: 64 * 1024 };

/// The routes of this room.
pub fn endpoint() -> Router<App> {
    let registered = get(show).put(change).delete(remove).fallback(not_so);
    Router::new().route(paths::REGISTER, post(register).fallback(not_so)).route(paths::REGISTERED, registered)
}

/// Why a request ends here.
enum No {
    /// Nobody may register in this realm.
    Closed,
    /// The token (RFC 6750 section 3).
    Bearer(BearerError),
    /// What is asked for (RFC 7591 section 3.2.2).
    Asked(RegistrationError),
    /// As many as may be.
    Refused(Refused),
}

impl From<RegistrationError> for No {
    fn from(error: RegistrationError) -> Self {
        Self::Asked(error)
    }
}

type Step<T> = Result<std::result::Result<T, No>>;

/// What went well, or the answer that says why not.
macro_rules! or_no {
    ($step:expr) => {
        match $step {
            Ok(done) => done,
            Err(no) => return Ok(Err(no.into())),
        }
    };
}

async fn register(ctx: Ctx, headers: HeaderMap, body: Bytes) -> Result<Response> {
    match registered(&ctx, &headers, &body).await? {
        Ok(told) => http::json(201, &told),
        Err(no) => refusal(&ctx, no),
    }
}

async fn show(ctx: Ctx, Path(client_id): Path<String>, headers: HeaderMap) -> Result<Response> {
    match presented_own(&ctx, &client_id, &headers).await? {
        Err(no) => refusal(&ctx, no),
        Ok((own, token)) => {
            let proofs = Proofs {
                secret: None,
                secret_expires_at: own.registered.secret_expires_at,
                token: &token,
                uri: uri_of(&ctx, &client_id),
                created_at: own.created_at,
            };
            http::json(200, &answer(&own.registered.client, &proofs)?)
        }
    }
}

async fn change(ctx: Ctx, Path(client_id): Path<String>, headers: HeaderMap, body: Bytes) -> Result<Response> {
    match changed(&ctx, &client_id, &headers, &body).await? {
        Ok(told) => http::json(200, &told),
        Err(no) => refusal(&ctx, no),
    }
}

async fn remove(ctx: Ctx, Path(client_id): Path<String>, headers: HeaderMap) -> Result<Response> {
    let token = match bearer_of(&headers) {
        Ok(token) => token,
        Err(error) => return refusal(&ctx, No::Bearer(error)),
    };
    let removing = Removing::new(&ctx.app, client_id, token, ctx.now);
    match ctx.app.db.write(ctx.realm.id, move |tx| removing.run(tx)).await? {
        None => refusal(&ctx, wrong_token()),
        Some(row) => {
            ctx.realm.clients.forget(row);
            Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response())
        }
    }
}

/// RFC 7592 section 2: other methods are none of ours.
async fn not_so() -> Result<Response> {
    http::json(405, &serde_json::json!({ "error": "invalid_request", "error_description": "the endpoint has no such method" }))
}

async fn registered(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Step<Map<String, Value>> {
    let Some(policy) = &ctx.realm.document.registration else { return Ok(Err(No::Closed)) };
    let invitation = or_no!(invitation(ctx, policy, headers).await?);
    let members = or_no!(read_body(headers, body));
    let row = ClientRowId::new(ctx.now, ctx.app.entropy.bytes());
    let sectors = taken_sectors(ctx);
    let client = or_no!(read(members, &rules(ctx, policy, &row.to_string(), &sectors)));
    let counted = Counted::new(&ctx.realm, policy, ctx.address, invitation, ctx.now)?;
    let counted = or_no!(sector_checked(ctx, &client, counted).await?);
    let (secret, expires_at) = new_secret(ctx, policy, &client);
    let keep = |secret| KeptSecret::of(&ctx.realm.vault, &ctx.app.entropy, &client, secret, expires_at);
    let kept = secret.as_ref().map(keep).transpose()?;
    let token = ctx.app.entropy.secret();
    let event =
        Event::new(&ctx.app, ctx.now, "client.registered", Actor::Client(client.client_id.clone())).about(&client.client_id);
    let event = event.with("name", client.client_name.as_str()).with("invitation", invitation.map(|id| id.to_string()));
    let registering = Registering {
        new: NewOwn { row, client: client.clone(), secret: kept, token: token.digest(), at: ctx.now },
        counted,
        invitation,
        most_clients: policy.most_clients,
        is_framing: ctx.realm.document.session_management,
        event,
    };
    if let Err(refused) = ctx.app.db.write(ctx.realm.id, move |tx| registering.run(tx)).await? {
        return Ok(Err(No::Refused(refused)));
    }
    let proofs = Proofs {
        secret: secret.as_ref(),
        secret_expires_at: expires_at,
        token: &token,
        uri: uri_of(ctx, &client.client_id),
        created_at: ctx.now,
    };
    Ok(Ok(answer(&client, &proofs)?))
}

async fn changed(ctx: &Ctx, client_id: &str, headers: &HeaderMap, body: &[u8]) -> Step<Map<String, Value>> {
    let (own, token) = or_no!(presented_own(ctx, client_id, headers).await?);
    let Some(policy) = &ctx.realm.document.registration else { return Ok(Err(No::Closed)) };
    let mut members = or_no!(read_body(headers, body));
    or_no!(check_update(&members, client_id));
    if let Some(named) = members.remove("client_secret")
        && !is_own_secret(&own, &named, ctx.now)
    {
        return Ok(Err(RegistrationError::new(Code::InvalidClientMetadata, "client_secret is not this client's").into()));
    }
    let sectors = taken_sectors(ctx);
    let client = or_no!(read(members, &rules(ctx, policy, client_id, &sectors)));
    let counted = Counted::new(&ctx.realm, policy, ctx.address, None, ctx.now)?;
    let counted = or_no!(sector_checked(ctx, &client, counted).await?);
    let (secret, expires_at, change) = match secret_need(&own, &client, ctx.now) {
        SecretNeed::Keep => (None, own.registered.secret_expires_at, SecretChange::Stays),
        SecretNeed::Drop => (None, None, SecretChange::Ends),
        SecretNeed::Renew => {
            let (secret, expires_at) = new_secret(ctx, policy, &client);
            let keep = |secret| KeptSecret::of(&ctx.realm.vault, &ctx.app.entropy, &client, secret, expires_at);
            let kept = secret.as_ref().map(keep).transpose()?;
            (secret, expires_at, kept.map_or(SecretChange::Ends, SecretChange::New))
        }
    };
    let row = own.registered.row;
    let event = Event::new(&ctx.app, ctx.now, "client.updated", Actor::Client(client_id.to_owned())).about(client_id);
    let event = event.with("name", client.client_name.as_str());
    let changing = Changing { row, token: token.clone(), new: client.clone(), secret: change, counted, now: ctx.now, event };
    if let Err(refused) = ctx.app.db.write(ctx.realm.id, move |tx| changing.run(tx)).await? {
        return Ok(Err(No::Refused(refused)));
    }
    ctx.realm.clients.forget(row);
    let proofs = Proofs {
        secret: secret.as_ref(),
        secret_expires_at: expires_at,
        token: &token,
        uri: uri_of(ctx, client_id),
        created_at: own.created_at,
    };
    Ok(Ok(answer(&client, &proofs)?))
}

/// The initial access token, where one is needed or shown: one that is shown must be good, whoever may register.
async fn invitation(ctx: &Ctx, policy: &Registration, headers: &HeaderMap) -> Step<Option<InvitationId>> {
    let token = match bearer_of(headers) {
        Ok(token) => token,
        Err(BearerError::Missing) if policy.open => return Ok(Ok(None)),
        Err(error) => return Ok(Err(No::Bearer(error))),
    };
    let Some(handle) = Handle::<InvitationId>::parse(token.expose()) else { return Ok(Err(wrong_token())) };
    let (id, now) = (handle.id, ctx.now);
    let good = ctx.app.db.read(ctx.realm.id, move |rx| store::is_good(rx, &handle, now)).await?;
    Ok(if good { Ok(Some(id)) } else { Err(wrong_token()) })
}

/// The client that shows its own registration access token; nobody learns whether there is a client of this name (RFC 7592 section 2).
async fn presented_own(ctx: &Ctx, client_id: &str, headers: &HeaderMap) -> Step<(Own, Secret)> {
    let token = match bearer_of(headers) {
        Ok(token) => token,
        Err(error) => return Ok(Err(No::Bearer(error))),
    };
    let (name, shown) = (client_id.to_owned(), token.clone());
    let own = ctx.app.db.read(ctx.realm.id, move |rx| store::own(rx, &name, &shown)).await?;
    Ok(own.map(|own| (own, token)).ok_or_else(wrong_token))
}

fn bearer_of(headers: &HeaderMap) -> std::result::Result<Secret, BearerError> {
    let authorization = http::only(headers, &header::AUTHORIZATION);
    bearer::read(authorization.map_err(|_| BearerError::invalid_request("Authorization stands twice"))?, None)
}

fn wrong_token() -> No {
    No::Bearer(BearerError::invalid_token("the token is not valid here"))
}

/// RFC 7591 section 3.1: a JSON object, sent as one.
fn read_body(headers: &HeaderMap, body: &[u8]) -> std::result::Result<Map<String, Value>, RegistrationError> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(RegistrationError::new(Code::InvalidClientMetadata, "the body is not application/json"));
    }
    members(body)
}

fn rules<'a>(ctx: &'a Ctx, policy: &'a Registration, client_id: &'a str, taken_sectors: &'a [String]) -> Rules<'a> {
    Rules { policy, algorithms: &ctx.realm.document.signing_algorithms, client_id, taken_sectors }
}

/// The sectors of the operator's own clients, and those that they would have without the ones that are named: whoever shares a sector knows
/// people by the same `sub`.
fn taken_sectors(ctx: &Ctx) -> Vec<String> {
    let by_host = |client: &Client| Client { sector: None, ..client.clone() }.sector();
    let pairwise = ctx.realm.document.clients.iter().filter(|client| client.subject_type == SubjectType::Pairwise);
    pairwise.flat_map(|client| [client.sector(), by_host(client)]).flatten().collect()
}

/// OpenID Connect Core section 8.1: the sector's document must list the redirect URIs. It is fetched only for requests that count, and a
/// request counts once.
async fn sector_checked(ctx: &Ctx, client: &Client, counted: Counted) -> Step<Counted> {
    let Some(uri) = &client.sector_identifier_uri else { return Ok(Ok(counted)) };
    let counting = counted.clone();
    if let Some(until) = ctx.app.db.write(ctx.realm.id, move |tx: &mut Tx<'_>| counting.take(tx)).await? {
        return Ok(Err(No::Refused(Refused::TooMany(until))));
    }
    let trust = Trust::of_registered(ctx.realm.document.registration.as_ref());
    let document = match ctx.app.outbound.get(uri, &SECTOR, trust).await {
        Ok(fetched) => fetched.body,
        Err(error) => {
            tracing::info!(%error, "a sector document could not be fetched");
            // Told in the words of a document that is none: whoever asks learns nothing of hosts that only we reach.
            Bytes::new()
        }
    };
    Ok(check_sector(&document, &client.redirect_uris).map(|()| counted.counted()).map_err(No::Asked))
}

/// A secret for whoever has one, and when it ends.
fn new_secret(ctx: &Ctx, policy: &Registration, client: &Client) -> (Option<Secret>, Option<Timestamp>) {
    let secret = client.token_endpoint_auth_method.has_secret().then(|| ctx.app.entropy.secret());
    let life = Duration::from_secs(u64::from(policy.secret_days) * DAY);
    let ends = secret.as_ref().filter(|_| !life.is_zero()).map(|_| ctx.now.plus(life));
    (secret, ends)
}

fn is_own_secret(own: &Own, named: &Value, now: Timestamp) -> bool {
    let digest = named.as_str().map(|text| Secret::new(text.to_owned()).digest());
    digest.is_some_and(|digest| own.registered.secrets(now).contains(&digest))
}

fn uri_of(ctx: &Ctx, client_id: &str) -> String {
    ctx.realm.urls.registered(client_id)
}

fn refusal(ctx: &Ctx, no: No) -> Result<Response> {
    match no {
        No::Closed => Ok(layers::not_found()),
        No::Asked(error) => http::json(400, &error.body()),
        No::Refused(Refused::Token) => refused_bearer(ctx, &BearerError::invalid_token("the token is not valid here")),
        No::Bearer(error) => refused_bearer(ctx, &error),
        No::Refused(Refused::TooMany(until)) => later(429, "too many registrations", until.since(ctx.now)),
        No::Refused(Refused::Full) => later(503, "no more clients can register here", Duration::from_secs(DAY)),
    }
}

/// RFC 6750 section 3.
fn refused_bearer(ctx: &Ctx, error: &BearerError) -> Result<Response> {
    let mut response = match error.body() {
        Some(body) => http::json(error.status(), &body)?,
        None => (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, "application/json")]).into_response(),
    };
    if let Ok(challenge) = HeaderValue::try_from(error.www_authenticate(ctx.realm.urls.issuer())) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    Ok(response)
}

fn later(status: u16, words: &str, wait: Duration) -> Result<Response> {
    let body = serde_json::json!({ "error": "temporarily_unavailable", "error_description": words });
    let mut response = http::json(status, &body)?;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    Ok(response)
}
