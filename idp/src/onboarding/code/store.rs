//! The rows of activation codes. The clear code is never among them: it is found by keyed digest.

use super::rules::{Code, CodePurpose, CodeState, Revocation};
use crate::error::{Failure, Result};
use crate::store::schema::activation_code;
use crate::store::{Rx, Tx};
use crate::vault::{Purpose, Vault};
use diesel::prelude::*;
use poterne_protocol::id::{AccountId, CodeId, EnrollmentId, EntryId, KeyId};
use poterne_protocol::secret::{Digest, Secret};
use poterne_protocol::time::Timestamp;

/// Keeps activation codes apart from other digests under the same key.
const DIGEST_KIND: &str = "activation";
const ACTIVE: &str = "active";
const REDEEMED: &str = "redeemed";
const REVOKED: &str = "revoked";

/// What carries a code to its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A letter of its own.
    Letter,
    /// The yearly benefit statement.
    Statement,
}

impl Carrier {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Statement => "statement",
        }
    }
}

/// A code to be issued.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// Names the code.
    pub id: CodeId,
    /// What it is good for.
    pub purpose: CodePurpose,
    /// The population whose pages take it.
    pub population: String,
    /// Whom it is issued to.
    pub entry: EntryId,
    /// The keyed digest of its normal form, with the key's id. See [`digest`].
    pub digest: (KeyId, Digest),
    /// What carries it.
    pub carrier: Carrier,
    /// Now.
    pub issued_at: Timestamp,
    /// The first moment at which it is no longer valid.
    pub expires_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = activation_code)]
struct Row {
    id: CodeId,
    purpose: String,
    population: String,
    entry: EntryId,
    issued_at: Timestamp,
    expires_at: Timestamp,
    state: String,
    state_reason: Option<String>,
    account: Option<AccountId>,
    replaced_by: Option<CodeId>,
    enrollment: Option<EnrollmentId>,
}

impl TryFrom<Row> for Code {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let state = match (row.state.as_str(), row.state_reason.as_deref()) {
            (ACTIVE, None) => CodeState::Active,
            (REDEEMED, None) => CodeState::Redeemed { account: row.account },
            (REVOKED, Some(reason)) => CodeState::Revoked { reason: revocation(reason)?, replaced_by: row.replaced_by },
            _ => return Err(Failure::impossible("an activation code's state")),
        };
        Ok(Self {
            id: row.id,
            purpose: CodePurpose::parse(&row.purpose).ok_or_else(|| Failure::impossible("an activation code's purpose"))?,
            population: row.population,
            entry: row.entry,
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            state,
            enrollment: row.enrollment,
        })
    }
}

fn revocation(text: &str) -> Result<Revocation> {
    let found = Revocation::ALL.into_iter().find(|reason| reason.as_str() == text);
    found.ok_or_else(|| Failure::impossible("why an activation code was revoked"))
}

/// What is kept of a code in its normal form.
pub fn digest(vault: &Vault, code: &Secret) -> Result<(KeyId, Digest)> {
    vault.digest(Purpose::Code, DIGEST_KIND, code.expose())
}

/// The digests under which a typed code may be kept, one for each key.
#[must_use]
pub fn digests(vault: &Vault, code: &Secret) -> Vec<Digest> {
    vault.digests(Purpose::Code, DIGEST_KIND, code.expose())
}

/// The code of this id.
pub fn load(rx: &mut Rx<'_>, id: CodeId) -> Result<Option<Code>> {
    let row = activation_code::table.find((rx.realm(), id)).select(Row::as_select()).get_result(rx.conn).optional()?;
    row.map(Code::try_from).transpose()
}

/// The code with one of these digests, in whatever state.
pub fn by_digest(rx: &mut Rx<'_>, digests: &[Digest]) -> Result<Option<Code>> {
    for digest in digests {
        let rows = activation_code::table.filter(activation_code::realm.eq(rx.realm()));
        let row = rows.filter(activation_code::digest.eq(*digest)).select(Row::as_select()).get_result(rx.conn).optional()?;
        if let Some(row) = row {
            return Code::try_from(row).map(Some);
        }
    }
    Ok(None)
}

/// Those of these entries that have a code for this purpose that can still be used.
pub fn with_live_code(rx: &mut Rx<'_>, entries: &[EntryId], purpose: CodePurpose, now: Timestamp) -> Result<Vec<EntryId>> {
    use activation_code as c;
    let rows = c::table.filter(c::realm.eq(rx.realm())).filter(c::entry.eq_any(entries));
    let rows = rows.filter(c::purpose.eq(purpose.as_str())).filter(c::state.eq(ACTIVE)).filter(c::expires_at.gt(now));
    Ok(rows.select(c::entry).load(rx.conn)?)
}

