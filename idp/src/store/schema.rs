//! The tables as diesel sees them: written by hand beside `migrations/`, and compared with both databases by a test.

mod access;
mod directory;
mod oidc;
mod onboarding;
mod operations;

pub use access::*;
pub use directory::*;
pub use oidc::*;
pub use onboarding::*;
pub use operations::*;

diesel::allow_tables_to_appear_in_same_query!(
    realm,
    realm_key,
    signing_key,
    client,
    registry_entry,
    identifier,
    staged_entry,
    staged_identifier,
    account,
    factor,
    terms_version,
    acceptance,
    browser,
    session,
    session_client,
    flow,
    known_device,
    recovery,
    not_me_link,
    parked_request,
    challenge,
    activation_code,
    enrollment,
    oauth_grant,
    authorization_code,
    refresh_token,
    access_token,
    consent,
    single_use,
    initial_access_token,
    client_logo,
    subject_identifier,
    counter,
    message,
    audit_event,
    lease,
);
