//! Mail by SMTP (RFC 5321), over TLS whose name is checked.

use crate::config::{Mail, MailSecurity};
use lettre::address::AddressError;
use lettre::message::header::{ContentType, MessageId};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use poterne_idp::{MessageContent, OutgoingMessage, SendError};
use std::time::Duration;

const LATE: &str = "the mail server did not answer in time";

/// A mail server.
pub struct MailGateway {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// Of a whole attempt: the library's own limit ends with the connection.
    limit: Duration,
}

impl MailGateway {
    /// Prepares the connection; nothing is sent yet.
    ///
    /// # Errors
    /// In words: which setting cannot be used.
    pub fn new(settings: &Mail) -> Result<Self, String> {
        let unusable = |error: lettre::transport::smtp::Error| format!("mail.host {}: {error}", settings.host);
        let (builder, usual) = match settings.security {
            MailSecurity::Starttls => {
                (AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&settings.host).map_err(unusable)?, 587)
            }
            MailSecurity::Tls => (AsyncSmtpTransport::<Tokio1Executor>::relay(&settings.host).map_err(unusable)?, 465),
            MailSecurity::None if is_loopback(&settings.host) => {
                (AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host), 25)
            }
            MailSecurity::None => {
                return Err("mail.security none is for a server on loopback only: use starttls or tls".to_owned());
            }
        };
        let limit = Duration::from_secs(settings.timeout_seconds);
        let builder = builder.port(settings.port.unwrap_or(usual)).timeout(Some(limit));
        let builder = match (&settings.user, settings.password()?) {
            (Some(user), Some(password)) => builder.credentials(Credentials::new(user.clone(), password)),
            (None, None) => builder,
            _ => return Err("mail.user and mail.password belong together: set both or neither".to_owned()),
        };
        Ok(Self { transport: builder.build(), limit })
    }

    /// Connects, with TLS and the sign-in that the settings ask for, and sends nothing.
    ///
    /// # Errors
    /// In words for the operator: at which step it ended, and what the server said.
    pub async fn check(&self) -> Result<(), String> {
        match tokio::time::timeout(self.limit, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err("the mail server closed the connection".to_owned()),
            // Nobody's address is in it: nothing was sent.
            Ok(Err(error)) => Err(format!("{} ({error})", words(&error))),
            Err(_) => Err(LATE.to_owned()),
        }
    }

    /// Hands one mail over.
    pub async fn send(&self, message: &OutgoingMessage) -> Result<(), SendError> {
        let mail = mail(message)?;
        match tokio::time::timeout(self.limit, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            // The server's own words may repeat the address: its code says enough (RFC 5321 section 4.2).
            Ok(Err(error)) if error.is_permanent() => Err(SendError::Never(words(&error))),
            Ok(Err(error)) => Err(SendError::Later(words(&error))),
            Err(_) => Err(SendError::Later(LATE.to_owned())),
        }
    }
}

fn words(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(status) => format!("the mail server answered {status}"),
        None if error.is_timeout() => LATE.to_owned(),
        None if error.is_tls() => "the mail server's TLS is not right".to_owned(),
        None => "the mail server cannot be reached".to_owned(),
    }
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
