//! The rows of «this was not me» links.

use crate::error::Result;
use crate::store::schema::not_me_link;
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::{AccountId, NotMeLinkId};
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a notice told, for the page that its link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// What it told of, such as `new_device`.
    pub(super) kind: String,
    pub(super) at: Timestamp,
    pub(super) device: Option<String>,
    pub(super) place: Option<String>,
}

/// A link to be kept; its secret is in the mail alone.
#[derive(Debug, Clone)]
pub(super) struct NewLink {
    pub(super) id: NotMeLinkId,
    pub(super) digest: Digest,
    pub(super) account: AccountId,
    pub(super) notice: String,
    pub(super) at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// A link that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) id: NotMeLinkId,
    pub(super) account: AccountId,
    pub(super) about: About,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewLink) -> Result<()> {
    let row = (
        not_me_link::realm.eq(tx.realm()),
        not_me_link::id.eq(new.id),
        not_me_link::secret_digest.eq(new.digest),
        not_me_link::account.eq(new.account),
        not_me_link::notice.eq(&new.notice),
        not_me_link::created_at.eq(new.at),
        not_me_link::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(not_me_link::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The link of a handle, if it works: known, its secret right, neither used nor expired.
pub(super) fn working(rx: &mut Rx<'_>, handle: &Handle<NotMeLinkId>, now: Timestamp) -> Result<Option<Link>> {
    use not_me_link as l;
    type Row = (Digest, AccountId, String, Timestamp, Option<Timestamp>);
    let columns = (l::secret_digest, l::account, l::notice, l::expires_at, l::used_at);
    let row: Option<Row> = l::table.find((rx.realm(), handle.id)).select(columns).get_result(rx.conn).optional()?;
    let Some((digest, account, notice, expires_at, used_at)) = row else {
        return Ok(None);
    };
    if digest != handle.secret.digest() || used_at.is_some() || expires_at <= now {
        return Ok(None);
    }
    Ok(Some(Link { id: handle.id, account, about: serde_json::from_str(&notice)? }))
}

/// Uses a link up: `false` when somebody was faster.
pub(super) fn spend(tx: &mut Tx<'_>, id: NotMeLinkId, now: Timestamp) -> Result<bool> {
    let row = not_me_link::table.filter(not_me_link::realm.eq(tx.realm())).filter(not_me_link::id.eq(id));
    let row = row.filter(not_me_link::used_at.is_null());
    Ok(diesel::update(row).set(not_me_link::used_at.eq(Some(now))).execute(tx.conn)? == 1)
}

/// Deletes links that expired before this time, at most so many; how many they were.
pub fn delete_expired(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<usize> {
    use not_me_link as l;
    let rows = l::table.filter(l::realm.eq(tx.realm())).filter(l::id.lt(NotMeLinkId::new(before, [0; 10])));
    let ids: Vec<NotMeLinkId> = rows.filter(l::expires_at.lt(before)).select(l::id).limit(limit).load(tx.conn)?;
    Ok(diesel::delete(l::table.filter(l::realm.eq(tx.realm())).filter(l::id.eq_any(ids))).execute(tx.conn)?)
}
