//! Mail by SMTP (RFC 5321), over TLS whose name is checked.
//!
//! Each mail has a connection of its own: on one that is kept, a server that acknowledges twice would acknowledge the next mail before it
//! has it.

use super::bounded::Bounded;
use crate::config::{Mail, MailSecurity};
use lettre::address::AddressError;
use lettre::message::header::{ContentType, MessageId};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use poterne_idp::{MessageContent, OutgoingMessage, SendError};
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a server that has the mail is given to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
const LATE: &str = "the mail server did not answer in time";

/// How a connection is protected.
enum Protection {
    None,
    Starttls(TlsParameters),
    Tls(TlsParameters),
}

/// A mail server.
pub struct MailGateway {
    host: String,
    port: u16,
    protection: Protection,
    credentials: Option<Credentials>,
    timeout: Duration,
}

impl MailGateway {
    /// Prepares the connection; nothing is sent yet.
    ///
    /// # Errors
    /// In words: which setting cannot be used.
    pub fn new(settings: &Mail) -> Result<Self, String> {
        let (protection, usual) = match settings.security {
            MailSecurity::Starttls => (Protection::Starttls(tls(settings)?), 587),
            MailSecurity::Tls => (Protection::Tls(tls(settings)?), 465),
            MailSecurity::None if is_loopback(&settings.host) => (Protection::None, 25),
            MailSecurity::None => {
                return Err("mail.security none is for a server on loopback only: use starttls or tls".to_owned());
            }
        };
        let credentials = match (&settings.user, settings.password()?) {
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password)),
            (None, None) => None,
            _ => return Err("mail.user and mail.password belong together: set both or neither".to_owned()),
        };
        let (host, port) = (settings.host.clone(), settings.port.unwrap_or(usual));
        Ok(Self { host, port, protection, credentials, timeout: Duration::from_secs(settings.timeout_seconds) })
    }

    /// Connects, with TLS and the sign-in that the settings ask for, and sends nothing.
    ///
    /// # Errors
    /// In words for the operator: at which step it ended, and what the server said.
    pub async fn check(&self) -> Result<(), String> {
        let greeted = async {
            let mut connection = self.signed_in().await?;
            let alive = connection.test_connected().await;
            drop(tokio::time::timeout(GOODBYE, connection.abort()).await);
            if alive { Ok(()) } else { Err(later("the mail server closed the connection")) }
        };
        match tokio::time::timeout(self.timeout, greeted).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(SendError::Later(why) | SendError::LaterBy { why, .. } | SendError::Never(why))) => Err(why),
            Err(_) => Err(LATE.to_owned()),
        }
    }

    /// Hands one mail over.
    pub async fn send(&self, message: &OutgoingMessage) -> Result<(), SendError> {
        let mail = mail(message)?;
        match tokio::time::timeout(self.timeout, self.deliver(&mail)).await {
            Ok(delivered) => delivered,
            Err(_) => Err(later(LATE)),
        }
    }

    async fn deliver(&self, mail: &Message) -> Result<(), SendError> {
        let mut connection = self.signed_in().await?;
        connection.send(mail.envelope(), &mail.formatted()).await.map_err(|error| refusal(&error))?;
        // The server has it: whatever becomes of the goodbye, it must not be sent again.
        tokio::spawn(async move { drop(tokio::time::timeout(GOODBYE, connection.abort()).await) });
        Ok(())
    }

    async fn signed_in(&self) -> Result<AsyncSmtpConnection, SendError> {
        let mut connection = self.connect().await?;
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(|error| refusal(&error))?;
        }
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, SendError> {
        let (server, hello) = ((self.host.as_str(), self.port), ClientId::default());
        let plain = async {
            let stream = TcpStream::connect(server).await.map_err(|_| later("the mail server cannot be reached"))?;
            let stream = Box::new(Bounded::new(stream));
            AsyncSmtpConnection::connect_with_transport(stream, &hello).await.map_err(|error| refusal(&error))
        };
        match &self.protection {
            Protection::None => plain.await,
            Protection::Starttls(tls) => {
                let mut connection = plain.await?;
                connection.starttls(tls.clone(), &hello).await.map_err(|error| refusal(&error))?;
                Ok(connection)
            }
            Protection::Tls(tls) => {
                let tls = Some(tls.clone());
                let connected = AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &hello, tls, None).await;
                connected.map_err(|error| refusal(&error))
            }
        }
    }
}

/// The server's name is checked against the machine's authorities and that of the settings.
fn tls(settings: &Mail) -> Result<TlsParameters, String> {
    let mut tls = TlsParameters::builder(settings.host.clone());
    if let Some(file) = &settings.ca_file {
        let pem = std::fs::read(file).map_err(|error| format!("mail.ca_file {}: {error}", file.display()))?;
        let authority = Certificate::from_pem(&pem).map_err(|_| format!("mail.ca_file {}: no certificate", file.display()))?;
        tls = tls.add_root_certificate(authority);
    }
    tls.build().map_err(|error| format!("mail.host {}: {error}", settings.host))
}

fn later(words: &str) -> SendError {
    SendError::Later(words.to_owned())
}

/// What a failure means. The server's own words may repeat the address: its code says enough (RFC 5321 section 4.2).
fn refusal(error: &Error) -> SendError {
    match error.status() {
        Some(status) if error.is_permanent() => SendError::Never(format!("the mail server answered {status}")),
        Some(status) => SendError::Later(format!("the mail server answered {status}")),
        None if error.is_tls() || is_certificate(error) => later("the mail server's TLS is not right"),
        None if error.is_client() => later("the mail server cannot do what is needed, such as STARTTLS"),
        None => later("the connection to the mail server broke"),
    }
}

/// Whether the TLS engine refused what the server showed: it says so as data that make no sense.
fn is_certificate(error: &Error) -> bool {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let engine = causes.find_map(|cause| cause.downcast_ref::<std::io::Error>());
    engine.is_some_and(|refused| refused.kind() == std::io::ErrorKind::InvalidData)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The mail itself: one message with two parts that say the same, and the outbox's id, so that a copy is known as one.
fn mail(message: &OutgoingMessage) -> Result<Message, SendError> {
    let MessageContent::Mail { from, from_name, to, subject, text, html } = &message.content else {
        return Err(SendError::Never("not a mail".to_owned()));
    };
    let address = |text: &str| text.parse::<Address>().map_err(|error: AddressError| SendError::Never(error.to_string()));
    let from = Mailbox::new(Some(from_name.clone()), address(from)?);
    let host = from.email.domain().to_owned();
    let parts = MultiPart::alternative()
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text.expose().to_owned()))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(html.expose().to_owned()));
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, address(to)?))
        .subject(subject.expose())
        .header(MessageId::from(format!("<{}@{host}>", message.id)))
        .multipart(parts)
        .map_err(|error| SendError::Never(error.to_string()))
}
