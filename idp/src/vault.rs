//! What protects data at rest: a master key that lies outside the database, and keys per realm and purpose sealed under it.
//!
//! Sealing is XChaCha20-Poly1305 with a random nonce of 24 bytes. Realm, table, column, row and key id are bound in, so that sealed
//! bytes cannot be moved to another row. What people type is found by HMAC-SHA-256 (`docs/decisions/005-keys-at-rest.md`).

use crate::entropy::Entropy;
use crate::error::{Failure, Result};
use aws_lc_rs::hmac;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use poterne_protocol::id::{KeyId, RealmId};
use poterne_protocol::secret::{Digest, Sealed, Secret};
use zeroize::Zeroizing;

const KEY_LEN: usize = 32;
const NONCE_LEN: usize = 24;
const ID_LEN: usize = 16;

/// A symmetric key of 256 bits. It is wiped when dropped and never printed.
type KeyBytes = Zeroizing<[u8; KEY_LEN]>;

/// The key that seals all realm keys. It comes from a file or the environment, never from the database.
#[derive(Clone)]
pub struct MasterKey(KeyBytes);

impl MasterKey {
    /// A new random master key.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> Self {
        Self(Zeroizing::new(entropy.bytes()))
    }

    /// Reads a master key: 64 hexadecimal digits, white space around them ignored.
    ///
    /// # Errors
    /// When the text has another shape. The text itself is not repeated.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Failure::Settings("a master key is 64 hexadecimal digits".into());
        let digits = text.trim();
        let mut key = Zeroizing::new([0; KEY_LEN]);
        if digits.len() != 2 * KEY_LEN || !digits.is_ascii() {
            return Err(wrong());
        }
        for (byte, at) in key.iter_mut().zip((0..digits.len()).step_by(2)) {
            let pair = digits.get(at..at + 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(key))
    }

    /// The master key as 64 hexadecimal digits, for the file it is kept in.
    #[must_use]
    pub fn to_hex(&self) -> Secret {
        Secret::new(hex(&*self.0))
    }

    /// By what a master key is recognised without being told: two keys have the same value only if they are the same.
    #[must_use]
    pub fn check_value(&self) -> String {
        self.seal_of("check value", "").get(..32).unwrap_or_default().to_owned()
    }

    /// What only the holder of the master key can say of a text, as hexadecimal digits. `kind` keeps uses apart.
    #[must_use]
    pub fn seal_of(&self, kind: &str, text: &str) -> String {
        let digest = RealmKey { id: KeyId::from_bytes([0; ID_LEN]), bytes: self.0.clone() }.digest(kind, text);
        hex(digest.as_bytes())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }

    /// A new random key of a realm, with its sealed form for the database.
    ///
    /// # Errors
    /// When the cipher refuses, which it does only for absurd lengths.
    pub fn new_realm_key(&self, realm: RealmId, id: KeyId, purpose: Purpose, entropy: &Entropy) -> Result<(RealmKey, Sealed)> {
        let bytes = Zeroizing::new(entropy.bytes::<KEY_LEN>());
        let sealed = seal(&self.cipher(), entropy, &key_place(realm, id, purpose), &*bytes)?;
        Ok((RealmKey { id, bytes }, Sealed::from_bytes(sealed)))
    }

    /// Opens a realm's key.
    ///
    /// # Errors
    /// [`Failure::Sealed`] when this is not the master key it was sealed under.
    pub fn open_realm_key(&self, realm: RealmId, id: KeyId, purpose: Purpose, sealed: &Sealed) -> Result<RealmKey> {
        let clear = unseal(&self.cipher(), &key_place(realm, id, purpose), sealed.as_bytes());
        let clear = clear.ok_or(Failure::Sealed("a realm key does not open under this master key"))?;
        let bytes: [u8; KEY_LEN] = clear.as_slice().try_into().map_err(|_| Failure::impossible("a realm key of odd length"))?;
        Ok(RealmKey { id, bytes: Zeroizing::new(bytes) })
    }
}

/// What a realm's key is for. A key serves one purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Sealing personal data, factor secrets, messages and signing keys.
    Seal,
    /// Finding identifiers (AVS numbers, phone numbers) by keyed digest.
    Lookup,
    /// Digests of activation codes and six-digit codes.
    Code,
    /// Deriving the successor of a rotated refresh token.
    Refresh,
}

