//! What a host may supply, each with a working default.

mod asked;
mod claims;
mod people;

pub use asked::{Answering, HookError};
pub(crate) use claims::HostClaims;
pub use claims::{ClaimsPlace, ClaimsSource, ClaimsSubject};
pub(crate) use people::HostPeople;
pub use people::{KnownPerson, People, TypedIdentifiers};

use crate::lang::Lang;
use crate::web::words;
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::future::Future;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::pin::Pin;

/// A message on its way to a person, as a host's sender gets it. It holds secrets: it has no `Debug`.
#[derive(Clone)]
pub struct OutgoingMessage {
    /// The message's id: the same when it is handed over again after an unclear answer.
    pub id: String,
    /// The realm's slug.
    pub realm: String,
    /// The language it is written in.
    pub lang: Lang,
    /// When it was written.
    pub created_at: Timestamp,
    /// What is to be delivered.
    pub content: MessageContent,
}

/// What is to be delivered, by channel.
#[derive(Clone)]
pub enum MessageContent {
    /// A mail.
    Mail {
        /// The realm's sender address.
        from: String,
        /// The realm's name.
        from_name: String,
        /// The address.
        to: String,
        /// The subject.
        subject: Secret,
        /// The text part.
        text: Secret,
        /// The HTML part.
        html: Secret,
    },
    /// A text message.
    Sms {
        /// The sender that the phone shows.
        from: String,
        /// The number in E.164 form.
        to: String,
        /// The text.
        text: Secret,
    },
}

/// Why a message was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Trying again may help.
    #[error("not now: {0}")]
    Later(String),
    /// It will never help: the address does not exist, the gateway refuses the content.
    #[error("never: {0}")]
    Never(String),
}

/// The future of a hand-over.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// Hands messages to the world: SMTP, an SMS gateway, a queue of the host's. May be called again with the same id.
pub trait MessageSender: Send + Sync + 'static {
    /// Hands one message over. Called by the outbox, off any transaction, with a time limit.
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> Sending<'a>;
}

/// The sender of a host that supplies none: every message is given up at once, and the outbox says why.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSender;

impl MessageSender for NoSender {
    fn send<'a>(&'a self, _message: &'a OutgoingMessage) -> Sending<'a> {
        Box::pin(std::future::ready(Err(SendError::Never("the host supplies no sender of messages".into()))))
    }
}

/// Says where an address is, for the notices that tell somebody of a sign-in: as coarse as that. A host that has a geographical
/// table plugs it in here and answers with a country or a region («Vaud, Suisse»), in the reader's language. The answer goes into mails
/// and is kept with the session, so it must never hold the whole address, nor more than the reader needs to tell their own sign-in
/// from somebody else's. Called while a request waits: from memory, never over the network.
pub trait Places: Send + Sync + 'static {
    /// The place in words, `None` where nothing is known.
    fn place_of(&self, address: IpAddr, lang: Lang) -> Option<String>;
}

/// The places of a host without a geographical table: the network, shortened to two parts of four (IPv4) or of eight (IPv6), and a word
/// for networks that are the reader's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Networks;

impl Places for Networks {
    fn place_of(&self, address: IpAddr, lang: Lang) -> Option<String> {
        match address.to_canonical() {
            IpAddr::V4(v4) if is_local_v4(v4) => words::t(lang, "place-local", &[]).ok(),
            IpAddr::V6(v6) if is_local_v6(v6) => words::t(lang, "place-local", &[]).ok(),
            IpAddr::V4(v4) => {
                let [a, b, ..] = v4.octets();
                Some(format!("{a}.{b}.•.•"))
            }
            IpAddr::V6(v6) => {
                let [a, b, ..] = v6.segments();
                Some(format!("{a:x}:{b:x}:•"))
            }
        }
    }
}

/// A place as it was kept, for a reader of another language than the one it was kept in: the word for one's own network follows the
/// reader, what a host's table said stays as it is.
pub(crate) fn place_in(lang: Lang, kept: String) -> String {
    let word = |lang| words::t(lang, "place-local", &[]).ok();
    let is_local = Lang::ALL.into_iter().any(|known| word(known).as_deref() == Some(kept.as_str()));
    if is_local { word(lang).unwrap_or(kept) } else { kept }
}

const fn is_local_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private() || address.is_link_local() || address.is_unspecified()
}

const fn is_local_v6(address: Ipv6Addr) -> bool {
    address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local() || address.is_unspecified()
}

/// Writes each message as a JSON file into a folder: for the demo and for tests. The files hold clear codes.
#[derive(Debug, Clone)]
pub struct FolderSender {
    folder: PathBuf,
}

/// A message as [`FolderSender`] writes it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct WrittenMessage {
    /// The message's id; sorted by time.
    pub id: String,
    /// The realm's slug.
    pub realm: String,
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
    /// When it was written, RFC 3339 in UTC with microseconds.
    pub at: String,
}

impl FolderSender {
    /// A sender that writes into this folder, which must exist.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn write(&self, message: &OutgoingMessage) -> std::io::Result<()> {
        let id = message.id.clone();
        let realm = message.realm.clone();
        let at = message.created_at.to_rfc3339();
        let written = match &message.content {
            MessageContent::Mail { to, subject, text, html, .. } => WrittenMessage {
                id,
                realm,
                channel: "mail".into(),
                to: to.clone(),
                subject: Some(subject.expose().into()),
                text: text.expose().into(),
                html: Some(html.expose().into()),
                at,
            },
            MessageContent::Sms { to, text, .. } => {
                let (to, text) = (to.clone(), text.expose().into());
                WrittenMessage { id, realm, channel: "sms".into(), to, subject: None, text, html: None, at }
            }
        };
        // Written aside and moved, so that a reader never sees half a message; the same id overwrites itself.
        let aside = self.folder.join(format!(".{}", message.id));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        // The files hold clear codes: they are their owner's.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&aside)?.write_all(&serde_json::to_vec_pretty(&written)?)?;
        std::fs::rename(aside, self.folder.join(format!("{}.json", message.id)))
    }
}

impl MessageSender for FolderSender {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> Sending<'a> {
        Box::pin(async move { self.write(message).map_err(|error| SendError::Later(error.to_string())) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_place_follows_the_readers_language_where_it_is_a_word_of_ours() {
        assert_eq!(place_in(Lang::De, "réseau local".to_owned()), "lokales Netz");
        assert_eq!(place_in(Lang::Fr, "lokales Netz".to_owned()), "réseau local");
        assert_eq!(place_in(Lang::De, "Vaud, Suisse".to_owned()), "Vaud, Suisse");
    }

    #[test]
    fn a_place_is_a_network_in_two_parts_and_never_an_address() {
        let place = |address: &str| Networks.place_of(address.parse().unwrap(), Lang::Fr).unwrap();
        assert_eq!(place("203.0.113.77"), "203.0.•.•");
        assert_eq!(place("::ffff:203.0.113.77"), "203.0.•.•");
        assert_eq!(place("2001:db8:1:2::77"), "2001:db8:•");
        for local in ["127.0.0.1", "::1", "10.1.2.3", "192.168.1.9", "169.254.3.4", "fd00::7", "fe80::7"] {
            assert_eq!(place(local), "réseau local", "{local}");
        }
    }
}
