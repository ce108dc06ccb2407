//! A document that drops a population must leave nobody behind: accounts, people and codes name their population by its key.

use super::refused;
use crate::directory::{account, registry};
use crate::error::Result;
use crate::onboarding::code;
use crate::settings::RealmDocument;
use crate::store::Rx;
use poterne_protocol::time::Timestamp;

/// Refuses a document without a population that somebody belongs to.
pub(super) fn leaves_nobody_behind(
    rx: &mut Rx<'_>,
    former: &RealmDocument,
    document: &RealmDocument,
    now: Timestamp,
) -> Result<()> {
    for population in former.populations.iter().filter(|population| document.population(&population.key).is_none()) {
        let key = &population.key;
        let accounts = account::count_of(rx, key)?;
        let people = registry::count_active_of(rx, key)?;
        let codes = code::count_live_of(rx, key, now)?;
        if accounts + people + codes > 0 {
            return Err(refused(format!(
                "the document has no population {key} any more, to which belong: {accounts} accounts, {people} active people or \
                 organisations, {codes} unused codes. Nothing was changed: put the population back, or let them leave first"
            )));
        }
    }
    Ok(())
}
