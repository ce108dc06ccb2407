//! A client's key set: every key checked, none private.

use super::{ED25519, ForeignRefusal};
use crate::jose::jwk::{Base64Url, Curve, OkpCurve, PublicKey};
use crate::jose::{Algorithm, KeyManagement};
use serde_json::{Map, Value};

/// Longest key set that is read, in bytes.
pub const MAX_SET_LEN: usize = 64 * 1024;
/// Most keys that a set may have.
pub const MAX_KEYS: usize = 32;

/// The members that hold private or shared keys (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1, RFC 8037 section 2), and `priv` of newer types.
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// Those of them that are private in every type there is; a `q` of a type that we do not know may be anything.
const PRIVATE_ANYWHERE: [&str; 3] = ["d", "k", "priv"];

/// What a key says it is for (RFC 7517 section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignUse {
    /// Signatures alone.
    Signature,
    /// Encryption alone.
    Encryption,
    /// Anything: it does not say.
    Any,
}

/// A public key of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The key.
    pub key: PublicKey,
    /// Its name.
    pub kid: Option<String>,
    /// The one algorithm it is for, for signatures or encryption.
    pub alg: Option<String>,
    /// What it is for.
    pub key_use: ForeignUse,
}

/// The public keys of somebody else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignKeySet {
    keys: Vec<ForeignKey>,
}

/// What is wrong with a key set, in words for whoever wrote it. Keys are counted from one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKeySet {
    /// Longer than [`MAX_SET_LEN`].
    #[error("the key set is longer than {MAX_SET_LEN} bytes")]
    TooLong,
    /// No JSON object with a list `keys` of objects.
    #[error("the key set is not a JSON object with a list \"keys\" of keys")]
    Shape,
    /// More than [`MAX_KEYS`] keys.
    #[error("the key set has more than {MAX_KEYS} keys")]
    TooMany,
    /// A key holds its private half, or is a shared secret.
    #[error("key {0} has the private member \"{1}\": publish only public keys, and make a new one in its place")]
    Private(usize, &'static str),
    /// A key lacks a member of its type, or has one that is no number of that kind.
    #[error(
        "key {0} is not a public key of its type: RSA needs n and e of at least 2048 bits, EC a point of its curve, OKP its 32 bytes"
    )]
    Key(usize),
    /// Two keys of one type bear one name.
    #[error("two keys have the kid \"{0}\"")]
    Twice(String),
}

impl ForeignKeySet {
    /// Reads a key set. Members that we do not know are ignored, and so are keys of types, curves and uses that we do not know (RFC 7517
    /// section 5).
    pub fn parse(text: &[u8]) -> Result<Self, BadKeySet> {
        if text.len() > MAX_SET_LEN {
            return Err(BadKeySet::TooLong);
        }
        Self::checked(&serde_json::from_slice(text).map_err(|_| BadKeySet::Shape)?)
    }

    /// The same of a key set that stands in a registration.
    pub fn from_value(value: &Value) -> Result<Self, BadKeySet> {
        if value.to_string().len() > MAX_SET_LEN { Err(BadKeySet::TooLong) } else { Self::checked(value) }
    }

