//! The rows of second factors. Secrets and numbers lie there sealed.

use super::sms::PhoneNumber;
use super::totp::TotpSecret;
use crate::app::App;
use crate::error::{Failure, Result};
use crate::realm::Realm;
use crate::settings::FactorKind;
use crate::store::schema::factor;
use crate::store::{Rx, Tx, cached};
use crate::vault::{Place, Purpose};
use diesel::prelude::*;
use poterne_protocol::id::{AccountId, FactorId, KeyId};
use poterne_protocol::secret::{Digest, Sealed};
use poterne_protocol::time::Timestamp;

const ACTIVE: &str = "active";
const REMOVED: &str = "removed";

/// A confirmed factor about to be kept, already sealed.
#[derive(Debug, Clone)]
pub struct NewFactor {
    id: FactorId,
    account: AccountId,
    kind: FactorKind,
    sealed: Sealed,
    digest: Option<(KeyId, Digest)>,
    at: Timestamp,
    last_step: i64,
}

impl NewFactor {
    /// A confirmed phone number.
    pub fn sms(app: &App, realm: &Realm, now: Timestamp, account: AccountId, number: &PhoneNumber) -> Result<Self> {
        let digest = realm.vault.digest(Purpose::Lookup, "phone", number.e164())?;
        let new = Self::sealed(app, realm, now, account, FactorKind::Sms, number.e164().as_bytes())?;
        Ok(Self { digest: Some(digest), ..new })
    }

    /// A confirmed authenticator app, with the step whose code confirmed it: that code will not sign in as well.
    pub fn totp(app: &App, realm: &Realm, now: Timestamp, account: AccountId, secret: &TotpSecret, step: i64) -> Result<Self> {
        let new = Self::sealed(app, realm, now, account, FactorKind::Totp, secret.as_bytes())?;
        Ok(Self { last_step: step, ..new })
    }

    fn sealed(app: &App, realm: &Realm, at: Timestamp, account: AccountId, kind: FactorKind, clear: &[u8]) -> Result<Self> {
        let id = FactorId::new(at, app.entropy.bytes());
        let sealed = realm.vault.seal(&app.entropy, place(&id), clear)?;
        Ok(Self { id, account, kind, sealed, digest: None, at, last_step: 0 })
    }

    /// Names the factor.
    #[must_use]
    pub const fn id(&self) -> FactorId {
        self.id
    }
}

/// An active factor of an account.
#[derive(Debug, Clone)]
pub struct Factor {
    /// Names the factor.
    pub id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// The last step of an authenticator app that was used (RFC 6238 section 5.2).
    pub last_step: i64,
    /// Since when the account has it.
    pub created_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
    sealed: Sealed,
}

impl Factor {
    /// The number, for a factor by text message.
    ///
    /// # Errors
    /// When it is another kind, or was sealed elsewhere.
    pub fn number(&self, realm: &Realm) -> Result<PhoneNumber> {
        self.expect(FactorKind::Sms)?;
        let clear = realm.vault.unseal_text(place(&self.id), &self.sealed)?;
        Ok(PhoneNumber::from_kept(clear.expose().to_owned()))
    }

    /// The secret, for an authenticator app.
    ///
    /// # Errors
    /// When it is another kind, or was sealed elsewhere.
    pub fn secret(&self, realm: &Realm) -> Result<TotpSecret> {
        self.expect(FactorKind::Totp)?;
        TotpSecret::from_bytes(&realm.vault.unseal(place(&self.id), &self.sealed)?)
    }

    fn expect(&self, kind: FactorKind) -> Result<()> {
        if self.kind == kind { Ok(()) } else { Err(Failure::internal("a factor of another kind")) }
    }
}

fn place(id: &FactorId) -> Place<'_> {
    Place { table: "factor", column: "sealed", row: id.as_bytes() }
}

/// Keeps a confirmed factor.
pub fn insert(tx: &mut Tx<'_>, new: &NewFactor) -> Result<()> {
    let row = (
        factor::realm.eq(tx.realm()),
        factor::id.eq(new.id),
        factor::account.eq(new.account),
        factor::kind.eq(new.kind.as_str()),
        factor::sealed.eq(&new.sealed),
        factor::digest.eq(new.digest.map(|(_, digest)| digest)),
        factor::digest_key.eq(new.digest.map(|(key, _)| key)),
        factor::state.eq(ACTIVE),
        factor::created_at.eq(new.at),
        factor::last_step.eq(new.last_step),
    );
    diesel::insert_into(factor::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The active factors of an account, the oldest first.
pub fn active(rx: &mut Rx<'_>, account: AccountId) -> Result<Vec<Factor>> {
    let rows = factor::table.filter(factor::realm.eq(rx.realm())).filter(factor::account.eq(account));
    let rows = rows.filter(factor::state.eq(ACTIVE)).order(factor::id);
    let columns = (factor::id, factor::kind, factor::last_step, factor::created_at, factor::last_used_at, factor::sealed);
    let rows: Vec<(FactorId, String, i64, Timestamp, Option<Timestamp>, Sealed)> = rows.select(columns).load(rx.conn)?;
    let read = |(id, kind, last_step, created_at, last_used_at, sealed): (FactorId, String, i64, Timestamp, _, Sealed)| {
        let kind = FactorKind::parse(&kind).ok_or_else(|| Failure::impossible("a factor's kind"))?;
        Ok(Factor { id, kind, last_step, created_at, last_used_at, sealed })
    };
    rows.into_iter().map(read).collect()
}

/// Wins a step of an authenticator app, once: `false` when it, or a later one, was used before.
pub fn use_totp_step(tx: &mut Tx<'_>, id: FactorId, step: i64, now: Timestamp) -> Result<bool> {
    let row = factor::table.filter(factor::realm.eq(tx.realm())).filter(factor::id.eq(id)).filter(factor::state.eq(ACTIVE));
    let unused = row.filter(factor::last_step.lt(step));
    let change = (factor::last_step.eq(step), factor::last_used_at.eq(Some(now)));
    Ok(cached::update(unused, change).execute(tx.conn)? == 1)
}

/// Notes that a factor was used.
pub fn note_used(tx: &mut Tx<'_>, id: FactorId, now: Timestamp) -> Result<()> {
    cached::update(factor::table.find((tx.realm(), id)), factor::last_used_at.eq(Some(now))).execute(tx.conn)?;
    Ok(())
}

/// Removes every active factor of an account; how many they were. They stay known, but prove nothing any more.
pub fn remove_all(tx: &mut Tx<'_>, account: AccountId) -> Result<usize> {
    let rows = factor::table.filter(factor::realm.eq(tx.realm())).filter(factor::account.eq(account));
    Ok(cached::update(rows.filter(factor::state.eq(ACTIVE)), factor::state.eq(REMOVED)).execute(tx.conn)?)
}
