//! Registration by clients themselves (OpenID Connect Dynamic Client Registration 1.0, RFC 7591) and its management (RFC 7592): what they ask
//! for, what a realm lets them have, what they are told.
//!
//! A client can name only what the specifications let it name: whatever else a registration has here (whether the operator has consented for
//! everybody, whom the client serves, its sector by name) is no member of a request, so that nothing in it can set it.

mod policy;
mod read;
#[cfg(test)]
mod tests;

pub use policy::Policy;
pub use read::{Rules, read};

use crate::client::Client;
use crate::error::{RegistrationError, RegistrationErrorCode as Code};
use serde_json::{Map, Value};

/// Every member that a client may name, and is told (RFC 7591 section 2, OpenID Connect Registration section 2, and the logout
/// specifications), in alphabetical order.
pub const MEMBERS: [&str; 36] = [
    "application_type",
    "backchannel_logout_session_required",
    "backchannel_logout_uri",
    "client_name",
    "client_uri",
    "contacts",
    "default_acr_values",
    "default_max_age",
    "frontchannel_logout_session_required",
    "frontchannel_logout_uri",
    "grant_types",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "id_token_signed_response_alg",
    "initiate_login_uri",
    "jwks",
    "jwks_uri",
    "logo_uri",
    "policy_uri",
    "post_logout_redirect_uris",
    "redirect_uris",
    "request_object_signing_alg",
    "request_uris",
    "require_auth_time",
    "response_types",
    "scope",
    "sector_identifier_uri",
    "software_id",
    "software_version",
    "subject_type",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "tos_uri",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "userinfo_signed_response_alg",
];

/// The members of a request, as JSON text (RFC 7591 section 3.1).
///
/// # Errors
/// `invalid_client_metadata` when the text is no JSON object.
pub fn members(body: &[u8]) -> Result<Map<String, Value>, RegistrationError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(RegistrationError::new(Code::InvalidClientMetadata, "the body is not a JSON object")),
    }
}

/// What the client is told of its registration as it stands now (RFC 7591 section 3.2.1), beside what names and proves it.
///
/// # Errors
/// When the registration has no JSON form, which its types exclude.
pub fn told(client: &Client) -> Result<Map<String, Value>, serde_json::Error> {
    let mut all = match serde_json::to_value(client)? {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    all.retain(|name, value| MEMBERS.contains(&name.as_str()) && !value.is_null());
    all.insert("client_id".to_owned(), client.client_id.as_str().into());
    Ok(all)
}

/// Refuses what an update must not hold, and another `client_id` (RFC 7592 section 2.2). The secret is left to be compared.
///
/// # Errors
/// `invalid_client_metadata`, with the member.
pub fn check_update(members: &Map<String, Value>, client_id: &str) -> Result<(), RegistrationError> {
    let ours = ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];
    if let Some(name) = ours.into_iter().find(|name| members.contains_key(*name)) {
        let words = format!("{name} must not stand in an update (RFC 7592 section 2.2)");
        return Err(RegistrationError::new(Code::InvalidClientMetadata, words));
    }
    match members.get("client_id") {
        Some(named) if named.as_str() != Some(client_id) => {
            Err(RegistrationError::new(Code::InvalidClientMetadata, "client_id is not this client's"))
        }
        _ => Ok(()),
    }
}

/// Whether a sector's document is a JSON array that holds every redirect URI (OpenID Connect Core section 8.1).
///
/// # Errors
/// `invalid_client_metadata`, with the redirect URI that is missing.
pub fn check_sector(document: &[u8], redirect_uris: &[String]) -> Result<(), RegistrationError> {
    let refused = |words: String| Err(RegistrationError::new(Code::InvalidClientMetadata, words));
    let Ok(listed) = serde_json::from_slice::<Vec<String>>(document) else {
        return refused("sector_identifier_uri does not lead to a JSON array of strings that can be fetched".to_owned());
    };
    match redirect_uris.iter().find(|uri| !listed.contains(uri)) {
        Some(missing) => refused(format!("sector_identifier_uri does not list the redirect URI {missing}")),
        None => Ok(()),
    }
}
