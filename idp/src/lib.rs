//! Poterne: an OpenID Connect provider for organisations that already know their people and invite them by letter.
//!
//! A host builds a provider on its database, nests it under a path of its own axum application, and lets the workers run:
//!
//! ```no_run
//! use axum::{Router, extract::State, http::HeaderMap, routing::get};
//! use poterne_idp::{DatabaseUrl, Db, FolderSender, Idp, MasterKey, RealmDocument, StoreSettings};
//!
//! /// A page of the host's own that asks who is signed in.
//! async fn home(State(idp): State<Idp>, headers: HeaderMap) -> String {
//!     match idp.signed_in("lindenhof", &headers).await {
//!         Ok(Some(person)) => format!("Hello {}", person.name),
//!         _ => "Nobody is signed in".to_owned(),
//!     }
//! }
//!
//! # async fn run(key: &str, document: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let db = Db::open(&DatabaseUrl::Sqlite("var/poterne.sqlite".into()), StoreSettings::default())?;
//! db.migrate().await?;
//! let idp = Idp::builder("https://portal.example/id", MasterKey::parse(key)?)
//!     .sender(FolderSender::new("var/outbox".into()))
//!     .build(db)
//!     .await?;
//! idp.manage().apply_realm(RealmDocument::parse(document).map_err(|mistakes| mistakes.join("\n"))?).await?;
//!
//! let app = Router::new()
//!     .route("/", get(home))
//!     .nest_service("/id", idp.router())
//!     .merge(idp.well_known_router())
//!     .with_state(idp.clone());
//! tokio::spawn(async move { idp.run_workers(std::future::pending()).await });
//! axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8080").await?, app).await?;
//! # Ok(())
//! # }
//! ```
//!
//! What a host may supply, each with a default that works, is said to the builder ([`IdpBuilder`]): where messages go
//! ([`MessageSender`]), claims of its own ([`ClaimsSource`]), who enrolls ([`People`]), where an address is ([`Places`]), time and
//! chance. Operators' functions are in [`manage`]. `docs/EMBEDDING.md` explains a whole example line by line.
#![warn(missing_docs)]

mod access;
mod app;
mod calm;
mod clock;
mod directory;
mod entropy;
mod error;
mod figures;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod host;
mod idp;
mod lang;
pub mod manage;
mod oidc;
mod onboarding;
mod operations;
mod outbound;
mod realm;
mod retention;
mod settings;
mod store;
#[cfg(test)]
mod tests;
mod urls;
mod vault;
mod web;

pub use clock::{Clock, SettableClock};
pub use directory::account::canonical_email;
pub use entropy::Entropy;
pub use error::{Failure, Result};
pub use figures::Exposition;
pub use host::{
    Answering, ClaimsPlace, ClaimsSource, ClaimsSubject, FolderSender, HookError, KnownPerson, MessageContent, MessageSender,
    Networks, NoSender, OutgoingMessage, People, Places, SendError, Sending, TypedIdentifiers, WrittenMessage,
};
pub use idp::{Idp, IdpBuilder, Readiness, SignedIn, routes_of_a_realm};
pub use lang::{Lang, Localised};
pub use outbound::{Allowed, Fetched, NotAllowed, Outbound, OutboundError, Trust, Wanted};
pub use poterne_protocol::claims::level::{Amr, Level};
pub use poterne_protocol::id::{AccountId, EntryId};
pub use poterne_protocol::time::Timestamp;
pub use settings::{
    AcceptTerms, Branding, CodeSettings, Contact, FactorKind, IdentifierField, IdentifierKind, PasswordRule, Policy, Population,
    RealmDocument, SecondFactor, Sender, Terms, UserData, issuer_mistakes,
};
pub use store::{DatabaseUrl, Db, SchemaState, StoreSettings};
pub use vault::MasterKey;
pub use web::context::ClientAddress;
pub use web::request::RequestId;
