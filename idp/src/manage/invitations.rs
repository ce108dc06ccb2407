//! Initial access tokens by the operator's hand: with one, a client may register itself where registration is not open to everybody.

use super::{Manage, is_plain, refused};
use crate::error::Result;
use crate::oidc::registration::{self, NewInvitation};
use crate::operations::audit;
use crate::store::Tx;
use poterne_protocol::id::InvitationId;
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// Characters of a label.
const LONGEST_LABEL: usize = 100;
/// Clients that may register with one token.
const MOST_USES: u32 = 10_000;

/// An initial access token that was just made. It can be read here, this once.
pub struct ClientInvitation {
    /// Names it, without proving anything.
    pub id: InvitationId,
    /// The token.
    pub token: Secret,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Where a client registers with it.
    pub registration_endpoint: String,
}

/// What has become of an initial access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    /// A client may register with it.
    Good,
    /// As many as could have registered with it.
    Used,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl InvitationState {
    /// In one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// An initial access token as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedInvitation {
    /// Names it.
    pub id: InvitationId,
    /// What the operator called it.
    pub label: String,
    /// How many clients may still register with it.
    pub uses_left: u32,
    /// What has become of it.
    pub state: InvitationState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends or ended.
    pub expires_at: Timestamp,
}

impl Manage {
    /// Makes an initial access token and returns it, this once; only its digest is kept.
    ///
    /// # Errors
    /// [`Failure::Settings`](crate::manage::Failure::Settings) where the realm lets no client register, and for a label, number or time
    /// that cannot be.
    pub async fn invite_client(&self, slug: &str, label: &str, uses: u32, life: Duration) -> Result<ClientInvitation> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        if realm.document.registration.is_none() {
            return Err(refused(format!(
                "no client may register in {slug}: put `[registration]` into its document and apply it"
            )));
        }
        if !(1..=LONGEST_LABEL).contains(&label.trim().chars().count()) || !is_plain(label) {
            return Err(refused(format!("a label has 1 to {LONGEST_LABEL} characters: for whom the token is")));
        }
        if !(1..=MOST_USES).contains(&uses) || life.is_zero() {
            return Err(refused(format!("a token is for 1 to {MOST_USES} clients, and for some time")));
        }
        let token = self.app.entropy.handle(|random| InvitationId::new(now, random));
        let (id, clear, expires_at) = (token.id, Secret::new(token.expose()), now.plus(life));
        let new = NewInvitation { token, label: label.trim().to_owned(), uses, at: now, expires_at };
        let event = self.event(now, "client.invited").about(id).with("label", label.trim()).with("uses", uses);
        let keep = move |tx: &mut Tx<'_>| {
            registration::invite(tx, &new)?;
            audit::record(tx, &event)
        };
        self.app.db.write(realm.id, keep).await?;
        Ok(ClientInvitation { id, token: clear, expires_at, registration_endpoint: realm.urls.at(crate::urls::paths::REGISTER) })
    }

    /// The initial access tokens of a realm, the newest first; what ended is listed for a day.
    pub async fn client_invitations(&self, slug: &str) -> Result<Vec<ListedInvitation>> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let kept = self.app.db.read(realm.id, registration::invitations).await?;
        let listed = |kept: registration::Invitation| ListedInvitation {
            state: match kept {
                _ if kept.revoked_at.is_some() => InvitationState::Revoked,
                _ if kept.expires_at <= now => InvitationState::Expired,
                _ if kept.uses_left < 1 => InvitationState::Used,
                _ => InvitationState::Good,
            },
            id: kept.id,
            label: kept.label,
            uses_left: u32::try_from(kept.uses_left).unwrap_or(0),
            created_at: kept.created_at,
            expires_at: kept.expires_at,
        };
        Ok(kept.into_iter().map(listed).collect())
    }

    /// Takes an initial access token back. Clients that registered with it stay.
    ///
    /// # Errors
    /// [`Failure::Settings`](crate::manage::Failure::Settings) where there is none of this name, or it was taken back before.
    pub async fn revoke_client_invitation(&self, slug: &str, id: &str) -> Result<()> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let none = format!("there is no initial access token {id} that could be taken back");
        let id: InvitationId = id.parse().map_err(|_| refused(none.clone()))?;
        let event = self.event(now, "client.invitation_revoked").about(id);
        let revoke = move |tx: &mut Tx<'_>| {
            if !registration::revoke_invitation(tx, id, now)? {
                return Err(refused(none.clone()));
            }
            audit::record(tx, &event)
        };
        self.app.db.write(realm.id, revoke).await
    }
}
