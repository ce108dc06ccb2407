//! Rendering and sealing a message, outside the transaction that enqueues it.

use super::messages::{Letterhead, Message, Rendered};
use super::rules::Target;
use crate::app::App;
use crate::error::{Failure, Result};
use crate::host::MessageContent;
use crate::lang::Lang;
use crate::realm::Realm;
use crate::vault::{Place, Vault};
use crate::web::render::Contact;
use poterne_protocol::id::MessageId;
use poterne_protocol::secret::{Sealed, Secret};
use poterne_protocol::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A message rendered and sealed, ready to be enqueued.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) id: MessageId,
    pub(super) kind: &'static str,
    pub(super) channel: Channel,
    pub(super) target: String,
    pub(super) payload: Sealed,
    pub(super) at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
}

/// By which road a message leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// By e-mail.
    Mail,
    /// By text message.
    Sms,
    /// To a portal's server, by HTTP.
    Portal,
    /// To the server of a client that registered itself, by HTTP.
    Registered,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 4] = [Self::Mail, Self::Sms, Self::Portal, Self::Registered];

    /// The name in the database and in commands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
            Self::Portal => "portal",
            Self::Registered => "registered",
        }
    }
}

/// What the sender needs, as it lies sealed in the database.
#[derive(Serialize, Deserialize)]
struct Payload {
    lang: Lang,
    content: Content,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    Mail { from: String, from_name: String, to: String, subject: String, text: String, html: String },
    Sms { from: String, to: String, text: String },
}

/// Renders a message and seals it. Without `expires_at` it is worth sending however late.
///
/// # Errors
/// When words or values are missing, or the message is none for this target.
pub fn prepare(
    app: &App,
    realm: &Realm,
    now: Timestamp,
    lang: Lang,
    to: &Target,
    message: &Message,
    expires_at: Option<Timestamp>,
) -> Result<Prepared> {
    let rendered = message.render(&letterhead(realm, lang)).map_err(|error| Failure::Internal(error.to_string().into()))?;
    let sender = &realm.document.sender;
    let (channel, content) = match (to, rendered) {
        (Target::Mail(to), Rendered::Mail { subject, text, html }) => {
            let (from, from_name) = (sender.email.clone(), realm.document.name.clone());
            (Channel::Mail, Content::Mail { from, from_name, to: to.clone(), subject, text, html })
        }
        (Target::Sms(to), Rendered::Sms { text }) => {
            (Channel::Sms, Content::Sms { from: sender.sms.clone(), to: to.clone(), text })
        }
        _ => return Err(Failure::internal("a message of one channel for a target of the other")),
    };
    let id = MessageId::new(now, app.entropy.bytes());
    let clear = Zeroizing::new(serde_json::to_vec(&Payload { lang, content })?);
    let payload = realm.vault.seal(&app.entropy, place(&id), &clear)?;
    Ok(Prepared { id, kind: message.kind(), channel, target: to.masked(), payload, at: now, expires_at })
}

/// Seals something for a portal's server. `target` is shown to operators, and what is sent to one target at once is bounded.
///
/// # Errors
/// When it cannot be written or sealed.
pub fn prepare_for_portal(
    app: &App,
    realm: &Realm,
    now: Timestamp,
    kind: &'static str,
    (channel, target): (Channel, String),
    what: &impl Serialize,
) -> Result<Prepared> {
    let id = MessageId::new(now, app.entropy.bytes());
    let clear = Zeroizing::new(serde_json::to_vec(what)?);
    let payload = realm.vault.seal(&app.entropy, place(&id), &clear)?;
    Ok(Prepared { id, kind, channel, target, payload, at: now, expires_at: None })
}

/// Opens what [`prepare_for_portal`] sealed.
///
/// # Errors
/// When it is not that.
pub fn open_for_portal<T: DeserializeOwned>(vault: &Vault, id: MessageId, payload: &Sealed) -> Result<T> {
    Ok(serde_json::from_slice(&vault.unseal(place(&id), payload)?)?)
}

impl Prepared {
    /// Names the message.
    #[must_use]
    pub const fn id(&self) -> MessageId {
        self.id
    }
}

/// Opens what [`prepare`] sealed.
pub(super) fn open(vault: &Vault, id: MessageId, payload: &Sealed) -> Result<(Lang, MessageContent)> {
    let clear = vault.unseal(place(&id), payload)?;
    let Payload { lang, content } = serde_json::from_slice(&clear)?;
    let content = match content {
        Content::Mail { from, from_name, to, subject, text, html } => {
            let (subject, text, html) = (Secret::new(subject), Secret::new(text), Secret::new(html));
            MessageContent::Mail { from, from_name, to, subject, text, html }
        }
        Content::Sms { from, to, text } => MessageContent::Sms { from, to, text: Secret::new(text) },
    };
    Ok((lang, content))
}

const fn place(id: &MessageId) -> Place<'_> {
    Place { table: "message", column: "payload", row: id.as_bytes() }
}

fn letterhead(realm: &Realm, lang: Lang) -> Letterhead {
    let contact = &realm.document.contact;
    let hours = Some(contact.hours.get(lang).to_owned()).filter(|hours| !hours.is_empty());
    let contact = Contact { phone: Some(contact.phone.clone()), email: Some(contact.email.clone()), hours };
    Letterhead { lang, realm: realm.document.name.clone(), contact, host: realm.urls.host().to_owned() }
}
