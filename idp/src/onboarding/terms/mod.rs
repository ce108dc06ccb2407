//! Terms of use: shown, accepted in the version and language shown, and the acceptance kept.

pub mod pages;
mod routes;
mod store;

pub use routes::routes;
pub use store::{NewAcceptance, accept};

use crate::lang::Lang;
use crate::settings::Terms;
use poterne_protocol::secret::Digest;

/// The digest of the text as it is shown in a language: what an acceptance is proof of.
#[must_use]
pub fn hash(terms: &Terms, lang: Lang) -> Digest {
    Digest::of(terms.text.get(lang).as_bytes())
}
