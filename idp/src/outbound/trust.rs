//! On whose word an address is fetched or called.

use crate::settings::Registration;

/// On whose word an address is fetched or called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The operator's, who entered the client: the operator's exceptions hold.
    Operator,
    /// That of a client which registered itself: no exception holds, and what it has under way takes nothing from the operator's clients.
    Registered {
        /// Whether those exceptions hold all the same that are on loopback: in realms for tests.
        loopback: bool,
    },
}

impl Trust {
    /// That of a stranger.
    pub(super) const STRICT: Self = Self::Registered { loopback: false };

    /// That of clients which registered themselves in a realm with this policy.
    #[must_use]
    pub fn of_registered(policy: Option<&Registration>) -> Self {
        Self::Registered { loopback: policy.is_some_and(|policy| policy.loopback) }
    }
}
