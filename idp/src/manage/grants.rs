//! Who has access to an account, as an operator sees it and takes it back.

use super::stops::entry_with_account;
use super::{Manage, Whom, reason_of, refused};
use crate::access::consent::{accesses, end_access};
use crate::error::Result;
use crate::operations::audit;
use crate::store::Tx;
use poterne_protocol::time::Timestamp;

/// A client that has access to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedGrant {
    /// Its public name in requests.
    pub client_id: String,
    /// What people see.
    pub client_name: String,
    /// Whether it is the fund's own, which gets its access back at the next sign-in.
    pub first_party: bool,
    /// The words of the scope that it has.
    pub scope: String,
    /// Claims that it gets by name beside.
    pub claims: Vec<String>,
    /// Since when.
    pub since: Timestamp,
    /// When it last got tokens, as far as that is known.
    pub last_used_at: Option<Timestamp>,
}

impl Manage {
    /// Who has access to the account of an entry, by name. That it was looked at, and why, stands in the audit trail.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown entry, one without an account, and an unusable reason.
    pub async fn grants_of(&self, slug: &str, registry_no: &str, reason: Option<&str>) -> Result<(Whom, Vec<ListedGrant>)> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let realm_id = realm.id;
        let id = self.entry_of(&realm, registry_no).await?;
        let event = self.event(now, "account.grants_read");
        let event = reason.map(reason_of).transpose()?.map_or(event.clone(), |reason| event.with("reason", reason));
        let look = move |tx: &mut Tx<'_>| {
            let (entry, account) = entry_with_account(tx, id)?;
            audit::record(tx, &event.clone().about(account.id))?;
            let found = accesses(tx, &account, now, realm.policy())?.into_iter();
            let listed = found.map(|access| ListedGrant {
                client_id: access.client.client_id,
                client_name: access.client.client_name,
                first_party: access.client.first_party,
                scope: access.agreed.scope.to_string(),
                claims: access.agreed.claims.into_iter().collect(),
                since: access.since,
                last_used_at: access.last_used,
            });
            Ok((Whom::of(&entry), listed.collect()))
        };
        self.app.db.write(realm_id, look).await
    }

    /// Takes a client's access to the account of an entry back: every token that came of it is worth nothing, and what its person allowed
    /// is forgotten. How many grants ended.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown entry, one without an account, a client without access, and a missing reason.
    pub async fn revoke_grant(&self, slug: &str, registry_no: &str, client_id: &str, reason: &str) -> Result<(Whom, usize)> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let event = self.event(now, "consent.withdrawn").with("reason", reason_of(reason)?).about(client_id);
        let (id, wanted, realm_id) = (self.entry_of(&realm, registry_no).await?, client_id.to_owned(), realm.id);
        let end = move |tx: &mut Tx<'_>| {
            let (entry, account) = entry_with_account(tx, id)?;
            let has = accesses(tx, &account, now, realm.policy())?.into_iter();
            let found = has.map(|access| (access.client.client_id, access.row)).find(|(client_id, _)| *client_id == wanted);
            let ended = found.map(|(_, row)| end_access(tx, account.id, row, now)).transpose()?.flatten();
            let Some(grants) = ended else {
                return Err(refused(format!("{wanted} has no access to the account of entry {}", entry.registry_no)));
            };
            audit::record(tx, &event.clone().with("account", account.id.to_string()).with("grants", grants))?;
            Ok((Whom::of(&entry), grants))
        };
        self.app.db.write(realm_id, end).await
    }
}
