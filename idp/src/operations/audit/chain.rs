//! The chain: what a sealed event's digest covers, and what an unbroken chain is. Pure.
//!
//! Each digest covers the event, its number and the digest before it, so that no sealed event can be changed, removed or moved
//! without breaking the chain from there on. What was cut off at the end shows only against an exported copy.

use poterne_protocol::id::{EventId, RealmId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// Names the encoding, so that another one can follow.
const ENCODING: &[u8] = b"poterne.audit.1";
/// Bytes that most events do not exceed.
const USUAL_LEN: usize = 512;

/// An event as it lies in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredEvent {
    pub(super) id: EventId,
    pub(super) at: Timestamp,
    pub(super) kind: String,
    pub(super) actor: String,
    pub(super) subject: Option<String>,
    pub(super) data: String,
}

/// The last link of a chain: its number and digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) sequence: i64,
    pub(super) digest: Digest,
}

impl Link {
    /// What the first event of a realm follows.
    pub(super) const START: Self = Self { sequence: 0, digest: Digest::from_bytes([0; 32]) };

    /// The link that this event makes after this one.
    pub(super) fn next(self, realm: RealmId, event: &StoredEvent) -> Self {
        let sequence = self.sequence.saturating_add(1);
        Self { sequence, digest: digest(realm, sequence, self.digest, event) }
    }
}

/// The SHA-256 over the event in one canonical form: fixed lengths as they are, texts behind their length in eight bytes.
fn digest(realm: RealmId, sequence: i64, previous: Digest, event: &StoredEvent) -> Digest {
    let mut bytes = Vec::with_capacity(USUAL_LEN);
    bytes.extend(ENCODING);
    bytes.extend(realm.as_bytes());
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(previous.as_bytes());
    bytes.extend(event.id.as_bytes());
    bytes.extend(event.at.micros().to_be_bytes());
    let mut text = |text: &str| {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    };
    text(&event.kind);
    text(&event.actor);
    text(event.subject.as_deref().unwrap_or_default());
    text(&event.data);
    // An empty subject is not an absent one.
    bytes.push(u8::from(event.subject.is_some()));
    Digest::of(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> StoredEvent {
        let (id, at) = (EventId::from_bytes([2; 16]), Timestamp::from_micros(3));
        let (kind, actor, data) = ("login.succeeded".into(), "visitor".into(), "{}".into());
        StoredEvent { id, at, kind, actor, subject: None, data }
    }

    #[test]
    fn every_part_of_an_event_counts() {
        let realm = RealmId::from_bytes([1; 16]);
        let link = Link::START.next(realm, &event());
        assert_eq!(link.sequence, 1);
        let variants = [
            StoredEvent { id: EventId::from_bytes([3; 16]), ..event() },
            StoredEvent { at: Timestamp::from_micros(4), ..event() },
            StoredEvent { kind: "login.succeede".into(), actor: "dvisitor".into(), ..event() },
            StoredEvent { subject: Some(String::new()), ..event() },
            StoredEvent { subject: Some("{}".into()), data: String::new(), ..event() },
            StoredEvent { data: "{ }".into(), ..event() },
        ];
        for variant in &variants {
            assert_ne!(Link::START.next(realm, variant).digest, link.digest, "{variant:?}");
        }
        assert_ne!(Link::START.next(RealmId::from_bytes([9; 16]), &event()).digest, link.digest);
        assert_ne!(Link { sequence: 1, ..Link::START }.next(realm, &event()).digest, link.digest);
        assert_ne!(Link { sequence: 0, digest: Digest::of(b"x") }.next(realm, &event()).digest, link.digest);
    }
}
