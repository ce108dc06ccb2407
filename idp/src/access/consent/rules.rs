//! Which words stand for what a client gets. Pure.

use poterne_protocol::claims::scope_of;
use poterne_protocol::consent::Agreed;
use poterne_protocol::scope::{OPENID, SUPPORTED};
use serde::Serialize;

/// One line of what a client gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thing {
    /// The key of its words.
    pub key: String,
    /// What it is called on the wire, where it has no words of its own.
    pub name: String,
    /// Whether the person has not agreed to it before.
    pub is_new: bool,
}

/// What a client gets, line by line: that it recognises the person first, that it goes on without them last. `earlier` is what the person
/// agreed to before; without it nothing is called new.
#[must_use]
pub fn things(agreed: &Agreed, earlier: Option<&Agreed>) -> Vec<Thing> {
    let scopes = SUPPORTED.into_iter().filter(|word| agreed.scope.contains(word));
    let unknown = agreed.scope.words().filter(|word| !SUPPORTED.contains(word));
    let (last, first): (Vec<&str>, Vec<&str>) = scopes.chain(unknown).partition(|word| *word == "offline_access");
    let scope = |word: &str| {
        let is_new = word != OPENID && earlier.is_some_and(|earlier| !earlier.scope.contains(word));
        Thing { key: key("scope", word, SUPPORTED.contains(&word)), name: word.to_owned(), is_new }
    };
    let claim = |name: &String| {
        let alone = Agreed { claims: [name.clone()].into(), ..Agreed::default() };
        let is_new = earlier.is_some_and(|earlier| !earlier.covers(&alone));
        Thing { key: key("claim", name, scope_of(name).is_some()), name: name.clone(), is_new }
    };
    let first = first.into_iter().map(scope);
    first.chain(agreed.claims.iter().map(claim)).chain(last.into_iter().map(scope)).collect()
}

/// The key of the words for a scope or a claim: what the provider knows has words of its own.
fn key(kind: &str, name: &str, known: bool) -> String {
    let word = if known { name.replace(['_', ':'], "-") } else { "other".into() };
    format!("consent-{kind}-{word}")
}
