//! Standard claims that the operator has portals told about a person, beyond what their account knows by itself.

use super::{Manage, refused};
use crate::directory::account;
use crate::error::Result;
use crate::operations::audit::record;
use poterne_protocol::claims::further::FurtherClaims;

impl Manage {
    /// Sets the further standard claims of the account with this address (OpenID Connect Core section 5.1), in place of those it had.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an address without account, and for claims that have not their form.
    pub async fn set_account_claims(&self, slug: &str, email: &str, claims: FurtherClaims) -> Result<()> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        if let Some(mistake) = claims.check().into_iter().next() {
            return Err(refused(format!("the claims of {email}: {mistake}")));
        }
        let typed = account::canonical_email(email).ok_or_else(|| refused(format!("{email} is no address")))?;
        let found = self.app.db.read(realm.id, move |rx| account::by_email(rx, &typed)).await?;
        let id = found.ok_or_else(|| refused(format!("nobody has an account with {email}")))?.id;
        let sealed = account::seal_claims(&self.app, &realm, id, claims, now)?;
        let event = self.event(now, "account.claims_set").about(id);
        let set = move |tx: &mut crate::store::Tx<'_>| {
            account::set_claims(tx, id, Some(&sealed))?;
            record(tx, &event)
        };
        self.app.db.write(realm.id, set).await
    }
}
