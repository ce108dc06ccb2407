//! Revocation (RFC 7009): a client says that it needs a token no more. Reading the request is [`crate::introspection::parse`].
//!
//! What hangs on a grant ends with the whole grant, whichever token of it is presented: section 2.1 asks for it where a refresh token is
//! revoked, and allows it for an access token. A token without a grant ends alone.

use crate::error::TokenError;
use crate::id::ClientRowId;

/// What was found of a token that is presented: it is genuine, and its time is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The client it was issued to.
    pub issued_to: ClientRowId,
    /// Whether it was issued from a grant.
    pub from_grant: bool,
}

/// What to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoke {
    /// End its grant, with every token of it.
    Grant,
    /// End this token.
    Token,
    /// Nothing: it is unknown or ended already, which is what the client wants (section 2.2).
    Nothing,
    /// Say no (section 2.1): it is another client's.
    Refuse(TokenError),
}

/// Decides about a token that a client, having proven who it is, presents.
#[must_use]
pub fn revoke(found: Option<Found>, client: ClientRowId) -> Revoke {
    match found {
        None => Revoke::Nothing,
        Some(found) if found.issued_to != client => {
            Revoke::Refuse(TokenError::invalid_grant("the token was issued to another client"))
        }
        Some(found) if found.from_grant => Revoke::Grant,
        Some(_) => Revoke::Token,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7009_2_1_a_client_revokes_its_own_tokens_and_no_others() {
        let [mine, theirs] = [1, 2].map(|byte| ClientRowId::from_bytes([byte; 16]));
        let found = |issued_to, from_grant| Some(Found { issued_to, from_grant });
        let refused = Revoke::Refuse(TokenError::invalid_grant("the token was issued to another client"));
        for (found, expected) in [
            (None, Revoke::Nothing),
            (found(mine, true), Revoke::Grant),
            (found(mine, false), Revoke::Token),
            (found(theirs, true), refused.clone()),
            (found(theirs, false), refused),
        ] {
            assert_eq!(revoke(found, mine), expected, "{found:?}");
        }
    }
}
