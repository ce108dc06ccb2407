//! Initial access tokens (RFC 7591 section 1.2): with one a client may register where registration is not open to everybody, a number of
//! times and until a day. The operator hands them out; what is kept is a digest.

use crate::error::Result;
use crate::store::schema::initial_access_token;
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::InvitationId;
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;

/// An initial access token to be kept.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Names the row, and proves the right to it.
    pub token: Handle<InvitationId>,
    /// What the operator calls it.
    pub label: String,
    /// How many clients may register with it.
    pub uses: u32,
    /// Now.
    pub at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An initial access token as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = initial_access_token)]
pub struct Invitation {
    /// Names it.
    pub id: InvitationId,
    /// What the operator calls it.
    pub label: String,
    /// How many clients may still register with it.
    pub uses_left: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// Keeps an initial access token.
pub fn insert(tx: &mut Tx<'_>, new: &NewInvitation) -> Result<()> {
    let row = (
        initial_access_token::realm.eq(tx.realm()),
        initial_access_token::id.eq(new.token.id),
        initial_access_token::secret_digest.eq(new.token.secret.digest()),
        initial_access_token::label.eq(&new.label),
        initial_access_token::uses_left.eq(i32::try_from(new.uses).unwrap_or(i32::MAX)),
        initial_access_token::created_at.eq(new.at),
        initial_access_token::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(initial_access_token::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The realm's initial access tokens, the newest first.
pub fn list(rx: &mut Rx<'_>) -> Result<Vec<Invitation>> {
    let rows = initial_access_token::table.filter(initial_access_token::realm.eq(rx.realm()));
    Ok(rows.order(initial_access_token::id.desc()).select(Invitation::as_select()).load(rx.conn)?)
}

/// Takes an initial access token back: `false` where there is none, or it was taken back before.
pub fn revoke(tx: &mut Tx<'_>, id: InvitationId, now: Timestamp) -> Result<bool> {
    use initial_access_token as t;
    let row = t::table.filter(t::realm.eq(tx.realm())).filter(t::id.eq(id)).filter(t::revoked_at.is_null());
    Ok(diesel::update(row).set(t::revoked_at.eq(Some(now))).execute(tx.conn)? == 1)
}

/// Whether a client may register with this token now.
pub(super) fn is_good(rx: &mut Rx<'_>, token: &Handle<InvitationId>, now: Timestamp) -> Result<bool> {
    use initial_access_token as t;
    let row = t::table.find((rx.realm(), token.id)).filter(t::revoked_at.is_null()).filter(t::expires_at.gt(now));
    let kept: Option<Digest> = row.filter(t::uses_left.gt(0)).select(t::secret_digest).get_result(rx.conn).optional()?;
    Ok(kept.is_some_and(|kept| kept == token.secret.digest()))
}

/// Takes one use of this token: `false` when it has none left, or is not good. Its secret was compared by [`is_good`].
pub(super) fn spend(tx: &mut Tx<'_>, id: InvitationId, now: Timestamp) -> Result<bool> {
    use initial_access_token as t;
    let row = t::table.filter(t::realm.eq(tx.realm())).filter(t::id.eq(id)).filter(t::revoked_at.is_null());
    let row = row.filter(t::expires_at.gt(now)).filter(t::uses_left.gt(0));
    Ok(diesel::update(row).set(t::uses_left.eq(t::uses_left - 1)).execute(tx.conn)? == 1)
}

/// Deletes what ended before this time, at most so many.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    use initial_access_token as t;
    let rows = t::table.filter(t::realm.eq(tx.realm())).filter(t::expires_at.lt(before));
    let ids: Vec<InvitationId> = rows.select(t::id).limit(limit).load(tx.conn)?;
    Ok(diesel::delete(t::table.filter(t::realm.eq(tx.realm())).filter(t::id.eq_any(ids))).execute(tx.conn)?)
}
