//! Logins on their way to the provider and back.

use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};

use crate::portal::{Digest, digest, same};

/// How long a login may take, in seconds.
pub(crate) const LIFE: i64 = 3600;
/// How many may be under way at once.
pub(crate) const MOST: usize = 10_000;
/// How many of one browser; a request's cookies must stay small.
pub(crate) const MOST_PER_BROWSER: usize = 8;

/// One login under way. It is found by its id, the first part of `state`, and belongs to the browser that has its cookie.
pub(crate) struct Login {
    state: Digest,
    browser: Digest,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: PkceCodeVerifier,
    pub(crate) return_to: String,
}

/// What a login sends out: `state` to the provider, the other two into the browser's cookie.
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) state: CsrfToken,
    pub(crate) cookie: String,
}

/// A new random value of 256 bits, in base64url.
pub(crate) fn random() -> String {
    CsrfToken::new_random_len(32).into_secret()
}

impl Login {
    /// Starts a login that will end on `return_to`.
    pub(crate) fn start(nonce: Nonce, verifier: PkceCodeVerifier, return_to: String) -> (Self, Sent) {
        let id = CsrfToken::new_random_len(16).into_secret();
        let (state, cookie) = (format!("{id}.{}", random()), random());
        let login = Self { state: digest(&state), browser: digest(&cookie), nonce, verifier, return_to };
        (login, Sent { id, state: CsrfToken::new(state), cookie })
    }

    /// Whether this is the login of that `state`, in that browser.
    pub(crate) fn is_of(&self, state: &str, cookie: &str) -> bool {
        same(&self.state, &digest(state)) && same(&self.browser, &digest(cookie))
    }
}

/// The id of the login a `state` names.
pub(crate) fn id_of(state: &str) -> Option<&str> {
    state.split_once('.').map(|(id, _)| id)
}
