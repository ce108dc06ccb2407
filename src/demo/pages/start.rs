//! What the start page shows.

use super::paper::Words;
use crate::demo::seed::{Seeded, SeededAccount, SeededCode};
use crate::demo::{FundAddress, PortalAddress};
use poterne_idp::{Lang, RealmDocument};
use serde::Serialize;

/// The start page.
#[derive(Serialize)]
pub struct Start<'a> {
    /// The funds.
    pub funds: Vec<FundView<'a>>,
}

/// A fund: where its portals are, who may enroll, who has an account.
#[derive(Serialize)]
pub struct FundView<'a> {
    slug: &'a str,
    name: &'a str,
    discovery: String,
    portals: &'a [PortalAddress],
    groups: Vec<Group>,
    accounts: Vec<&'a SeededAccount>,
}

impl<'a> FundView<'a> {
    /// A fund as the start page shows it; `remaining` holds the unused codes of all funds.
    pub fn new(
        fund: &'a FundAddress,
        document: &RealmDocument,
        remaining: &'a Seeded,
        lang: Lang,
        words: Option<&Words>,
    ) -> Self {
        let codes = remaining.codes.iter().filter(|code| code.fund == fund.slug).cloned().collect();
        Self {
            slug: &fund.slug,
            name: &fund.name,
            discovery: format!("{}/.well-known/openid-configuration", fund.issuer),
            portals: &fund.portals,
            groups: groups(codes, document, lang, words),
            accounts: remaining.accounts.iter().filter(|account| account.fund == fund.slug).collect(),
        }
    }
}

/// The unused codes of a population.
#[derive(Serialize)]
pub struct Group {
    population: String,
    code: String,
    fields: Vec<Field>,
    codes: Vec<SeededCode>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    label: String,
}

/// Unused codes by population, with the fields its form asks for; in the document's order.
fn groups(codes: Vec<SeededCode>, document: &RealmDocument, lang: Lang, words: Option<&Words>) -> Vec<Group> {
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
        groups.push(Group {
            population: population.name.get(lang).to_owned(),
            code: population.code.label.get(lang).to_owned(),
            fields: fields.collect(),
            codes: of_it,
        });
    }
    groups
}
