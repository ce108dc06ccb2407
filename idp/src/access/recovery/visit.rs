//! A request to the pages of a reset: whose it is, where it stands, and the portal behind it.

use super::rules::{Person, Stand, stand};
use super::store::{self, Recovery};
use crate::access::factor::asked::{self, Means};
use crate::access::flow::{self, Flow};
use crate::access::session;
use crate::error::Result;
use crate::realm::Realm;
use crate::store::Rx;
use crate::web::context::Ctx;
use poterne_protocol::client::Client;
use poterne_protocol::id::{AccountId, BrowserId, FlowId, RecoveryId};
use poterne_protocol::secret::{Digest, Handle};
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// The account of a name that nobody has.
pub(super) const NOBODY: AccountId = AccountId::from_bytes([0; 16]);
/// The browser of a request without one.
pub(super) const NOWHERE: BrowserId = BrowserId::from_bytes([0; 16]);

/// A request to the pages of a reset.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) realm: Arc<Realm>,
    pub(super) now: Timestamp,
    /// The browser's cookie, unchecked.
    pub(super) presented: Option<Handle<BrowserId>>,
    pub(super) id: RecoveryId,
}

/// What a visit finds.
pub(super) struct Seen {
    pub(super) stand: Stand,
    /// Only this browser's own.
    pub(super) recovery: Option<Recovery>,
    /// Whether the account is known in this browser.
    pub(super) known_device: bool,
    pub(super) means: Option<Means>,
    pub(super) portal: Portal,
}

/// The flow that a reset goes back to, if it is this browser's, and the client that asked.
#[derive(Clone, Default)]
pub(super) struct Portal {
    pub(super) flow: Option<Flow>,
    pub(super) client: Option<Client>,
}

impl Portal {
    pub(super) fn load(rx: &mut Rx<'_>, browser: Option<BrowserId>, id: Option<FlowId>) -> Result<Self> {
        let (Some(browser), Some(id)) = (browser, id) else {
            return Ok(Self::default());
        };
        let Some(flow) = flow::load(rx, id)?.filter(|flow| flow.browser == browser) else {
            return Ok(Self::default());
        };
        let client = flow::client(rx, &flow)?.map(|registered| registered.client);
        Ok(Self { flow: Some(flow), client })
    }

    /// The sign-in that waits; the portal's own pages when it waits no more; else the realm's.
    pub(super) fn onward(&self, ctx: &Ctx) -> String {
        let home = self.client.as_ref().and_then(|client| client.client_uri.clone());
        match &self.flow {
            Some(flow) if flow.is_open(ctx.now) => ctx.realm.urls.login(flow.id),
            _ => home.unwrap_or_else(|| ctx.realm.urls.at(crate::urls::paths::HOME)),
        }
    }
}

impl Visit {
    /// A request's visit; `None` when the address names no reset.
    pub(super) fn of(ctx: &Ctx, id: &str) -> Option<Self> {
        let id: RecoveryId = id.parse().ok()?;
        Some(Self { realm: ctx.realm.clone(), now: ctx.now, presented: ctx.browser.clone(), id })
    }

    /// What is there, in one transaction.
    pub(super) fn see(&self, rx: &mut Rx<'_>) -> Result<Seen> {
        let browser = session::known(rx, self.presented.as_ref(), self.now)?;
        let recovery = store::load(rx, self.id)?.filter(|recovery| browser == Some(recovery.browser));
        // Nobody's rows are asked for as somebody's are.
        let account = recovery.as_ref().and_then(|recovery| recovery.account).unwrap_or(NOBODY);
        let known_device = session::is_known_device(rx, account, browser.unwrap_or(NOWHERE))?;
        let means = asked::means(rx, &self.realm, account)?;
        let portal = Portal::load(rx, browser, recovery.as_ref().and_then(|recovery| recovery.flow))?;
        let person = means.as_ref().zip(recovery.as_ref()).map(|(means, recovery)| self.person(means, recovery));
        let stand = stand(recovery.as_ref().map(Recovery::facts), browser, person.as_ref(), self.now);
        Ok(Seen { stand, recovery, known_device, means, portal })
    }

    /// As the rules look at the account.
    pub(super) fn person<'a>(&self, means: &'a Means, recovery: &Recovery) -> Person<'a> {
        let unchanged = Digest::of(means.account.password_hash.as_bytes()) == recovery.password;
        let stands = unchanged && means.account.is_active(self.now) && !means.account.is_cut_since(recovery.created_at);
        Person { stands, need: means.need, factors: &means.owned }
    }

    /// What is there.
    pub(super) async fn look(&self, ctx: &Ctx) -> Result<Seen> {
        let visit = self.clone();
        ctx.app.db.read(ctx.realm.id, move |rx| visit.see(rx)).await
    }
}

impl Seen {
    /// The reset and its account, where both are there and the rules may be asked.
    pub(super) fn person(&self, visit: &Visit) -> Option<Person<'_>> {
        Some(visit.person(self.means.as_ref()?, self.recovery.as_ref()?))
    }

    /// The client that asked.
    pub(super) const fn client(&self) -> Option<&Client> {
        self.portal.client.as_ref()
    }
}
