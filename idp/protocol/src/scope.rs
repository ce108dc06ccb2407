//! Scopes: sets of words that a client asks for and is granted (RFC 6749 section 3.3, OpenID Connect Core section 5.4).

use crate::claims;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The scope that makes a request an OpenID request (OpenID Connect Core section 3.1.2.1).
pub const OPENID: &str = "openid";
/// The scope that asks for a refresh token that outlives the session (OpenID Connect Core section 11).
pub const OFFLINE_ACCESS: &str = "offline_access";
/// Every scope the provider knows, in the order its metadata lists them.
pub const SUPPORTED: [&str; 7] = [OPENID, "profile", "email", "address", "phone", claims::DOMAIN, OFFLINE_ACCESS];

/// A text that is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a scope is words of printable ASCII without quotes and backslashes, separated by single spaces")]
pub struct BadScope;

/// A set of scope words. In text: `openid` first, then by alphabet, so that the same set is the same text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scope(BTreeSet<String>);

impl Scope {
    /// Reads words separated by spaces (RFC 6749 section 3.3). Order and repetition do not matter.
    pub fn parse(text: &str) -> Result<Self, BadScope> {
        text.split(' ').filter(|word| !word.is_empty()).map(word).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the word is in the set.
    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    /// Whether there is no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every word of this set is in the other.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The words in both sets.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The words of both sets together.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// The set without one word.
    #[must_use]
    pub fn without(mut self, word: &str) -> Self {
        self.0.remove(word);
        self
    }

    /// The words, `openid` first.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let first = self.0.get(OPENID).map(String::as_str);
        first.into_iter().chain(self.0.iter().map(String::as_str).filter(|word| *word != OPENID))
    }
}

fn word(word: &str) -> Result<String, BadScope> {
    let allowed = |byte| matches!(byte, b'\x21' | b'\x23'..=b'\x5b' | b'\x5d'..=b'\x7e');
    if word.bytes().all(allowed) { Ok(word.to_owned()) } else { Err(BadScope) }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.words().enumerate().try_for_each(|(nth, word)| {
            if nth > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word)
        })
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = BadScope;
    fn try_from(text: String) -> Result<Self, BadScope> {
        Self::parse(&text)
    }
}

/// Which of the requested words are granted: those the provider knows and the client is registered for; the others are
/// ignored (OpenID Connect Core section 3.1.2.1). `may_be_offline` says whether `offline_access` may be granted at all.
#[must_use]
pub fn allowed(requested: &Scope, registered: &Scope, may_be_offline: bool) -> Scope {
    let is_granted = |word: &&String| {
        registered.contains(word) && SUPPORTED.contains(&word.as_str()) && (may_be_offline || *word != OFFLINE_ACCESS)
    };
    Scope(requested.0.iter().filter(is_granted).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn rfc6749_3_3_order_and_repetition_do_not_matter() {
        assert_eq!(scope("profile email openid email"), scope("openid email profile"));
        assert_eq!(scope(" profile  email openid").to_string(), "openid email profile");
        assert_eq!(scope("profile email").to_string(), "email profile");
        assert!(scope("").is_empty());
        for bad in ["a\"b", "a\\b", "é", "a\tb", "a\nb", "\u{7f}"] {
            assert_eq!(Scope::parse(bad), Err(BadScope), "{bad:?}");
        }
    }

    #[test]
    fn core_3_1_2_1_unknown_and_foreign_words_are_ignored() {
        let registered = scope("openid email offline_access admin");
        let granted = |requested, offline| allowed(&scope(requested), &registered, offline).to_string();
        assert_eq!(granted("openid profile email nonsense admin", true), "openid email");
        assert_eq!(granted("openid offline_access", true), "openid offline_access");
        assert_eq!(granted("openid offline_access", false), "openid");
        assert_eq!(granted("profile", true), "");
    }

    #[test]
    fn a_scope_is_one_text_in_json() {
        let json = serde_json::to_string(&scope("email openid")).unwrap();
        assert_eq!(json, "\"openid email\"");
        assert_eq!(serde_json::from_str::<Scope>(&json).unwrap(), scope("openid email"));
        assert!(serde_json::from_str::<Scope>("\"a\\\"b\"").is_err());
    }
}