impl Purpose {
    /// All purposes: a realm has a live key for each.
    pub const ALL: [Self; 4] = [Self::Seal, Self::Lookup, Self::Code, Self::Refresh];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Lookup => "lookup",
            Self::Code => "code",
            Self::Refresh => "refresh",
        }
    }

    /// Reads the name in the database.
    ///
    /// # Errors
    /// [`Failure::ImpossibleRow`] for any other text.
    pub fn parse(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|purpose| purpose.as_str() == text);
        found.ok_or_else(|| Failure::impossible("a realm key of unknown purpose"))
    }
}

/// One key of a realm.
#[derive(Clone)]
pub struct RealmKey {
    id: KeyId,
    bytes: KeyBytes,
}

/// Where a sealed value lies. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's id.
    pub row: &'a [u8; ID_LEN],
}

/// A realm's keys, opened.
#[derive(Clone)]
pub struct Vault {
    realm: RealmId,
    /// The live key of each purpose first, retired ones behind it.
    keys: Vec<(Purpose, RealmKey)>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({}, {} keys)", self.realm, self.keys.len())
    }
}

impl Vault {
    /// A realm's keys, for each purpose the live one first.
    #[must_use]
    pub const fn new(realm: RealmId, keys: Vec<(Purpose, RealmKey)>) -> Self {
        Self { realm, keys }
    }

    fn live(&self, purpose: Purpose) -> Result<&RealmKey> {
        let found = self.keys.iter().find(|(of, _)| *of == purpose);
        found.map(|(_, key)| key).ok_or_else(|| Failure::Settings(format!("the realm has no {} key", purpose.as_str())))
    }

    fn by_id(&self, purpose: Purpose, id: KeyId) -> Result<&RealmKey> {
        let found = self.keys.iter().find(|(of, key)| *of == purpose && key.id == id);
        found.map(|(_, key)| key).ok_or(Failure::Sealed("sealed under a key that is gone"))
    }

    /// Seals some bytes for one place: key id, nonce, ciphertext.
    pub fn seal(&self, entropy: &Entropy, place: Place<'_>, clear: &[u8]) -> Result<Sealed> {
        let key = self.live(Purpose::Seal)?;
        let mut bytes = key.id.as_bytes().to_vec();
        bytes.extend(seal(&key.cipher(), entropy, &place.bind(self.realm, key.id), clear)?);
        Ok(Sealed::from_bytes(bytes))
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// [`Failure::Sealed`] when the bytes were changed or belong elsewhere.
    pub fn unseal(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>> {
        let (id, rest) = sealed.as_bytes().split_at_checked(ID_LEN).ok_or(Failure::Sealed("too short"))?;
        let id = KeyId::from_bytes(id.try_into().map_err(|_| Failure::Sealed("too short"))?);
        let key = self.by_id(Purpose::Seal, id)?;
        unseal(&key.cipher(), &place.bind(self.realm, id), rest).ok_or(Failure::Sealed("changed, or moved from elsewhere"))
    }

    /// Opens sealed text.
    pub fn unseal_text(&self, place: Place<'_>, sealed: &Sealed) -> Result<Secret> {
        let clear = self.unseal(place, sealed)?;
        let text = std::str::from_utf8(&clear).map_err(|_| Failure::impossible("sealed text is not UTF-8"))?;
        Ok(Secret::new(text.to_owned()))
    }

    /// The keyed digest by which typed data is found, under the live key, with that key's id. `kind` keeps equal texts of different
    /// kinds apart.
    pub fn digest(&self, purpose: Purpose, kind: &str, text: &str) -> Result<(KeyId, Digest)> {
        let key = self.live(purpose)?;
        Ok((key.id, key.digest(kind, text)))
    }

    /// The keyed digest under a named key, to compare with a stored one.
    pub fn digest_with(&self, purpose: Purpose, id: KeyId, kind: &str, text: &str) -> Result<Digest> {
        Ok(self.by_id(purpose, id)?.digest(kind, text))
    }

    /// The keyed digests under all keys of a purpose, the live one first: what a look-up asks for.
    #[must_use]
    pub fn digests(&self, purpose: Purpose, kind: &str, text: &str) -> Vec<Digest> {
        let keys = self.keys.iter().filter(|(of, _)| *of == purpose);
        keys.map(|(_, key)| key.digest(kind, text)).collect()
    }

    /// The raw live key of a purpose, for rules that derive from it.
    pub fn key(&self, purpose: Purpose) -> Result<&[u8; KEY_LEN]> {
        Ok(&self.live(purpose)?.bytes)
    }
}

impl RealmKey {
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.bytes).into())
    }

    fn digest(&self, kind: &str, text: &str) -> Digest {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*self.bytes));
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        Digest::from_bytes(bytes)
    }
}

