//! Poterne: an OpenID Connect provider for organisations that already know their people and invite them by letter.
#![warn(missing_docs)]

mod access;
mod app;
mod calm;
mod clock;
mod directory;
mod entropy;
mod error;
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
pub use host::{
    FolderSender, MessageContent, MessageSender, Networks, OutgoingMessage, Places, SendError, Sending, WrittenMessage,
};
pub use idp::{Idp, IdpSettings, routes_of_a_realm};
pub use lang::{Lang, Localised};
pub use poterne_protocol::id::EntryId;
pub use poterne_protocol::time::Timestamp;
pub use settings::{
    AcceptTerms, Branding, CodeSettings, Contact, FactorKind, IdentifierField, IdentifierKind, PasswordRule, Policy, Population,
    RealmDocument, Sender, Terms, UserData,
};
pub use store::{DatabaseUrl, Db, SchemaState, StoreSettings};
pub use vault::MasterKey;
pub use web::context::ClientAddress;
