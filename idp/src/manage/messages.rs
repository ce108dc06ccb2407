//! The outbox by the operator's hand: what waits, what was given up, and that sent again.

use super::{Manage, refused};
use crate::error::Result;
use crate::operations::audit;
use crate::operations::outbox::{self, Again, MessageFilter, MessageSummary};
use crate::realm::Realm;
use crate::store::Tx;
use poterne_protocol::id::MessageId;
use serde::Serialize;

/// Dead letters that are put back in one transaction.
const BATCH: i64 = 100;

/// What became of the dead letters of a realm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SentAgain {
    /// They wait for the worker, which takes them at once.
    pub queued: usize,
    /// What they carried has expired: they are not sent any more.
    pub expired: usize,
    /// Their content was erased meanwhile.
    pub erased: usize,
}

impl Manage {
    /// The newest messages of a realm, with their state: neither their content nor whom exactly they are for.
    pub async fn messages(&self, slug: &str) -> Result<Vec<MessageSummary>> {
        self.list_messages(slug, MessageFilter::default()).await
    }

    /// The newest messages of a realm that a filter lets through.
    pub async fn list_messages(&self, slug: &str, filter: MessageFilter) -> Result<Vec<MessageSummary>> {
        let realm = self.realm(slug).await?;
        self.app.db.read(realm.id, move |rx| outbox::list(rx, filter)).await
    }

    /// Puts a message back that was given up; one that waits for its next try is due at once.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] where there is no such message, it was sent or is being sent, and where what it carries has expired.
    pub async fn send_again(&self, slug: &str, id: &str) -> Result<()> {
        let realm = self.realm(slug).await?;
        let parsed = id.parse::<MessageId>().map_err(|_| refused(format!("{id} is no message's id: message list shows them")))?;
        match self.again(&realm, vec![parsed]).await?.first() {
            Some(Again::Queued) => {
                self.app.outbox_wake.notify_one();
                Ok(())
            }
            Some(Again::Expired) => Err(refused(format!("what message {id} carries has expired: it is not sent any more"))),
            Some(Again::Erased) => Err(refused(format!("the content of message {id} was erased, a week after it was given up"))),
            Some(Again::Stands(state)) => Err(refused(format!("message {id} is {}", state.as_str()))),
            Some(Again::Unknown) | None => Err(refused(format!("there is no message {id}"))),
        }
    }

    /// Puts every message back that was given up, but for those whose content has expired.
    pub async fn send_dead_again(&self, slug: &str) -> Result<SentAgain> {
        let realm = self.realm(slug).await?;
        let (mut sum, mut after) = (SentAgain::default(), MessageId::from_bytes([0; 16]));
        loop {
            let ids = self.app.db.read(realm.id, move |rx| outbox::dead_after(rx, after, BATCH)).await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            for again in self.again(&realm, ids).await? {
                match again {
                    Again::Queued => sum.queued += 1,
                    Again::Expired => sum.expired += 1,
                    Again::Erased => sum.erased += 1,
                    // Another operator was faster.
                    Again::Stands(_) | Again::Unknown => {}
                }
            }
        }
        self.app.outbox_wake.notify_one();
        Ok(sum)
    }

    async fn again(&self, realm: &Realm, ids: Vec<MessageId>) -> Result<Vec<Again>> {
        let now = self.app.clock.now();
        let ids: Vec<_> = ids.into_iter().map(|id| (id, self.event(now, "message.retried").about(id))).collect();
        let again = move |tx: &mut Tx<'_>| {
            let mut done = Vec::new();
            for (id, event) in &ids {
                let (again, what) = outbox::send_again(tx, *id, now)?;
                if let (Again::Queued, Some((kind, target))) = (again, what) {
                    audit::record(tx, &event.clone().with("message", kind).with("target", target))?;
                }
                done.push(again);
            }
            Ok(done)
        };
        self.app.db.write(realm.id, again).await
    }
}
