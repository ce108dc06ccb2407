//! What the start page shows.

use super::paper::Words;
use crate::demo::PortalAddress;
use crate::demo::seed::{SeededAccount, SeededCode};
use poterne_idp::{Lang, RealmDocument};
use serde::Serialize;

/// The start page.
#[derive(Serialize)]
pub struct Start<'a> {
    /// The fund's name.
    pub fund: String,
    /// The address of its discovery document.
    pub discovery: String,
    /// The portals.
    pub portals: &'a [PortalAddress],
    /// Unused codes; empty when all are used.
    pub groups: Vec<Group>,
    /// Accounts to sign in with.
    pub accounts: &'a [SeededAccount],
}

/// The unused codes of a population.
#[derive(Serialize)]
pub struct Group {
    population: String,
    fields: Vec<Field>,
    codes: Vec<SeededCode>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    label: String,
}

/// Unused codes by population, with the fields its form asks for; in the document's order.
pub fn groups(codes: Vec<SeededCode>, document: &RealmDocument, lang: Lang, words: Option<&Words>) -> Vec<Group> {
    let mut codes = codes;
    let mut groups = Vec::new();
    for population in &document.populations {
        let of_it: Vec<SeededCode> = codes.extract_if(.., |code| code.population == population.key).collect();
        if of_it.is_empty() {
            continue;
        }
        let fields = population.identifiers.iter().map(|identifier| {
            let name = identifier.field.clone();
            let own = Some(identifier.label.get(lang).to_owned()).filter(|label| !label.is_empty());
            let usual = || words.and_then(|words| words.get(&format!("field-{name}"))).cloned();
            let label = own.or_else(usual).unwrap_or_else(|| name.clone());
            Field { name, label }
        });
        groups.push(Group { population: population.name.get(lang).to_owned(), fields: fields.collect(), codes: of_it });
    }
    groups
}
