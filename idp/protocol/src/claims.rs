//! What tokens and userinfo say about a person.
//!
//! The standard claims (OpenID Connect Core section 5.1) are the `openidconnect` crate's type: it has every name, their
//! languages and their JSON forms. The payloads around them are plain structs of ours, because the crate's ID token always
//! writes `aud` as a list, and because an access token (RFC 9068) is no part of it. What relying parties built on that
//! crate make of our tokens is tested with its own verifier.

pub mod access_token;
pub mod extra;
pub mod further;
pub mod id_token;
pub mod level;
pub mod logout_token;
pub mod person;
pub mod request;

/// The scope that opens the claims of the fund's own kind.
pub const DOMAIN: &str = "poterne";
/// The key of the population that the account enrolled in.
pub const POPULATION: &str = "urn:poterne:population";
/// The organisation on whose behalf the account was made; see [`person::Organisation`].
pub const ORG: &str = "urn:poterne:org";

/// Every claim about a person that a scope opens (OpenID Connect Core section 5.4), with that scope.
const BY_SCOPE: [(&str, &str); 21] = [
    ("profile", "name"),
    ("profile", "given_name"),
    ("profile", "family_name"),
    ("profile", "middle_name"),
    ("profile", "nickname"),
    ("profile", "preferred_username"),
    ("profile", "profile"),
    ("profile", "picture"),
    ("profile", "website"),
    ("profile", "gender"),
    ("profile", "birthdate"),
    ("profile", "zoneinfo"),
    ("profile", "locale"),
    ("profile", "updated_at"),
    ("email", "email"),
    ("email", "email_verified"),
    ("address", "address"),
    ("phone", "phone_number"),
    ("phone", "phone_number_verified"),
    (DOMAIN, POPULATION),
    (DOMAIN, ORG),
];

/// The scope that opens a claim; `None` for a claim of the protocol and for an unknown one.
#[must_use]
pub fn scope_of(claim: &str) -> Option<&'static str> {
    BY_SCOPE.iter().find(|(_, name)| *name == claim).map(|(scope, _)| *scope)
}

/// The claims that a scope opens.
pub fn names_of(scope: &str) -> impl Iterator<Item = &'static str> {
    BY_SCOPE.iter().filter(move |(known, _)| *known == scope).map(|(_, name)| *name)
}

/// Every claim that an ID token or userinfo may hold, for the metadata.
pub const SUPPORTED: [&str; 31] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
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
    "address",
    "phone_number",
    "phone_number_verified",
    POPULATION,
    ORG,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_that_a_scope_opens_is_in_the_metadata_and_every_such_scope_as_well() {
        for (scope, name) in BY_SCOPE {
            assert!(SUPPORTED.contains(&name), "{name}");
            assert!(crate::scope::SUPPORTED.contains(&scope), "{scope}");
        }
        assert_eq!((scope_of("email_verified"), scope_of("sub"), scope_of("x")), (Some("email"), None, None));
        assert_eq!(names_of(DOMAIN).collect::<Vec<_>>(), [POPULATION, ORG]);
    }
}
