//! What follows when the fund says that somebody left, died or is back: for one entry by hand, for many by an import.

use super::Manage;
use super::stops::end_everything;
use crate::directory::account::{self, Account};
use crate::directory::registry::EntryStatus;
use crate::error::Result;
use crate::onboarding::code::{self, Revocation};
use crate::operations::audit::{self, Event};
use crate::realm::Realm;
use crate::store::Tx;
use poterne_protocol::id::EntryId;
use poterne_protocol::time::Timestamp;

/// An entry whose status changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) entry: EntryId,
    pub(super) status: EntryStatus,
    /// Where it stood before, and since when.
    pub(super) former: Option<(EntryStatus, Timestamp)>,
}

/// The effects of changed statuses, prepared outside their transaction.
pub(super) struct StatusEffects {
    at: Timestamp,
    /// When the access of whoever leaves now ends.
    access_until: Timestamp,
    until: String,
    changed: Event,
    revoked: Event,
    suspended: Event,
    reactivated: Event,
    limited: Event,
    unlimited: Event,
}

impl StatusEffects {
    pub(super) fn new(manage: &Manage, realm: &Realm, now: Timestamp) -> Self {
        let access_until = now.plus(realm.policy().leaver_access());
        Self {
            at: now,
            access_until,
            until: realm.day(access_until).to_string(),
            changed: manage.event(now, "registry.changed"),
            revoked: manage.event(now, "code.revoked"),
            suspended: manage.event(now, "account.suspended"),
            reactivated: manage.event(now, "account.reactivated"),
            limited: manage.event(now, "account.access_limited"),
            unlimited: manage.event(now, "account.access_unlimited"),
        }
    }

    /// Notes the change itself; the row was changed by the caller. `nth` numbers the events of this transaction.
    pub(super) fn note(&self, tx: &mut Tx<'_>, turn: Turn, nth: &mut u32) -> Result<()> {
        audit::record(tx, &self.changed.numbered(nth).about(turn.entry).with("status", turn.status.as_str()))
    }

    /// What becomes of the account and the codes of the entry.
    pub(super) fn follow(&self, tx: &mut Tx<'_>, turn: Turn, nth: &mut u32) -> Result<()> {
        if let Some(account) = account::by_entry(tx, turn.entry)? {
            self.stop(tx, &account, turn, nth)?;
            self.limit(tx, &account, turn, nth)?;
        }
        let reason = match turn.status {
            EntryStatus::Active => return Ok(()),
            EntryStatus::Left => Revocation::Left,
            EntryStatus::Deceased => Revocation::Deceased,
        };
        for code in code::revoke_of_entry(tx, turn.entry, reason, self.at)? {
            audit::record(tx, &because(&self.revoked, turn, nth).about(code))?;
        }
        Ok(())
    }

    /// The account of whoever died stops; the correction of a mistake lifts that, but no suspension of another kind.
    fn stop(&self, tx: &mut Tx<'_>, account: &Account, turn: Turn, nth: &mut u32) -> Result<()> {
        if turn.status == EntryStatus::Deceased {
            if account.suspended_at.is_none() {
                account::suspend(tx, account.id, Some(self.at))?;
                audit::record(tx, &because(&self.suspended, turn, nth).about(account.id))?;
            }
            return end_everything(tx, account.id, self.at).map(drop);
        }
        let Some((EntryStatus::Deceased, since)) = turn.former else {
            return Ok(());
        };
        if account.suspended_at == Some(since) {
            account::suspend(tx, account.id, None)?;
            audit::record(tx, &because(&self.reactivated, turn, nth).about(account.id))?;
        }
        Ok(())
    }

    /// The account of whoever left has an end; who comes back has none.
    fn limit(&self, tx: &mut Tx<'_>, account: &Account, turn: Turn, nth: &mut u32) -> Result<()> {
        let (end, event) = match (turn.status, account.access_ends_at) {
            (EntryStatus::Left, None) => {
                (Some(self.access_until), because(&self.limited, turn, nth).with("until", self.until.clone()))
            }
            (EntryStatus::Active, Some(_)) => (None, because(&self.unlimited, turn, nth)),
            _ => return Ok(()),
        };
        account::end_access(tx, account.id, end)?;
        audit::record(tx, &event.about(account.id))
    }
}

fn because(event: &Event, turn: Turn, nth: &mut u32) -> Event {
    event.numbered(nth).with("reason", turn.status.as_str())
}
