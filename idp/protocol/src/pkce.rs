//! Proof Key for Code Exchange (RFC 7636): S256 only, and no way around it in either direction (RFC 9700 section 2.1.1).

use crate::secret::Digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// The one method that is accepted (RFC 7636 section 4.2).
pub const METHOD: &str = "S256";

/// What an authorization request commits to: `BASE64URL(SHA256(code_verifier))`, 43 characters (RFC 7636 section 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

/// Why the challenge of an authorization request is refused (RFC 7636 section 4.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChallengeError {
    /// The client must use PKCE and does not.
    #[error("code_challenge is required")]
    Missing,
    /// `plain` by name or by omission of the method (RFC 7636 section 4.3), or another method.
    #[error("code_challenge_method must be S256")]
    Method,
    /// A method without a challenge.
    #[error("code_challenge_method without code_challenge")]
    Alone,
    /// The challenge is no SHA-256 in base64url.
    #[error("code_challenge is not a SHA-256 in base64url")]
    Malformed,
}

/// Why the verifier of a token request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifierError {
    /// A challenge was sent and the verifier is missing (RFC 7636 section 4.6).
    #[error("code_verifier is required")]
    Missing,
    /// A verifier where no challenge was sent: a sign of a downgrade (RFC 9700 section 4.8.2).
    #[error("code_verifier without a code_challenge in the authorization request")]
    Unexpected,
    /// Not 43 to 128 unreserved characters (RFC 7636 section 4.1).
    #[error("code_verifier is malformed")]
    Malformed,
    /// It does not hash to the challenge.
    #[error("code_verifier does not match")]
    Mismatch,
}

/// Reads the challenge of an authorization request. `required` is the client's `require_pkce`.
pub fn challenge(challenge: Option<&str>, method: Option<&str>, required: bool) -> Result<Option<CodeChallenge>, ChallengeError> {
    match (challenge, method) {
        (None, Some(_)) => Err(ChallengeError::Alone),
        (None, None) if required => Err(ChallengeError::Missing),
        (None, None) => Ok(None),
        (Some(text), Some(METHOD)) => {
            let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ChallengeError::Malformed)?;
            if bytes.len() == 32 { Ok(Some(CodeChallenge(text.to_owned()))) } else { Err(ChallengeError::Malformed) }
        }
        (Some(_), _) => Err(ChallengeError::Method),
    }
}

/// Checks the verifier of a token request against the challenge of the authorization request (RFC 7636 section 4.6).
pub fn verify(challenge: Option<&CodeChallenge>, verifier: Option<&str>) -> Result<(), VerifierError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(VerifierError::Unexpected),
        (Some(_), None) => Err(VerifierError::Missing),
        (Some(_), Some(verifier)) if !well_formed(verifier) => Err(VerifierError::Malformed),
        (Some(CodeChallenge(expected)), Some(verifier)) => {
            let sent = Digest::of(verifier.as_bytes());
            let kept = URL_SAFE_NO_PAD.decode(expected).ok().and_then(|bytes| bytes.try_into().ok()).map(Digest::from_bytes);
            if kept == Some(sent) { Ok(()) } else { Err(VerifierError::Mismatch) }
        }
    }
}

/// `code-verifier = 43*128unreserved` (RFC 7636 section 4.1).
fn well_formed(verifier: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc7636_b_the_example_of_the_specification() {
        let kept = challenge(Some(CHALLENGE), Some("S256"), true).unwrap();
        assert_eq!(verify(kept.as_ref(), Some(VERIFIER)), Ok(()));
    }

    #[test]
    fn rfc7636_4_3_only_s256_is_accepted() {
        for (sent, method, required, expected) in [
            (None, None, true, Err(ChallengeError::Missing)),
            (None, None, false, Ok(false)),
            (None, Some("S256"), false, Err(ChallengeError::Alone)),
            (Some(CHALLENGE), None, false, Err(ChallengeError::Method)),
            (Some(VERIFIER), Some("plain"), true, Err(ChallengeError::Method)),
            (Some(CHALLENGE), Some("s256"), true, Err(ChallengeError::Method)),
            (Some("short"), Some("S256"), true, Err(ChallengeError::Malformed)),
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"), Some("S256"), true, Err(ChallengeError::Malformed)),
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="), Some("S256"), true, Err(ChallengeError::Malformed)),
            (Some(CHALLENGE), Some("S256"), false, Ok(true)),
        ] {
            assert_eq!(challenge(sent, method, required).map(|kept| kept.is_some()), expected, "{sent:?} {method:?}");
        }
    }

    #[test]
    fn rfc9700_4_8_2_no_downgrade_either_way() {
        let kept = challenge(Some(CHALLENGE), Some("S256"), true).unwrap();
        let long = "a".repeat(129);
        let other = format!("{}A", &VERIFIER[..42]);
        for (kept, verifier, expected) in [
            (None, None, Ok(())),
            (None, Some(VERIFIER), Err(VerifierError::Unexpected)),
            (kept.as_ref(), None, Err(VerifierError::Missing)),
            (kept.as_ref(), Some(""), Err(VerifierError::Malformed)),
            (kept.as_ref(), Some(&VERIFIER[..42]), Err(VerifierError::Malformed)),
            (kept.as_ref(), Some(long.as_str()), Err(VerifierError::Malformed)),
            (kept.as_ref(), Some("dBjftJeZ4CVP mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Err(VerifierError::Malformed)),
            (kept.as_ref(), Some(CHALLENGE), Err(VerifierError::Mismatch)),
            (kept.as_ref(), Some(other.as_str()), Err(VerifierError::Mismatch)),
        ] {
            assert_eq!(verify(kept, verifier), expected, "{verifier:?}");
        }
    }
}