/// Issues a code. The live code of the same entry and purpose ends with it and is returned.
pub fn issue(tx: &mut Tx<'_>, new: &NewCode) -> Result<Option<Code>> {
    let realm = tx.realm();
    let live = activation_code::table.filter(activation_code::realm.eq(realm)).filter(activation_code::entry.eq(new.entry));
    let live = live.filter(activation_code::purpose.eq(new.purpose.as_str())).filter(activation_code::state.eq(ACTIVE));
    let former = live.select(Row::as_select()).get_result(tx.conn).optional()?.map(Code::try_from).transpose()?;
    if let Some(former) = &former {
        revoke(tx, former.id, Revocation::Replaced, Some(new.id), new.issued_at)?;
    }
    let row = (
        activation_code::realm.eq(realm),
        activation_code::id.eq(new.id),
        activation_code::purpose.eq(new.purpose.as_str()),
        activation_code::population.eq(&new.population),
        activation_code::entry.eq(new.entry),
        activation_code::digest.eq(new.digest.1),
        activation_code::digest_key.eq(new.digest.0),
        activation_code::carrier.eq(new.carrier.as_str()),
        activation_code::issued_at.eq(new.issued_at),
        activation_code::expires_at.eq(new.expires_at),
        activation_code::state.eq(ACTIVE),
        activation_code::state_at.eq(new.issued_at),
    );
    diesel::insert_into(activation_code::table).values(row).execute(tx.conn)?;
    Ok(former)
}

fn revoke(tx: &mut Tx<'_>, id: CodeId, reason: Revocation, replaced_by: Option<CodeId>, now: Timestamp) -> Result<bool> {
    let row = activation_code::table.filter(activation_code::realm.eq(tx.realm())).filter(activation_code::id.eq(id));
    let change = (
        activation_code::state.eq(REVOKED),
        activation_code::state_reason.eq(Some(reason.as_str())),
        activation_code::state_at.eq(now),
        activation_code::replaced_by.eq(replaced_by),
    );
    Ok(diesel::update(row.filter(activation_code::state.eq(ACTIVE))).set(change).execute(tx.conn)? == 1)
}

/// How many codes of a population can still be used.
pub fn count_live_of(rx: &mut Rx<'_>, population: &str, now: Timestamp) -> Result<i64> {
    let rows = activation_code::table.filter(activation_code::realm.eq(rx.realm()));
    let rows = rows.filter(activation_code::population.eq(population)).filter(activation_code::state.eq(ACTIVE));
    Ok(rows.filter(activation_code::expires_at.gt(now)).count().get_result(rx.conn)?)
}

/// Ends every live code of an entry and returns their ids.
pub fn revoke_of_entry(tx: &mut Tx<'_>, entry: EntryId, reason: Revocation, now: Timestamp) -> Result<Vec<CodeId>> {
    let live = activation_code::table.filter(activation_code::realm.eq(tx.realm())).filter(activation_code::entry.eq(entry));
    let live: Vec<CodeId> = live.filter(activation_code::state.eq(ACTIVE)).select(activation_code::id).load(tx.conn)?;
    for code in &live {
        revoke(tx, *code, reason, None, now)?;
    }
    Ok(live)
}

/// Lets the code name the latest enrollment that began with it; what an older one still does ends at completion.
pub fn hold(tx: &mut Tx<'_>, id: CodeId, enrollment: EnrollmentId) -> Result<()> {
    let change = activation_code::enrollment.eq(Some(enrollment));
    diesel::update(activation_code::table.find((tx.realm(), id))).set(change).execute(tx.conn)?;
    Ok(())
}

/// Lets go of a code, if this enrollment still holds it.
pub fn release(tx: &mut Tx<'_>, id: CodeId, enrollment: EnrollmentId) -> Result<()> {
    let row = activation_code::table.filter(activation_code::realm.eq(tx.realm())).filter(activation_code::id.eq(id));
    let row = row.filter(activation_code::enrollment.eq(Some(enrollment)));
    diesel::update(row).set(activation_code::enrollment.eq(None::<EnrollmentId>)).execute(tx.conn)?;
    Ok(())
}

/// Redeems a code, once: `false` when it is not live any more or another enrollment holds it. The account is named in the same
/// transaction by [`name_redeemer`]: it cannot exist before this was won.
pub fn redeem(tx: &mut Tx<'_>, id: CodeId, held_by: EnrollmentId, now: Timestamp) -> Result<bool> {
    let row = activation_code::table.filter(activation_code::realm.eq(tx.realm())).filter(activation_code::id.eq(id));
    let row = row.filter(activation_code::state.eq(ACTIVE)).filter(activation_code::expires_at.gt(now));
    let row = row.filter(activation_code::enrollment.eq(Some(held_by)));
    let change = (activation_code::state.eq(REDEEMED), activation_code::state_at.eq(now));
    Ok(diesel::update(row).set(change).execute(tx.conn)? == 1)
}

/// Notes the account that a redeemed code made.
pub fn name_redeemer(tx: &mut Tx<'_>, id: CodeId, account: AccountId) -> Result<()> {
    let change = activation_code::account.eq(Some(account));
    diesel::update(activation_code::table.find((tx.realm(), id))).set(change).execute(tx.conn)?;
    Ok(())
}
