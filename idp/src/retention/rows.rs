//! Deleting the rows of short-lived things: each function deletes what expired before a time, at most so many, and says how many.

use crate::error::Result;
use crate::store::Tx;
use crate::store::schema::{
    access_token, authorization_code, challenge, enrollment, oauth_grant, parked_request, recovery, refresh_token, single_use,
};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use poterne_protocol::id::{
    AccessTokenId, AuthorizationCodeId, ChallengeId, EnrollmentId, FlowId, GrantId, RecoveryId, RefreshTokenId,
};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// Rows with `realm`, `id` and `expires_at`. No row is younger than its id: the bound keeps the scan to the old end of the table.
macro_rules! delete_expired {
    ($($(#[$doc:meta])* $name:ident: $table:ident, $id:ident;)*) => {$(
        $(#[$doc])*
        pub(super) fn $name(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
            use $table as t;
            let rows = t::table.filter(t::realm.eq(tx.realm())).filter(t::id.lt($id::new(before, [0; 10])));
            let ids: Vec<$id> = rows.filter(t::expires_at.lt(before)).select(t::id).limit(limit).load(tx.conn)?;
            Ok(diesel::delete(t::table.filter(t::realm.eq(tx.realm())).filter(t::id.eq_any(ids))).execute(tx.conn)?)
        }
    )*};
}

delete_expired! {
    /// Requests that came by POST and wait for their GET.
    parked_requests: parked_request, FlowId;
    /// Codes that were sent and wait for their answer.
    challenges: challenge, ChallengeId;
    /// Drafts of enrollments.
    enrollments: enrollment, EnrollmentId;
    /// Resets of forgotten passwords.
    recoveries: recovery, RecoveryId;
    /// Authorization codes.
    authorization_codes: authorization_code, AuthorizationCodeId;
    /// Opaque access tokens.
    access_tokens: access_token, AccessTokenId;
    /// Refresh tokens.
    refresh_tokens: refresh_token, RefreshTokenId;
}

/// Grants that expired or were revoked, with the tokens of the revoked; those whose codes are still kept wait for them.
pub(super) fn grants(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    use oauth_grant as g;
    let realm = tx.realm();
    let over = g::expires_at.lt(before).or(g::revoked_at.assume_not_null().lt(before));
    let codes = authorization_code::table.filter(authorization_code::realm.eq(realm));
    let codes = codes.filter(authorization_code::oauth_grant.eq(g::id));
    let rows = g::table.filter(g::realm.eq(realm)).filter(g::id.lt(GrantId::new(before, [0; 10]))).filter(over);
    let ids: Vec<GrantId> = rows.filter(not(exists(codes))).select(g::id).limit(limit).load(tx.conn)?;
    let tokens = refresh_token::table.filter(refresh_token::realm.eq(realm)).filter(refresh_token::oauth_grant.eq_any(&ids));
    diesel::delete(tokens).execute(tx.conn)?;
    let opaque = access_token::table.filter(access_token::realm.eq(realm));
    let opaque = opaque.filter(access_token::oauth_grant.eq_any(ids.iter().map(|id| Some(*id))));
    diesel::delete(opaque).execute(tx.conn)?;
    Ok(diesel::delete(g::table.filter(g::realm.eq(realm)).filter(g::id.eq_any(&ids))).execute(tx.conn)?)
}

/// What was spent once and would not count any more by its time alone.
pub(super) fn single_uses(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    use single_use as s;
    let over = s::table.filter(s::realm.eq(tx.realm())).filter(s::expires_at.lt(before));
    let spent: Vec<(String, Digest)> = over.select((s::kind, s::digest)).limit(limit).load(tx.conn)?;
    let mut deleted = 0;
    for (kind, digest) in spent {
        deleted += diesel::delete(s::table.find((tx.realm(), kind, digest))).execute(tx.conn)?;
    }
    Ok(deleted)
}
