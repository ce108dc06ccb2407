//! Who is signed in, in a flow or without one.

use crate::access::flow::Progress;
use crate::access::session::{self, Session};
use crate::directory::account::{self, Account};
use crate::error::Result;
use crate::realm::Realm;
use crate::store::Rx;
use poterne_protocol::id::BrowserId;
use poterne_protocol::time::Timestamp;

/// Who is signed in with this browser: whoever proved it in the flow, or was chosen in it, as long as that session lives, else the
/// browser's current session. Whether the account is active is for the caller to ask.
pub fn signed_in(
    rx: &mut Rx<'_>,
    realm: &Realm,
    browser: Option<BrowserId>,
    progress: &Progress,
    now: Timestamp,
) -> Result<Option<(Session, Account)>> {
    let Some(browser) = browser else { return Ok(None) };
    let session = match progress {
        // Another tab may have made another person's session current meanwhile: that is not who proved it here, or was chosen.
        Progress::Authenticated { session, .. } | Progress::Chosen { session } => {
            session::live(rx, *session, now, realm.policy())?.filter(|session| session.browser == browser)
        }
        Progress::Started | Progress::Password { .. } => session::current(rx, browser, now, realm.policy())?,
    };
    let Some(session) = session else { return Ok(None) };
    Ok(account::load(rx, session.account)?.map(|account| (session, account)))
}
