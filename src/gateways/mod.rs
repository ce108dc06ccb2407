//! Messages for real: mail by SMTP, text messages by an HTTP gateway that the settings describe.

mod bounded;
mod mail;
mod sms;
#[cfg(test)]
mod tests;

use crate::config::Config;
use mail::MailGateway;
use poterne_idp::{MessageContent, MessageSender, OutgoingMessage, SendError, Sending, Timestamp};
use sms::SmsGateway;
pub(crate) use sms::reason;

/// Both roads. A road that the settings leave out refuses its messages, which the outbox then gives up as if the road were closed.
pub struct Gateways {
    mail: Option<MailGateway>,
    sms: Option<SmsGateway>,
}

impl Gateways {
    /// Prepares the gateways; nothing is sent yet.
    ///
    /// # Errors
    /// In words: which setting cannot be used, and why.
    pub fn new(config: &Config) -> Result<Self, String> {
        let mail = config.mail.as_ref().map(MailGateway::new).transpose()?;
        let sms = config.sms.as_ref().map(SmsGateway::new).transpose()?;
        Ok(Self { mail, sms })
    }

    /// Whether the mail server takes connections as the settings make them; nothing where none is set up. Sends nothing.
    pub async fn check_mail(&self) -> Option<Result<(), String>> {
        Some(self.mail.as_ref()?.check().await)
    }

    /// Whether the SMS gateway is there, and the time by its clock; nothing where none is set up. Sends nothing.
    pub async fn check_sms(&self) -> Option<Result<Option<Timestamp>, String>> {
        Some(self.sms.as_ref()?.check().await)
    }

    /// What is not set up, for the operator to hear at the start.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let missing = |there: bool, words| (!there).then_some(words);
        let mail = missing(self.mail.is_some(), "no [mail]: mails are given up after eight tries");
        let sms = missing(self.sms.is_some(), "no [sms]: text messages are given up after eight tries");
        mail.into_iter().chain(sms).collect()
    }
}

impl MessageSender for Gateways {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> Sending<'a> {
        Box::pin(async move {
            match (&message.content, &self.mail, &self.sms) {
                (MessageContent::Mail { .. }, Some(mail), _) => mail.send(message).await,
                (MessageContent::Sms { from, to, text }, _, Some(sms)) => sms.send(&message.id, from, to, text).await,
                (MessageContent::Mail { .. }, None, _) => Err(SendError::Later("no mail server is configured".to_owned())),
                (MessageContent::Sms { .. }, _, None) => Err(SendError::Later("no SMS gateway is configured".to_owned())),
            }
        })
    }
}
