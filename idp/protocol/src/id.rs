//! Identifiers: sixteen bytes that sort by time, one type per kind of thing.
//!
//! An identifier is never a secret: whatever must be unguessable is a [`Secret`](crate::secret::Secret) beside it.

use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of an identifier.
pub const ID_LEN: usize = 16;

/// A text that is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct BadId;

/// Lays out an identifier: 48 bits of milliseconds since 1970, then 80 random bits.
#[must_use]
pub fn id_bytes(now: Timestamp, random: [u8; 10]) -> [u8; ID_LEN] {
    let millis = u64::try_from(now.micros() / 1000).unwrap_or(0).to_be_bytes();
    let mut bytes = [0; ID_LEN];
    let (head, tail) = bytes.split_at_mut(6);
    head.copy_from_slice(millis.split_at(2).1);
    tail.copy_from_slice(&random);
    bytes
}

/// Writes sixteen bytes as 22 characters of base64url (RFC 4648 section 5, no padding).
fn to_text(bytes: [u8; ID_LEN]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads what [`to_text`] wrote, in its one canonical spelling.
fn from_text(text: &str) -> Result<[u8; ID_LEN], BadId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadId)?;
    bytes.try_into().map_err(|_| BadId)
}

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Sixteen bytes; in text 22 characters of base64url.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
        #[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Binary))]
        pub struct $name([u8; ID_LEN]);

        impl $name {
            /// A new identifier, sorted by its time.
            #[must_use]
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                Self(id_bytes(now, random))
            }

            /// The identifier with these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; ID_LEN]) -> Self {
                Self(bytes)
            }

            /// The identifier's bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; ID_LEN] {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&to_text(self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                from_text(text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "diesel")]
        crate::columns::bytes_column!($name, |bytes| bytes.try_into().map(Self).map_err(|_| "an identifier is sixteen bytes".into()));
    )*};
}

id_types! {
    /// A realm: one fund with its own issuer, keys, people and clients.
    RealmId;
    /// A registered client (a relying-party portal), by its row, not its `client_id`.
    ClientRowId;
    /// A key: signing, sealing or look-up.
    KeyId;
    /// An entry of the fund's registry: a person or an organisation that may be invited.
    EntryId;
    /// One import of a file of the fund's into its registry.
    ImportId;
    /// An activation code.
    CodeId;
    /// One attempt to enroll with an activation code.
    EnrollmentId;
    /// An account.
    AccountId;
    /// A second factor of an account.
    FactorId;
    /// One attempt to reset a forgotten password.
    RecoveryId;
    /// A one-time code that was sent, waiting for its answer.
    ChallengeId;
    /// A browser that once visited the provider.
    BrowserId;
    /// A session of an account in a browser.
    SessionId;
    /// One authorization request on its way through sign-in.
    FlowId;
    /// A request that was posted and waits for the browser to come back by GET.
    ParkedRequestId;
    /// What a person allowed a client, and what was issued from it.
    GrantId;
    /// An authorization code.
    AuthorizationCodeId;
    /// A refresh token.
    RefreshTokenId;
    /// An opaque access token.
    AccessTokenId;
    /// An initial access token: the operator's invitation to register a client.
    InvitationId;
    /// A message in the outbox.
    MessageId;
    /// The «this was not me» link of a notice.
    NotMeLinkId;
    /// An acceptance of terms.
    AcceptanceId;
    /// An event of the audit trail.
    EventId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_survives_its_text_and_sorts_by_time() {
        let early = AccountId::new(Timestamp::from_micros(1_000_000), [9; 10]);
        let late = AccountId::new(Timestamp::from_micros(2_000_000), [0; 10]);
        assert!(early < late);
        assert_eq!(early.to_string().parse(), Ok(early));
        assert_eq!(early.to_string().len(), 22);
        for bad in ["", "short", "!!!!!!!!!!!!!!!!!!!!!!", &format!("{early}A"), &format!("{early}=")] {
            assert_eq!(bad.parse::<AccountId>(), Err(BadId), "{bad}");
        }
    }
}
