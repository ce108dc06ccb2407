//! A document that drops a population must leave nobody behind: accounts, people and codes name their population by its key. Nor may one
//! that drops an algorithm leave a client whose tokens nothing signs any more.

use super::refused;
use crate::directory::{account, client, registry};
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

/// Refuses a document that has no keys for what signs the tokens of a client that is none of its own.
pub(super) fn leaves_no_client_mute(rx: &mut Rx<'_>, document: &RealmDocument) -> Result<()> {
    let mute: Vec<String> = client::all(rx)?.iter().flat_map(|client| document.unsigned(client)).collect();
    if mute.is_empty() { Ok(()) } else { Err(refused(mute.join("\n"))) }
}
