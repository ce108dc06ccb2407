//! Where the parts meet: the provider a host builds, mounts and lets run.

mod builder;
mod signed_in;
mod watch;

pub use builder::IdpBuilder;
pub use signed_in::SignedIn;
pub use watch::Readiness;

use crate::app::{App, Parts};
use crate::directory::realm::Realms;
use crate::error::{Failure, Result};
use crate::figures::Figures;
use crate::host::{HostClaims, HostPeople};
use crate::manage::Manage;
use crate::outbound::Kept;
use crate::realm::Realm;
use crate::settings::issuer_mistakes;
use crate::store::{Db, SchemaState};
use crate::urls::paths;
use crate::vault::MasterKey;
use crate::web::logos::Logos;
use crate::web::reference::Reference;
use crate::web::{home, layers, request};
use crate::{access, oidc, onboarding, operations, retention};
use axum::Router;
use axum::extract::{OriginalUri, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};
use tower::Service;

/// The provider. Cheap to clone.
#[derive(Clone)]
pub struct Idp {
    app: App,
    realms: Realms,
    public_url: Arc<str>,
    routes: Router,
    /// Passwords that may be hashed at once.
    hashing: usize,
}

impl Idp {
    /// Begins to build a provider. `public_url` is where it is reached, such as `https://portal.example.ch/id`: realms live below it. The
    /// master key opens the realms' keys.
    pub fn builder(public_url: impl Into<String>, master: MasterKey) -> IdpBuilder {
        IdpBuilder::new(public_url.into(), master)
    }

    async fn from_parts(settings: IdpBuilder, db: Db) -> Result<Self> {
        if let Some(mistake) = issuer_mistakes(&settings.public_url).into_iter().next() {
            return Err(Failure::Settings(mistake.replacen("issuer", "public_url", 1)));
        }
        match db.schema_state().await? {
            SchemaState::Current => {}
            SchemaState::Behind(names) => {
                return Err(Failure::Settings(format!(
                    "the database must be migrated first ({}): poterne migrate",
                    names.join(", ")
                )));
            }
            SchemaState::Ahead(names) => {
                return Err(Failure::Settings(format!(
                    "the database was migrated by a newer version of Poterne ({})",
                    names.join(", ")
                )));
            }
        }
        let hashing = settings.hashing.max(1);
        let app = App::new(Parts {
            db,
            clock: settings.clock,
            entropy: settings.entropy,
            master: settings.master,
            sender: settings.sender,
            places: settings.places,
            claims: settings.claims.map(HostClaims::new).transpose()?,
            people: settings.people.map(HostPeople::new),
            outbound: settings.outbound,
            client_keys: Kept::default(),
            request_objects: Kept::default(),
            hashing: Arc::new(Semaphore::new(hashing)),
            demo: settings.demo,
            figures: Figures::default(),
            logos: Logos::default(),
            outbox_wake: Notify::new(),
            logout_wake: Notify::new(),
        });
        let realms = Realms::new(oidc::keys::load);
        realms.all(&app).await?;
        let routes = routes().with_state(app.clone());
        Ok(Self { app, realms, public_url: settings.public_url.into(), routes, hashing })
    }

    /// All pages and endpoints of all realms, to be served as they are or nested under the path of `public_url`. It has a fallback
    /// of its own.
    pub fn router(&self) -> Router {
        Router::new().fallback(enter).with_state(self.clone())
    }

    /// Answers a request as [`Self::router`] does, for a server that has no other routes.
    pub async fn answer(&self, request: Request) -> Response {
        request::around(&self.app, request, |request| dispatch(self, request)).await
    }

    /// The one path that lies before the issuer's own: `/.well-known/oauth-authorization-server` with the issuer's path after it
    /// (RFC 8414 section 3.1). A host that nests [`Self::router`] under a path merges this beside it, whatever its own state is; at the
    /// root the router has it.
    pub fn well_known_router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let path = format!("{ROOT_METADATA}/{{*issuer}}");
        Router::new().route(ROOT_METADATA, get(enter)).route(&path, get(enter)).with_state(self.clone())
    }

    /// The operator's functions.
    #[must_use]
    pub fn manage(&self) -> Manage {
        Manage::new(self.app.clone(), self.realms.clone(), self.public_url.clone())
    }

    /// Runs the workers (outbox, audit chain, chores, rotation of keys, back-channel logout) until `stop` is done; each finishes what it is at.
    pub async fn run_workers(&self, stop: impl Future<Output = ()> + Send) {
        operations::run_workers(&self.app, &self.realms, retention::CHORES, WORKERS, stop).await;
    }
}

