//! Claims that a host adds to the provider's own: which names it may use, and how much it may say.

use super::SUPPORTED;
use serde_json::{Map, Value};

/// Most bytes that a host's claims may have, as JSON: an ID token travels in headers and cookies of relying parties.
pub const LARGEST: usize = 4_096;

/// The beginning of the provider's own names.
const OURS: &str = "urn:poterne:";

/// Registered names (IANA «JSON Web Token Claims») with a meaning for tokens or people that only the provider gives them; beside
/// those of [`SUPPORTED`].
const RESERVED: [&str; 26] = [
    "nbf",
    "jti",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "act",
    "may_act",
    "scope",
    "client_id",
    "cnf",
    "events",
    "toe",
    "txn",
    "sub_id",
    "sub_jwk",
    "grant_id",
    "authorization_details",
    "_claim_names",
    "_claim_sources",
    "entitlements",
    "trust_mark",
    "trust_chain",
    "active",
    "token_introspection",
    "typ",
];

/// Why a name cannot be a host's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// It is empty, long, or has characters that claims have not.
    #[error("{0:?} is no name of a claim: 1 to 100 characters of printable ASCII without quotes, blanks and backslashes")]
    Shape(String),
    /// It is the provider's, or of the standard.
    #[error("the claim {0} is the provider's to give")]
    Reserved(String),
}

/// Checks a name that a host wants to use.
pub fn check_name(name: &str) -> Result<(), BadName> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    if !(1..=100).contains(&name.len()) || !name.bytes().all(plain) {
        return Err(BadName::Shape(name.to_owned()));
    }
    // A name with a language (`family_name#fr`) is the same claim (OpenID Connect Core section 5.2).
    let base = name.split('#').next().unwrap_or_default();
    if base.starts_with(OURS) || SUPPORTED.contains(&base) || RESERVED.contains(&base) {
        return Err(BadName::Reserved(name.to_owned()));
    }
    Ok(())
}

/// What is taken of a host's claims: those of the names that it declared, never null. `None` when they are too large.
#[must_use]
pub fn accepted(claims: Map<String, Value>, declared: &[String]) -> Option<Map<String, Value>> {
    let kept: Map<String, Value> =
        claims.into_iter().filter(|(name, value)| declared.contains(name) && !value.is_null()).collect();
    let size = serde_json::to_vec(&kept).map_or(usize::MAX, |json| json.len());
    (size <= LARGEST).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_name_of_the_provider_or_the_standard_can_be_declared() {
        for name in SUPPORTED.iter().chain(&RESERVED) {
            assert_eq!(check_name(name), Err(BadName::Reserved((*name).to_owned())));
        }
        for name in ["urn:poterne:role", "name#de", "email_verified", "sub"] {
            assert!(matches!(check_name(name), Err(BadName::Reserved(_))), "{name}");
        }
        for name in ["", "a b", "a\"b", "é", &"x".repeat(101)] {
            assert!(matches!(check_name(name), Err(BadName::Shape(_))), "{name}");
        }
        for name in ["plan", "https://fund.example/plan", "urn:fund:plan", "groups"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn only_declared_names_with_values_pass_and_not_too_much() {
        let claims = json!({"plan": "1e", "sub": "other", "roles": null, "stray": 1});
        let declared = ["plan".to_owned(), "roles".to_owned()];
        let kept = accepted(claims.as_object().unwrap().clone(), &declared).unwrap();
        assert_eq!(Value::Object(kept), json!({"plan": "1e"}));
        let large = json!({"plan": "x".repeat(LARGEST)});
        assert_eq!(accepted(large.as_object().unwrap().clone(), &declared), None);
        let large_but_stray = json!({"stray": "x".repeat(LARGEST)});
        assert!(accepted(large_but_stray.as_object().unwrap().clone(), &declared).unwrap().is_empty());
    }
}
