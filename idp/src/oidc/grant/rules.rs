//! What a grant is, and what it hangs on.

use poterne_protocol::claims::level::{Amr, Level};
use poterne_protocol::claims::request::Wanted;
use poterne_protocol::id::{AccountId, ClientRowId, GrantId, SessionId};
use poterne_protocol::scope::Scope;
use poterne_protocol::time::Timestamp;

/// What a grant hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bond {
    /// It ends with this session.
    Session(SessionId),
    /// `offline_access`: it outlives the session and ends with itself or the account (OpenID Connect Core section 11).
    Offline,
}

/// What a person allowed a client.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Names the grant; access tokens carry it.
    pub id: GrantId,
    /// Who allowed.
    pub account: AccountId,
    /// Whom.
    pub client: ClientRowId,
    /// What it hangs on.
    pub bond: Bond,
    /// The person, as the client knows them.
    pub subject: String,
    /// The session, as the client knows it.
    pub sid: String,
    /// What was allowed.
    pub scope: Scope,
    /// What was allowed beside it, by the claims' names.
    pub wanted: Wanted,
    /// The resources that its access tokens are for (RFC 8707); none means the provider itself.
    pub resources: Vec<String>,
    /// When the person had last proven who they are.
    pub auth_time: Timestamp,
    /// How surely.
    pub level: Level,
    /// By what.
    pub amr: Vec<Amr>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}