/// The workers of wings above `operations`.
const WORKERS: &[operations::Worker] = &[
    operations::Worker { name: "keys", run: |app, realms, stop| Box::pin(oidc::keys::run(app, realms, stop)) },
    operations::Worker { name: "logout", run: |app, realms, stop| Box::pin(oidc::logout::run(app, realms, stop)) },
];

/// Where RFC 8414 section 3.1 looks for a provider's metadata: before the path of its issuer.
const ROOT_METADATA: &str = "/.well-known/oauth-authorization-server";

/// The path of every route of a realm below its issuer, as axum writes paths: for whoever asks something of all of them, such as a test
/// of isolation or a proxy's list.
#[must_use]
pub const fn routes_of_a_realm() -> &'static [&'static str] {
    paths::ROUTES
}

/// The route table of a realm.
fn routes() -> Router<App> {
    let access = Router::new().merge(access::signin::routes()).merge(access::recovery::routes()).merge(access::notice::routes());
    let access = access.merge(access::account_page::routes()).merge(access::consent::routes());
    let pages = access.merge(onboarding::routes()).merge(oidc::logout::page_routes());
    Router::new()
        .merge(layers::same_site(pages))
        .merge(oidc::routes())
        .merge(home::asset_routes())
        .merge(access::logo::routes())
        .fallback(home::not_found)
}

async fn enter(State(idp): State<Idp>, request: Request) -> Response {
    idp.answer(request).await
}

/// Finds the realm and hands the request to its routes, with the path below its issuer.
async fn dispatch(idp: &Idp, mut request: Request) -> Response {
    let full = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().clone(), |uri| uri.0.clone());
    let host = request.headers().get(header::HOST).cloned();
    let host = host.as_ref().and_then(|host| host.to_str().ok());
    let metadata_of = full.path().strip_prefix(ROOT_METADATA).filter(|issuer| issuer.is_empty() || issuer.starts_with('/'));
    let realm = match idp.realms.find(&idp.app, host, metadata_of.unwrap_or(full.path())).await {
        Ok(Some(realm)) => realm,
        Ok(None) => return (StatusCode::NOT_FOUND, "No provider lives at this address.\n").into_response(),
        Err(failure) => {
            let reference = request.extensions().get::<Reference>().map(Reference::as_str);
            tracing::error!(request = reference, %failure, "the realms cannot be read");
            return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "Please try again shortly.\n")
                .into_response();
        }
    };
    let below = match metadata_of {
        Some(issuer) if issuer == realm.urls.path() => Some(Uri::from_static(paths::DISCOVERY)),
        Some(_) => None,
        None => below_issuer(&full, &realm),
    };
    let Some(below) = below else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if *request.method() == Method::GET
        && let Some(answer) = oidc::written_document(&realm, below.path(), request.headers())
    {
        return layers::public(answer, &realm, below.path());
    }
    // The endpoint that portals call most, and wait for, needs no way to it: looking for it among all the routes costs more than reading the request.
    let for_tokens = *request.method() == Method::POST && below.path() == paths::TOKEN;
    *request.uri_mut() = below;
    request.extensions_mut().remove::<OriginalUri>();
    request.extensions_mut().insert(realm);
    let answer = async |request| {
        if for_tokens {
            return Box::pin(oidc::token(&idp.app, request)).await;
        }
        idp.routes.clone().call(request).await.unwrap_or_else(|never| match never {})
    };
    layers::around(&idp.app, request, answer).await
}

/// Path and query below the realm's issuer.
fn below_issuer(full: &Uri, realm: &Realm) -> Option<Uri> {
    let below = full.path_and_query()?.as_str().strip_prefix(realm.urls.path())?;
    let below: PathAndQuery = if below.starts_with('/') { below.parse() } else { format!("/{below}").parse() }.ok()?;
    Some(Uri::from(below))
}
