//! The user name as people type it: an e-mail address or, where their population allows it, their AVS number (V-03).

use crate::directory::account::{self, Account, canonical_email};
use crate::directory::population::normal_form;
use crate::directory::registry;
use crate::error::Result;
use crate::realm::Realm;
use crate::settings::IdentifierKind;
use crate::store::Rx;
use crate::vault::Purpose;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use unicode_normalization::UnicodeNormalization;

/// A typed name, read. It may hold an AVS number: it has no `Debug`.
#[derive(Clone)]
pub struct TypedName {
    email: Option<String>,
    /// One spelling for all that mean the same.
    normal: String,
    aliases: Vec<Alias>,
}

/// An identifying field that some populations take as user name.
#[derive(Clone)]
struct Alias {
    field: String,
    populations: Vec<String>,
    digests: Vec<Digest>,
}

impl TypedName {
    /// Reads what was typed. What is no AVS number is looked for as if it were one, so that it takes as long.
    #[must_use]
    pub fn read(realm: &Realm, typed: &str, now: Timestamp) -> Self {
        let folded = typed.nfkc().collect::<String>().trim().to_lowercase();
        let email = canonical_email(typed);
        let number = normal_form(IdentifierKind::AvsNumber, &folded, realm.day(now)).ok();
        let normal = email.clone().or(number).unwrap_or(folded);
        let mut aliases: Vec<Alias> = Vec::new();
        for population in &realm.document.populations {
            for field in &population.login_aliases {
                match aliases.iter_mut().find(|alias| alias.field == *field) {
                    Some(alias) => alias.populations.push(population.key.clone()),
                    None => aliases.push(Alias {
                        field: field.clone(),
                        populations: vec![population.key.clone()],
                        digests: realm.vault.digests(Purpose::Lookup, field, &normal),
                    }),
                }
            }
        }
        Self { email, normal, aliases }
    }

    /// The one spelling by which tries are counted where no account has the name.
    #[must_use]
    pub fn normal(&self) -> &str {
        &self.normal
    }

    /// The account it stands for. The same queries are asked whatever was typed, and whether or not there is one.
    pub fn account(&self, rx: &mut Rx<'_>) -> Result<Option<Account>> {
        // An impossible address is looked up as well.
        let by_email = account::by_email(rx, self.email.as_deref().unwrap_or(&self.normal))?;
        let mut by_alias: Vec<Account> = Vec::new();
        for alias in &self.aliases {
            let entries = registry::with_identifier(rx, &alias.field, &alias.digests)?;
            let found = account::of_entries(rx, &entries, &alias.populations)?;
            by_alias.extend(
                found.into_iter().filter(|account| by_alias.iter().all(|known| known.id != account.id)).collect::<Vec<_>>(),
            );
        }
        // A number that stands for two accounts says of neither that it is meant: their owner has two addresses.
        let sole = if by_alias.len() == 1 { by_alias.pop() } else { None };
        Ok(by_email.or(sole))
    }
}