    fn checked(value: &Value) -> Result<Self, BadKeySet> {
        let keys = value.get("keys").and_then(Value::as_array).ok_or(BadKeySet::Shape)?;
        if keys.len() > MAX_KEYS {
            return Err(BadKeySet::TooMany);
        }
        let mut set = Self::default();
        for (at, key) in (1..).zip(keys) {
            let Some(key) = read(at, key.as_object().ok_or(BadKeySet::Shape)?)? else { continue };
            let same = |other: &ForeignKey| {
                std::mem::discriminant(&other.key) == std::mem::discriminant(&key.key)
                    && other.key_use == key.key_use
                    && other.alg == key.alg
            };
            if let Some(twin) = set.keys.iter().find(|other| other.kid.is_some() && other.kid == key.kid && same(other)) {
                return Err(BadKeySet::Twice(twin.kid.clone().unwrap_or_default()));
            }
            set.keys.push(key);
        }
        Ok(set)
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[ForeignKey] {
        &self.keys
    }

    /// The one key that verifies this algorithm under this name. Without a name there must be no choice (OpenID Connect Core section
    /// 10.1).
    pub fn verifying(&self, algorithm: Algorithm, kid: Option<&str>) -> Result<&ForeignKey, ForeignRefusal> {
        let mut fitting = self.keys.iter().filter(|key| {
            key.key_use != ForeignUse::Encryption
                && key.key.fits(algorithm)
                && key
                    .alg
                    .as_deref()
                    .is_none_or(|alg| alg == algorithm.as_str() || alg == ED25519 && algorithm == Algorithm::EdDsa)
                && (kid.is_none() || key.kid.as_deref() == kid)
        });
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(ForeignRefusal::AmbiguousKey),
            (None, _) => Err(ForeignRefusal::UnknownKey),
        }
    }

    /// The key to encrypt to in this way: the first that says so, else the first that does not say what it is for.
    #[must_use]
    pub fn encrypting(&self, way: KeyManagement) -> Option<&ForeignKey> {
        let fits = |key: &&ForeignKey| {
            let of_type = match key.key {
                PublicKey::Rsa { .. } => way == KeyManagement::RsaOaep256,
                PublicKey::Ec { .. } | PublicKey::Okp { crv: OkpCurve::X25519, .. } => way != KeyManagement::RsaOaep256,
                PublicKey::Okp { crv: OkpCurve::Ed25519, .. } => false,
            };
            of_type && key.alg.as_deref().is_none_or(|alg| alg == way.as_str())
        };
        let mut uses = [ForeignUse::Encryption, ForeignUse::Any].into_iter();
        uses.find_map(|key_use| self.keys.iter().filter(|key| key.key_use == key_use).find(fits))
    }
}

/// One key; nothing where its type, curve or use is not ours.
fn read(at: usize, key: &Map<String, Value>) -> Result<Option<ForeignKey>, BadKeySet> {
    let is_known = matches!(key.get("kty").and_then(Value::as_str), Some("RSA" | "EC" | "OKP" | "oct") | None);
    let private = if is_known { &PRIVATE[..] } else { &PRIVATE_ANYWHERE[..] };
    if let Some(member) = private.iter().find(|member| key.contains_key(**member)) {
        return Err(BadKeySet::Private(at, member));
    }
    let bad = || BadKeySet::Key(at);
    let text = |name: &str| match key.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(bad()),
    };
    let number = |name: &str| {
        let number = text(name)?.ok_or_else(bad)?;
        Base64Url::try_from(number.to_owned()).map_err(|_| bad())
    };
    let public = match (text("kty")?, text("crv")?) {
        (Some("RSA"), _) => PublicKey::Rsa { n: number("n")?.trimmed(), e: number("e")?.trimmed() },
        (Some("EC"), Some("P-256")) => PublicKey::Ec { crv: Curve::P256, x: number("x")?, y: number("y")? },
        (Some("EC"), Some("P-384")) => PublicKey::Ec { crv: Curve::P384, x: number("x")?, y: number("y")? },
        (Some("OKP"), Some("Ed25519")) => PublicKey::Okp { crv: OkpCurve::Ed25519, x: number("x")? },
        (Some("OKP"), Some("X25519")) => PublicKey::Okp { crv: OkpCurve::X25519, x: number("x")? },
        (Some(_), _) => return Ok(None),
        (None, _) => return Err(bad()),
    };
    let key_use = match text("use")? {
        None => ForeignUse::Any,
        Some("sig") => ForeignUse::Signature,
        Some("enc") => ForeignUse::Encryption,
        Some(_) => return Ok(None),
    };
    if !public.is_sound() {
        return Err(bad());
    }
    let (kid, alg) = (text("kid")?.map(str::to_owned), text("alg")?.map(str::to_owned));
    Ok(Some(ForeignKey { key: public, kid, alg, key_use }))
}
