//! The rows of enrollments. Their state is sealed: it holds an address, a password's hash, an app's secret.

use super::draft::Draft;
use crate::entropy::Entropy;
use crate::error::Result;
use crate::store::schema::enrollment;
use crate::store::{Rx, Tx};
use crate::vault::{Place, Vault};
use diesel::prelude::*;
use poterne_protocol::id::{BrowserId, CodeId, EnrollmentId, EntryId, FlowId};
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;
use zeroize::Zeroizing;

/// An enrollment to be inserted.
#[derive(Debug, Clone)]
pub struct NewEnrollment {
    /// The flow it goes back to.
    pub flow: Option<FlowId>,
    /// The population enrolled in.
    pub population: String,
    /// Now.
    pub at: Timestamp,
    /// When it can no longer be resumed.
    pub expires_at: Timestamp,
    /// Its id and first state.
    pub state: SealedDraft,
}

/// A draft sealed for its row.
#[derive(Debug, Clone)]
pub struct SealedDraft {
    /// The row.
    pub id: EnrollmentId,
    /// The state's name.
    pub step: &'static str,
    sealed: Sealed,
}

/// An enrollment as it is kept.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = enrollment)]
pub struct Row {
    /// Names the enrollment; no secret.
    pub id: EnrollmentId,
    /// The browser that owns it.
    pub browser: BrowserId,
    /// The flow it goes back to.
    pub flow: Option<FlowId>,
    /// The population enrolled in.
    pub population: String,
    /// The entry of the registry.
    pub entry: EntryId,
    /// The code it began with.
    pub code: CodeId,
    /// Rises with every change; guards against two tabs changing it at once.
    pub version: i64,
    /// When it can no longer be resumed.
    pub expires_at: Timestamp,
    state: Sealed,
}

impl SealedDraft {
    /// Seals a draft.
    pub fn new(vault: &Vault, entropy: &Entropy, id: EnrollmentId, draft: &Draft) -> Result<Self> {
        let clear = Zeroizing::new(serde_json::to_vec(draft)?);
        Ok(Self { id, step: draft.name(), sealed: vault.seal(entropy, place(&id), &clear)? })
    }
}

impl Row {
    /// Opens the draft.
    pub fn draft(&self, vault: &Vault) -> Result<Draft> {
        Ok(serde_json::from_slice(&vault.unseal(place(&self.id), &self.state)?)?)
    }
}

const fn place(id: &EnrollmentId) -> Place<'_> {
    Place { table: "enrollment", column: "state", row: id.as_bytes() }
}

/// The enrollment of this id, whoever's browser asks: the caller compares.
pub fn load(rx: &mut Rx<'_>, id: EnrollmentId) -> Result<Option<Row>> {
    Ok(enrollment::table.find((rx.realm(), id)).select(Row::as_select()).get_result(rx.conn).optional()?)
}

/// Inserts an enrollment, owned by a browser.
pub fn insert(tx: &mut Tx<'_>, browser: BrowserId, code: CodeId, entry: EntryId, new: &NewEnrollment) -> Result<()> {
    let row = (
        enrollment::realm.eq(tx.realm()),
        enrollment::id.eq(new.state.id),
        enrollment::browser.eq(browser),
        enrollment::flow.eq(new.flow),
        enrollment::population.eq(&new.population),
        enrollment::entry.eq(entry),
        enrollment::code.eq(code),
        enrollment::step.eq(new.state.step),
        enrollment::state.eq(&new.state.sealed),
        enrollment::version.eq(1),
        enrollment::created_at.eq(new.at),
        enrollment::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(enrollment::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Whether nobody moved the enrollment since it was read.
pub fn is_at(rx: &mut Rx<'_>, id: EnrollmentId, version: i64) -> Result<bool> {
    let now: Option<i64> = enrollment::table.find((rx.realm(), id)).select(enrollment::version).get_result(rx.conn).optional()?;
    Ok(now == Some(version))
}

/// Moves an enrollment on: `false` when another request moved it meanwhile.
pub fn save(tx: &mut Tx<'_>, version: i64, state: &SealedDraft) -> Result<bool> {
    let row = enrollment::table.filter(enrollment::realm.eq(tx.realm())).filter(enrollment::id.eq(state.id));
    let change = (enrollment::step.eq(state.step), enrollment::state.eq(&state.sealed), enrollment::version.eq(version + 1));
    Ok(diesel::update(row.filter(enrollment::version.eq(version))).set(change).execute(tx.conn)? == 1)
}

/// Lets an enrollment go back to another flow: the person came again, from the same portal or another.
pub fn set_flow(tx: &mut Tx<'_>, id: EnrollmentId, flow: FlowId) -> Result<()> {
    diesel::update(enrollment::table.find((tx.realm(), id))).set(enrollment::flow.eq(Some(flow))).execute(tx.conn)?;
    Ok(())
}

/// Removes an enrollment that was cancelled.
pub fn remove(tx: &mut Tx<'_>, id: EnrollmentId) -> Result<bool> {
    Ok(diesel::delete(enrollment::table.find((tx.realm(), id))).execute(tx.conn)? == 1)
}
