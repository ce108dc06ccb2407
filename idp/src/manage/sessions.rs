//! A person's sessions by the operator's hand: which there are, and their end. Portals that want to be told are told.

use super::stops::{end_everything, entry_with_account};
use super::{Manage, Whom, reason_of, refused};
use crate::access::session;
use crate::directory::client;
use crate::error::Result;
use crate::operations::audit;
use crate::store::Tx;
use poterne_protocol::id::SessionId;
use poterne_protocol::time::Timestamp;

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Names it for [`Manage::end_sessions`].
    pub id: String,
    /// The browser in words, where it is known.
    pub device: Option<String>,
    /// The place in words, as coarse as the address allowed.
    pub place: Option<String>,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was last used here.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
    /// The names of the portals it signed in to.
    pub portals: Vec<String>,
}

impl Manage {
    /// The sessions of an entry's account that live, the last used first. That they were looked at stands in the audit trail.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown entry and one without an account.
    pub async fn list_sessions(&self, slug: &str, registry_no: &str) -> Result<(Whom, Vec<LiveSession>)> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let entry = self.entry_of(&realm, registry_no).await?;
        let (event, policy) = (self.event(now, "account.sessions_listed"), realm.policy().clone());
        let list = move |tx: &mut Tx<'_>| {
            let (entry, account) = entry_with_account(tx, entry)?;
            let mut sessions = Vec::new();
            for listed in session::of_account(tx, account.id, now, &policy)? {
                let mut portals = Vec::new();
                for party in session::parties(tx, listed.session.id)? {
                    portals.extend(client::by_row(tx, party.client)?.map(|found| found.client.client_name));
                }
                sessions.push(LiveSession {
                    id: listed.session.id.to_string(),
                    device: listed.device,
                    place: listed.place,
                    began_at: listed.created_at,
                    last_used_at: listed.session.last_used_at,
                    ends_at: listed.session.expires_at,
                    portals,
                });
            }
            audit::record(tx, &event.clone().about(account.id).with("sessions", sessions.len()))?;
            Ok((Whom::of(&entry), sessions))
        };
        self.app.db.write(realm.id, list).await
    }

    /// Ends one session of an entry's account, or all of them with everything issued from them, also what outlives sessions
    /// (`offline_access`). How many sessions ended. The account may sign in again at once: to stop it there is
    /// [`Manage::decide_account`].
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown entry, one without an account, a session that does not live or is another's, a missing
    /// reason.
    pub async fn end_sessions(&self, slug: &str, registry_no: &str, only: Option<&str>, reason: &str) -> Result<(Whom, usize)> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let reason = reason_of(reason)?;
        let unknown = |id: &str| refused(format!("the account has no live session {id}: account sessions shows them"));
        let only = only.map(|id| id.parse::<SessionId>().map_err(|_| unknown(id))).transpose()?;
        let entry = self.entry_of(&realm, registry_no).await?;
        let kind = if only.is_some() { "session.ended" } else { "session.ended_everywhere" };
        let (event, policy) = (self.event(now, kind).with("reason", reason), realm.policy().clone());
        let end = move |tx: &mut Tx<'_>| {
            let (entry, account) = entry_with_account(tx, entry)?;
            let event = event.clone().about(account.id);
            let Some(id) = only else {
                let ended = end_everything(tx, account.id, now)?;
                audit::record(tx, &event.with("sessions", ended))?;
                return Ok((Whom::of(&entry), ended));
            };
            let live = session::live(tx, id, now, &policy)?.filter(|session| session.account == account.id);
            if live.is_none() || !session::end(tx, id, now)? {
                return Err(refused(format!("the account has no live session {id}: account sessions shows them")));
            }
            audit::record(tx, &event)?;
            Ok((Whom::of(&entry), 1))
        };
        let ended = self.app.db.write(realm.id, end).await?;
        self.app.logout_wake.notify_one();
        Ok(ended)
    }
}
