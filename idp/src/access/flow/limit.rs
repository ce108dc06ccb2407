//! How much one address may begin in a while: whatever waits for its person, or for its browser to come back, is a row that anybody can make.

use crate::access::session;
use crate::error::Result;
use crate::operations::limits::{self, Counter};
use crate::store::{Rx, Tx};
use crate::vault::Purpose;
use crate::web::context::Ctx;
use poterne_protocol::id::BrowserId;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// The span in which an address may begin as much as the realm's policy says.
const SPAN: Duration = Duration::from_secs(10 * 60);

/// A request that is about to begin something.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// Whom it counts for; nobody where the server knows no address, or the realm sets no limit.
    address: Option<Digest>,
    limit: u32,
    now: Timestamp,
}

impl Beginning {
    /// Of this request.
    pub fn of(ctx: &Ctx) -> Result<Self> {
        let limit = ctx.realm.policy().requests_per_address;
        let subject = |address| ctx.realm.vault.digest(Purpose::Lookup, "request-address", &limits::network(address));
        let counted = ctx.address.filter(|_| limit > 0).map(subject).transpose()?;
        Ok(Self { address: counted.map(|(_, digest)| digest), limit, now: ctx.now })
    }

    /// Until when it must wait, if it must: counts nothing. Who shares an address with a flood still gets on in a browser in which somebody has
    /// signed in.
    pub fn full_until(&self, rx: &mut Rx<'_>, browser: Option<BrowserId>) -> Result<Option<Timestamp>> {
        let Some(address) = self.address else { return Ok(None) };
        let full = limits::full_until(rx, Counter::RequestAddress, address, self.now, self.limit)?;
        match (full, browser) {
            (Some(_), Some(browser)) if session::is_anybodys_device(rx, browser)? => Ok(None),
            (full, _) => Ok(full),
        }
    }

    /// Counts it, in the transaction that begins: until when it must wait instead, if it must.
    pub fn take(&self, tx: &mut Tx<'_>, browser: Option<BrowserId>) -> Result<Option<Timestamp>> {
        let full = self.full_until(tx, browser)?;
        if let Some(address) = self.address.filter(|_| full.is_none()) {
            limits::count_event(tx, Counter::RequestAddress, address, self.now, self.limit, SPAN)?;
        }
        Ok(full)
    }
}
