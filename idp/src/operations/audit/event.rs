//! One event, as rooms record it.

use crate::app::App;
use crate::entropy::Entropy;
use crate::error::Result;
use crate::store::Tx;
use crate::store::schema::audit_event;
use diesel::prelude::*;
use poterne_protocol::id::{AccountId, EventId};
use poterne_protocol::time::Timestamp;
use serde_json::Value;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person with an account.
    Account(AccountId),
    /// Somebody who has no account yet, or whom nobody has recognised.
    Visitor,
    /// A relying party, by its `client_id`.
    Client(String),
    /// The operator, by command or document.
    Operator,
    /// The provider itself: workers, expiry.
    System,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Visitor => f.write_str("visitor"),
            Self::Client(id) => write!(f, "client:{id}"),
            Self::Operator => f.write_str("operator"),
            Self::System => f.write_str("system"),
        }
    }
}

/// An event: what happened to whom. It holds ids and masked values, never a secret or a full AVS number.
#[derive(Debug, Clone)]
pub struct Event {
    id: EventId,
    at: Timestamp,
    kind: &'static str,
    actor: Actor,
    subject: Option<String>,
    data: Value,
}

impl Event {
    /// An event of this kind, such as `login.succeeded`; its id is drawn here, outside the transaction.
    #[must_use]
    pub fn new(app: &App, at: Timestamp, kind: &'static str, actor: Actor) -> Self {
        Self::drawn(&app.entropy, at, kind, actor)
    }

    /// The same, where there is no running provider.
    #[must_use]
    pub fn drawn(entropy: &Entropy, at: Timestamp, kind: &'static str, actor: Actor) -> Self {
        let id = EventId::new(at, entropy.bytes());
        Self { id, at, kind, actor, subject: None, data: Value::Object(serde_json::Map::new()) }
    }

    /// What happened, when that is known only later than the event's making.
    #[must_use]
    pub const fn of_kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// This event once more under an id of its own, and counts on: for a transaction that does the same to many, whose number is known only
    /// within it. The ids follow one another from the random one.
    #[must_use]
    pub fn numbered(&self, nth: &mut u32) -> Self {
        let id = u128::from_be_bytes(*self.id.as_bytes()).wrapping_add(u128::from(*nth));
        *nth += 1;
        Self { id: EventId::from_bytes(id.to_be_bytes()), ..self.clone() }
    }

    /// Whom or what it happened to.
    #[must_use]
    pub fn about(mut self, subject: impl std::fmt::Display) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// Who did it, when that is known only later than the event's making.
    #[must_use]
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }

    /// One more fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Value::Object(data) = &mut self.data {
            data.insert(name.to_owned(), value.into());
        }
        self
    }
}

/// Records an event in the transaction of the change it tells of.
pub fn record(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    let row = (
        audit_event::realm.eq(tx.realm()),
        audit_event::id.eq(event.id),
        audit_event::at.eq(event.at),
        audit_event::kind.eq(event.kind),
        audit_event::actor.eq(event.actor.to_string()),
        audit_event::subject.eq(&event.subject),
        audit_event::data.eq(event.data.to_string()),
    );
    diesel::insert_into(audit_event::table).values(row).execute(tx.conn)?;
    Ok(())
}