impl Place<'_> {
    fn bind(&self, realm: RealmId, key: KeyId) -> Vec<u8> {
        let name = format!("{}.{}", self.table, self.column);
        [realm.as_bytes().as_slice(), key.as_bytes(), self.row, name.as_bytes()].concat()
    }
}

/// Hexadecimal digits, lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn key_place(realm: RealmId, id: KeyId, purpose: Purpose) -> Vec<u8> {
    [realm.as_bytes().as_slice(), id.as_bytes(), b"realm_key.", purpose.as_str().as_bytes()].concat()
}

fn seal(cipher: &XChaCha20Poly1305, entropy: &Entropy, aad: &[u8], clear: &[u8]) -> Result<Vec<u8>> {
    let nonce = entropy.bytes::<NONCE_LEN>();
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: clear, aad });
    let sealed = sealed.map_err(|_| Failure::Sealed("cannot be sealed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn unseal(cipher: &XChaCha20Poly1305, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
    cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad }).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(entropy: &Entropy) -> Vault {
        let (master, realm) = (MasterKey::generate(entropy), RealmId::from_bytes([1; 16]));
        let key = |purpose| {
            let id = KeyId::from_bytes(entropy.bytes());
            let (_, sealed) = master.new_realm_key(realm, id, purpose, entropy).unwrap();
            (purpose, master.open_realm_key(realm, id, purpose, &sealed).unwrap())
        };
        Vault::new(realm, Purpose::ALL.into_iter().map(key).collect())
    }

    #[test]
    fn a_sealed_value_opens_only_where_it_was_sealed() {
        let entropy = Entropy::seeded(1);
        let vault = vault(&entropy);
        let place = |table, column, row| Place { table, column, row };
        let sealed = vault.seal(&entropy, place("factor", "sealed", &[1; 16]), b"756.0000.0000.19").unwrap();
        let opened = |place: Place<'_>| vault.unseal(place, &sealed).map(|clear| clear.to_vec());
        assert_eq!(opened(place("factor", "sealed", &[1; 16])).unwrap(), b"756.0000.0000.19");
        for elsewhere in
            [place("factor", "sealed", &[2; 16]), place("factor", "label", &[1; 16]), place("message", "sealed", &[1; 16])]
        {
            assert!(matches!(opened(elsewhere), Err(Failure::Sealed(_))), "{elsewhere:?}");
        }
        assert!(!sealed.as_bytes().windows(4).any(|part| part == b"0000"));
    }

    #[test]
    fn a_realm_key_opens_under_its_own_master_key_only() {
        let entropy = Entropy::seeded(2);
        let (realm, id) = (RealmId::from_bytes([1; 16]), KeyId::from_bytes([2; 16]));
        let master = MasterKey::generate(&entropy);
        let (_, sealed) = master.new_realm_key(realm, id, Purpose::Seal, &entropy).unwrap();
        assert!(master.open_realm_key(realm, id, Purpose::Seal, &sealed).is_ok());
        assert!(master.open_realm_key(realm, id, Purpose::Code, &sealed).is_err());
        assert!(MasterKey::generate(&entropy).open_realm_key(realm, id, Purpose::Seal, &sealed).is_err());
        assert!(MasterKey::parse(master.to_hex().expose()).unwrap().open_realm_key(realm, id, Purpose::Seal, &sealed).is_ok());
    }

    #[test]
    fn equal_texts_of_different_kinds_have_different_digests() {
        let vault = vault(&Entropy::seeded(3));
        let digest = |purpose, kind| vault.digest(purpose, kind, "42").unwrap().1;
        assert_eq!(digest(Purpose::Lookup, "phone"), digest(Purpose::Lookup, "phone"));
        assert_ne!(digest(Purpose::Lookup, "phone"), digest(Purpose::Lookup, "avs"));
        assert_ne!(digest(Purpose::Lookup, "phone"), digest(Purpose::Code, "phone"));
    }

    #[test]
    fn a_malformed_master_key_is_refused_without_being_repeated() {
        for text in ["", "abc", &"g".repeat(64), &"é".repeat(32)] {
            let Err(failure) = MasterKey::parse(text) else { panic!("{text} passed") };
            assert!(text.is_empty() || !failure.to_string().contains(text));
        }
    }
}
