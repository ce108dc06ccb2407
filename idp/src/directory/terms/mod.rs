//! Terms of use: published versions that never change, and who accepted which.

mod rules;
mod store;
mod text;

pub use rules::{Difference, Publication, PublishedText};
pub use store::{Acceptance, NewAcceptance, accept, acceptances, latest_accepted, publish, published};
pub use text::TermsBlock;

use crate::directory::account::Account;
use crate::error::Result;
use crate::lang::Lang;
use crate::realm::Realm;
use crate::settings::TermsVersion;
use crate::store::Rx;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// What somebody reads of a version who asked for a language: the text, and the language it really is in.
#[must_use]
pub fn shown(version: &TermsVersion, lang: Lang) -> (Lang, &str) {
    version.text.shown(lang).unwrap_or((lang, ""))
}

/// The digest of the text as it is shown in a language: what an acceptance is proof of.
#[must_use]
pub fn hash(version: &TermsVersion, lang: Lang) -> Digest {
    Digest::of(shown(version, lang).1.as_bytes())
}

/// The version that the account must accept before a portal gets anything: the one in force, where one that is asked for is not
/// accepted yet (I-71).
pub fn outstanding<'a>(rx: &mut Rx<'_>, realm: &'a Realm, account: &Account, now: Timestamp) -> Result<Option<&'a TermsVersion>> {
    let terms = realm.document.population(&account.population).and_then(|population| population.terms.as_ref());
    let today = realm.day(now);
    let Some((current, required)) = terms.and_then(|terms| terms.current(today).zip(terms.required(today))) else {
        return Ok(None);
    };
    let accepted = latest_accepted(rx, account.id, &account.population)?;
    Ok(Some(current).filter(|_| accepted.is_none_or(|accepted| accepted < required.number)))
}
