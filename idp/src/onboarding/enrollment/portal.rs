//! The portal that a person came from and goes back to.

use crate::access::flow::{self, Flow};
use crate::error::Result;
use crate::store::Rx;
use crate::urls::Urls;
use crate::web::render::Link;
use poterne_protocol::client::Client;
use poterne_protocol::id::{BrowserId, FlowId};
use poterne_protocol::time::Timestamp;

/// The flow that waits for the enrollment, and the client that asked.
#[derive(Clone)]
pub struct Portal {
    /// The flow; it may have ended.
    pub flow: Flow,
    /// The client that asked.
    pub client: Client,
}

impl Portal {
    /// The portal of a flow, if the flow is this browser's.
    pub fn load(rx: &mut Rx<'_>, browser: Option<BrowserId>, id: Option<FlowId>) -> Result<Option<Self>> {
        let (Some(browser), Some(id)) = (browser, id) else {
            return Ok(None);
        };
        let Some(flow) = flow::load(rx, id)?.filter(|flow| flow.browser == browser) else {
            return Ok(None);
        };
        let client = flow::client(rx, &flow)?;
        Ok(client.map(|registered| Self { flow, client: registered.client }))
    }

    /// Back to the portal's own pages, where they are known.
    #[must_use]
    pub fn back(&self) -> Option<Link> {
        self.client.client_uri.as_deref().map(|uri| Link::new(&self.client.client_name, uri))
    }

    /// On to the portal: the waiting request is finished while it lives; after that the portal asks anew.
    #[must_use]
    pub fn onward(&self, urls: &Urls, now: Timestamp) -> Option<Link> {
        if self.flow.is_open(now) {
            return Some(Link::new(&self.client.client_name, urls.authorize_flow(self.flow.id)));
        }
        self.back()
    }
}
