//! The demo's outbox: what would have been sent, newest last.

use super::folder::Folder;
use poterne_idp::WrittenMessage;
use serde::Serialize;

/// A message as scripts read it.
#[derive(Serialize, Clone)]
pub struct OutboxMessage {
    /// The message's id.
    pub id: String,
    /// The short name of the fund that sent it.
    pub fund: String,
    /// `mail` or `sms`.
    pub channel: String,
    /// Address or number.
    pub to: String,
    /// The subject of a mail.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
    /// The HTML part of a mail.
    pub html: Option<String>,
    /// When it was sent, RFC 3339.
    pub at: String,
}

/// All messages, newest last.
pub fn messages(folder: &Folder) -> Result<Vec<OutboxMessage>, String> {
    let entries = std::fs::read_dir(folder.outbox()).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
        let message: WrittenMessage = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
        found.push(message);
    }
    found.sort_by(|a, b| (&a.at, &a.id).cmp(&(&b.at, &b.id)));
    Ok(found.into_iter().map(shown).collect())
}

/// One message.
pub fn message(folder: &Folder, id: &str) -> Result<Option<OutboxMessage>, String> {
    Ok(messages(folder)?.into_iter().find(|message| message.id == id))
}

fn shown(message: WrittenMessage) -> OutboxMessage {
    let WrittenMessage { id, realm, channel, to, subject, text, html, at, .. } = message;
    OutboxMessage { id, fund: realm, channel, to, subject, text, html, at }
}
