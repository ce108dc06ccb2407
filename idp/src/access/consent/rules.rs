//! Which words stand for what a client gets. Pure.

use poterne_protocol::consent::Agreed;
use poterne_protocol::scope::OPENID;
use serde::Serialize;

/// Scopes that have words of their own.
const SCOPES: &[&str] = &["openid", "profile", "email", "phone", "address", "poterne", "offline_access"];

/// Claims that have words of their own.
const CLAIMS: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
    "urn:poterne:population",
    "urn:poterne:org",
];

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
    let scopes = SCOPES.iter().copied().filter(|word| agreed.scope.contains(word));
    let unknown = agreed.scope.words().filter(|word| !SCOPES.contains(word));
    let (last, first): (Vec<&str>, Vec<&str>) = scopes.chain(unknown).partition(|word| *word == "offline_access");
    let scope = |word: &str| {
        let is_new = word != OPENID && earlier.is_some_and(|earlier| !earlier.scope.contains(word));
        Thing { key: key("scope", word, SCOPES), name: word.to_owned(), is_new }
    };
    let claim = |name: &String| {
        let alone = Agreed { claims: [name.clone()].into(), ..Agreed::default() };
        let is_new = earlier.is_some_and(|earlier| !earlier.covers(&alone));
        Thing { key: key("claim", name, CLAIMS), name: name.clone(), is_new }
    };
    let first = first.into_iter().map(scope);
    first.chain(agreed.claims.iter().map(claim)).chain(last.into_iter().map(scope)).collect()
}

/// The key of the words for a scope or a claim.
fn key(kind: &str, name: &str, known: &[&str]) -> String {
    let word = if known.contains(&name) { name.replace(['_', ':'], "-") } else { "other".into() };
    format!("consent-{kind}-{word}")
}
