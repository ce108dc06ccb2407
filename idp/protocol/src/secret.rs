//! Secrets and what is kept of them: a clear secret has no `Debug`, the store takes only digests and sealed bytes.

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// Random bytes of a secret that is handed out: 256 bits.
pub const SECRET_LEN: usize = 32;

/// A clear secret text. It is wiped when dropped, and neither printed nor serialised by accident.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a clear text in.
    #[must_use]
    pub fn new(clear: String) -> Self {
        Self(Zeroizing::new(clear))
    }

    /// A secret of 256 random bits, as 43 characters of base64url.
    #[must_use]
    pub fn from_random(random: &[u8; SECRET_LEN]) -> Self {
        Self::new(URL_SAFE_NO_PAD.encode(random))
    }

    /// The clear text. The name makes every place that reads it easy to find.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be kept of a secret with at least 128 random bits: its SHA-256.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl From<String> for Secret {
    fn from(clear: String) -> Self {
        Self::new(clear)
    }
}

/// A 32-byte digest of a secret: a plain SHA-256 of what is random, a keyed one (HMAC-SHA-256) of what people type.
///
/// `==` takes the same time whatever differs.
#[derive(Clone, Copy, Eq)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Binary))]
pub struct Digest([u8; 32]);

impl Digest {
    /// The SHA-256 of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(out)
    }

    /// A digest that was computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(feature = "diesel")]
crate::columns::bytes_column!(Digest, |bytes| bytes.try_into().map(Self).map_err(|_| "a digest is 32 bytes".into()));

/// Encrypted bytes as they lie in the database: a key id, a nonce, the ciphertext.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "diesel", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
#[cfg_attr(feature = "diesel", diesel(sql_type = diesel::sql_types::Binary))]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Bytes that were sealed.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The sealed bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

#[cfg(feature = "diesel")]
crate::columns::bytes_column!(Sealed, |bytes| Ok(Self(bytes.to_vec())));

/// What is handed out for a row: `id.secret`. The row is found by its id, the secret compared by digest in constant
/// time; so no index ever holds a secret or its digest.
#[derive(Debug, Clone)]
pub struct Handle<I> {
    /// Names the row.
    pub id: I,
    /// Proves the right to it.
    pub secret: Secret,
}

impl<I: std::fmt::Display> Handle<I> {
    /// The text to hand out. It is itself a secret.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{}.{}", self.id, self.secret.expose())
    }
}

impl<I: std::str::FromStr> Handle<I> {
    /// Reads `id.secret`; `None` when it has another shape. The secret may have any content: only its digest counts.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.split_once('.')?;
        (secret.len() == 43).then_some(())?;
        Some(Self { id: id.parse().ok()?, secret: Secret::new(secret.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("marie".into());
        let shown = format!("{secret:?} {:?} {:?}", secret.digest(), Sealed::from_bytes(vec![1]));
        assert_eq!(shown, "Secret(…) Digest(…) Sealed(1 bytes)");
    }

    #[test]
    fn a_handle_survives_its_text() {
        let handle = Handle { id: SessionId::from_bytes([7; 16]), secret: Secret::from_random(&[3; 32]) };
        let read = Handle::<SessionId>::parse(&handle.expose()).unwrap();
        assert_eq!((read.id, read.secret.digest()), (handle.id, handle.secret.digest()));
        for bad in ["", ".", "abc.def", &handle.expose()[..50], &format!("{}x", handle.expose())] {
            assert!(Handle::<SessionId>::parse(bad).is_none(), "{bad}");
        }
    }
}
