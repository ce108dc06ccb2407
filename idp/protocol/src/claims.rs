//! What tokens and userinfo say about a person.
//!
//! The standard claims (OpenID Connect Core section 5.1) are the `openidconnect` crate's type: it has every name, their
//! languages and their JSON forms. The payloads around them are plain structs of ours, because the crate's ID token always
//! writes `aud` as a list, and because an access token (RFC 9068) is no part of it. What relying parties built on that
//! crate make of our tokens is tested with its own verifier.

pub mod access_token;
pub mod id_token;
pub mod level;
pub mod person;

/// Every claim that an ID token or userinfo may hold, for the metadata.
pub const SUPPORTED: [&str; 22] = [
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
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
];
