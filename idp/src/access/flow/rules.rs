//! What a flow is, and how far its person came.

use poterne_protocol::authorize::request::AuthorizationRequest;
use poterne_protocol::id::{AccountId, BrowserId, ChallengeId, ClientRowId, FactorId, FlowId, SessionId};
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How far the person came in this flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Progress {
    /// Nothing is proven yet.
    Started,
    /// The password was right; the second factor is still to come. This proves nothing to anybody yet.
    Password {
        /// Whose password it was.
        account: AccountId,
        /// When.
        proven_at: Timestamp,
        /// The second factor that is asked for now.
        factor: FactorId,
        /// The code that was sent, where the factor is one that is sent.
        challenge: Option<ChallengeId>,
    },
    /// The person proved in this flow who they are.
    Authenticated {
        /// The session that came of it.
        session: SessionId,
        /// When.
        at: Timestamp,
    },
}

/// A flow.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Names the flow in URLs; no secret.
    pub id: FlowId,
    /// The browser that owns it.
    pub browser: BrowserId,
    /// The client that asked.
    pub client: ClientRowId,
    /// What it asked.
    pub request: AuthorizationRequest,
    /// How far the person came.
    pub progress: Progress,
    /// Rises with every change; guards against two tabs changing it at once.
    pub version: i64,
    /// When it is no longer taken up.
    pub expires_at: Timestamp,
    /// When the client got its answer.
    pub finished_at: Option<Timestamp>,
}

impl Flow {
    /// Whether the flow can still be taken up.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.finished_at.is_none() && now < self.expires_at
    }

    /// When the person proved who they are in this very flow.
    #[must_use]
    pub const fn authenticated_at(&self) -> Option<Timestamp> {
        match self.progress {
            Progress::Authenticated { at, .. } => Some(at),
            Progress::Started | Progress::Password { .. } => None,
        }
    }
}
