//! Step 1 where the host looks people up: its word stands for identifiers that the registry does not have.

use super::attempt::Attempt;
use super::identify::Typed;
use crate::directory::registry::{self, Entry, EntryKind, IdentifierValue};
use crate::error::Result;
use crate::host::{KnownPerson, TypedIdentifiers};
use crate::operations::audit::{self, Actor, Event};
use crate::settings::Population;
use crate::store::Tx;
use crate::vault::{Place, Purpose};
use crate::web::context::Ctx;
use poterne_protocol::id::EntryId;
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// The host's word that whoever types is the person of an entry, prepared outside the transaction that acts on it.
pub struct Vouched {
    /// The entry.
    pub entry: EntryId,
    known: KnownPerson,
    /// The values by which the population signs in.
    aliases: Vec<IdentifierValue>,
    changed: Event,
}

/// Asks the host, where it looks people up, about whoever holds the code of an entry that does not match by itself.
///
/// # Errors
/// [`crate::Failure::Busy`] when the host gives no answer.
pub async fn vouch(ctx: &Ctx, population: &Population, typed: &Typed, attempt: &Arc<Attempt>) -> Result<Option<Vouched>> {
    let Some(people) = &ctx.app.people else { return Ok(None) };
    let trying = attempt.clone();
    let entry = ctx.app.db.read(ctx.realm.id, move |rx| trying.in_question(rx)).await?;
    let asked = entry.as_ref().map(|_| TypedIdentifiers {
        realm: ctx.realm.document.slug.clone(),
        population: population.key.clone(),
        values: typed.identifiers.iter().map(|(field, value)| (field.clone(), Secret::new(value.clone()))).collect(),
    });
    let found = people.find(asked).await?;
    let Some((entry, known)) = entry.zip(found).filter(|(entry, known)| entry.registry_no == known.registry_no) else {
        return Ok(None);
    };
    let aliases = typed.identifiers.iter().filter(|(field, _)| population.login_aliases.contains(field));
    let aliases = aliases.map(|(field, value)| kept(ctx, &entry, field, value)).collect::<Result<_>>()?;
    let changed = Event::new(&ctx.app, ctx.now, "registry.changed", Actor::System).about(entry.id).with("by", "host");
    Ok(Some(Vouched { entry: entry.id, known, aliases, changed }))
}

fn kept(ctx: &Ctx, entry: &Entry, field: &str, value: &str) -> Result<IdentifierValue> {
    let vault = &ctx.realm.vault;
    let (digest_key, digest) = vault.digest(Purpose::Lookup, field, value)?;
    let place = Place { table: "identifier", column: "sealed", row: entry.id.as_bytes() };
    let sealed = vault.seal(&ctx.app.entropy, place, value.as_bytes())?;
    Ok(IdentifierValue { field: field.to_owned(), digest, digest_key, sealed })
}

impl Vouched {
    /// Keeps what the host said, once the code was right as well.
    pub fn keep(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
        let Some(entry) = registry::load(tx, self.entry)? else { return Ok(()) };
        let organisation = registry::kind(tx, self.entry)? == Some(EntryKind::Organisation);
        let fresh = Entry {
            last_name: self.known.last_name.clone(),
            first_name: self.known.first_name.clone().filter(|_| !organisation),
            language: self.known.language,
            ..entry.clone()
        };
        let values = registry::identifiers(tx, self.entry)?;
        let missing = |alias: &&IdentifierValue| !values.iter().any(|value| value.field == alias.field);
        let missing: Vec<IdentifierValue> = self.aliases.iter().filter(missing).cloned().collect();
        if fresh == entry && missing.is_empty() {
            return Ok(());
        }
        registry::rename(tx, &fresh, now)?;
        registry::add_identifiers(tx, self.entry, &missing)?;
        audit::record(tx, &self.changed)
    }
}
