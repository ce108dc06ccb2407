//! The terms of a realm's document, published when it is applied.

use super::Manage;
use crate::directory::terms::{self, Difference, Publication};
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::operations::audit::{self, Actor, Event};
use crate::settings::{Population, RealmDocument, TermsVersion};
use crate::store::Tx;
use poterne_protocol::time::Timestamp;

/// Every version of every population's terms, in the document's order.
fn versions(document: &RealmDocument) -> impl Iterator<Item = (&Population, &TermsVersion)> {
    document.populations.iter().flat_map(|population| {
        let versions = population.terms.iter().flat_map(|terms| &terms.versions);
        versions.map(move |version| (population, version))
    })
}

impl Manage {
    /// An event for each version that the document has, in its order.
    pub(super) fn publication_events(&self, document: &RealmDocument, now: Timestamp) -> Vec<Event> {
        let event = |(population, version): (&Population, &TermsVersion)| {
            let event = Event::new(&self.app, now, "terms.published", Actor::Operator).about(&population.key);
            event.with("version", version.number).with("effective_from", version.effective_from.to_string())
        };
        versions(document).map(event).collect()
    }
}

/// Publishes what is new of a document's terms and records each version that has something new.
///
/// # Errors
/// [`Failure::Settings`] when the document changes anything that is published: what people accepted must stay what it was.
pub(super) fn publish(tx: &mut Tx<'_>, document: &RealmDocument, events: &[Event], now: Timestamp) -> Result<()> {
    let mut refused = Vec::new();
    for ((population, version), event) in versions(document).zip(events) {
        match terms::publish(tx, &population.key, version, now)? {
            Publication::Nothing => {}
            Publication::New(languages) => {
                let languages: Vec<&str> = languages.into_iter().map(Lang::tag).collect();
                audit::record(tx, &event.clone().with("languages", languages))?;
            }
            Publication::Refused(differences) => {
                refused.extend(differences.into_iter().map(|difference| words(&population.key, version, difference)));
            }
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(Failure::Settings(refused.join("; "))) }
}

fn words(population: &str, version: &TermsVersion, difference: Difference) -> String {
    let number = version.number;
    match difference {
        Difference::Text(lang) => format!(
            "population {population}: terms version {number} ({}) is published, its text cannot change: add a new version with \
             a higher number",
            lang.tag()
        ),
        Difference::EffectiveFrom(day) => format!(
            "population {population}: terms version {number} is published with effective_from {day}, which cannot change: put \
             that day back, or add a new version with a higher number"
        ),
    }
}
