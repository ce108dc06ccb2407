//! What a flow is, and how far its person came.

use crate::urls::AccountPage;
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
    /// The person chose, among the accounts that are signed in with this browser, to go on with this session.
    Chosen {
        /// The session.
        session: SessionId,
    },
    /// The person proved in this flow who they are.
    Authenticated {
        /// The session that came of it.
        session: SessionId,
        /// When.
        at: Timestamp,
    },
}

/// What a flow is for.
#[derive(Debug, Clone)]
pub enum Goal {
    /// Answering a portal's authorization request.
    Portal {
        /// The client that asked.
        client: ClientRowId,
        /// What it asked.
        request: Box<AuthorizationRequest>,
    },
    /// A page of the person's own account, here at the provider.
    Account {
        /// Which one.
        page: AccountPage,
        /// The portal that the person came from, where one is known.
        from: Option<ClientRowId>,
    },
}

impl Goal {
    /// The client that asked, where one did.
    #[must_use]
    pub const fn client(&self) -> Option<ClientRowId> {
        match self {
            Self::Portal { client, .. } => Some(*client),
            Self::Account { .. } => None,
        }
    }

    /// The client's request, where there is one.
    #[must_use]
    pub fn request(&self) -> Option<&AuthorizationRequest> {
        match self {
            Self::Portal { request, .. } => Some(request),
            Self::Account { .. } => None,
        }
    }
}

/// A flow.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Names the flow in URLs; no secret.
    pub id: FlowId,
    /// The browser that owns it.
    pub browser: BrowserId,
    /// What it is for.
    pub goal: Goal,
    /// How far the person came.
    pub progress: Progress,
    /// When the person that the flow is with now consented in it to what the client asks.
    pub consented_at: Option<Timestamp>,
    /// When the person chose an account in it.
    pub chosen_at: Option<Timestamp>,
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
            Progress::Started | Progress::Password { .. } | Progress::Chosen { .. } => None,
        }
    }
}
