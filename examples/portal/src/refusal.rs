//! Every way a sign-in can end without a session.

use axum::http::StatusCode;

/// Why a sign-in came to nothing. The person reads the page of its [`Refusal::reason`]; the log has the detail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The answer belongs to no login this browser started within the hour.
    #[error("no login of this browser has this state")]
    UnknownLogin,
    /// `access_denied`: the person left.
    #[error("the person cancelled")]
    Cancelled,
    /// `login_required` and its like (OpenID Connect Core 1.0, section 3.1.2.6).
    #[error("the provider wants to see the person: {0}")]
    SignInNeeded(String),
    /// The provider does not answer, or says that it cannot at the moment.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// The provider refuses this portal.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The answer did not pass a check: issuer, signature, nonce, audience, subject.
    #[error("the answer cannot be trusted: {0}")]
    Untrusted(String),
}

/// The pages that say so; each is a word of the page's address, and the start of its keys in `words/*.toml`.
pub(crate) const REASONS: [(&str, StatusCode); 6] = [
    ("unknown", StatusCode::BAD_REQUEST),
    ("cancelled", StatusCode::OK),
    ("needed", StatusCode::OK),
    ("unreachable", StatusCode::SERVICE_UNAVAILABLE),
    ("refused", StatusCode::BAD_GATEWAY),
    ("untrusted", StatusCode::BAD_GATEWAY),
];

impl Refusal {
    /// The refusal a provider's error code stands for (RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6).
    pub(crate) fn from_error_code(code: &str) -> Self {
        match code {
            "access_denied" => Self::Cancelled,
            "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
                Self::SignInNeeded(code.to_owned())
            }
            "temporarily_unavailable" | "server_error" => Self::Unreachable(code.to_owned()),
            _ => Self::Refused(code.chars().filter(char::is_ascii_graphic).take(60).collect()),
        }
    }

    /// The word for the page's address.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::UnknownLogin => "unknown",
            Self::Cancelled => "cancelled",
            Self::SignInNeeded(_) => "needed",
            Self::Unreachable(_) => "unreachable",
            Self::Refused(_) => "refused",
            Self::Untrusted(_) => "untrusted",
        }
    }
}
