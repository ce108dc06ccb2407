//! Where messages of a test's provider arrive.

use poterne_idp::{MessageContent, MessageSender, OutgoingMessage, Sending};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A message as its reader sees it.
#[derive(Clone, Debug)]
pub struct Received {
    /// Address or number.
    pub to: String,
    /// The subject of a mail; empty for an SMS.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl Received {
    /// The six digits in it.
    pub fn code(&self) -> String {
        self.digits().unwrap_or_else(|| panic!("no code in {self:?}"))
    }

    /// The six digits in it, if there are any.
    pub fn digits(&self) -> Option<String> {
        let text = format!("{}\n{}", self.text, self.subject);
        let mut runs = text.split(|c: char| !c.is_ascii_digit());
        runs.find(|run| run.len() == 6).map(str::to_owned)
    }

    /// The «this was not me» link in it.
    pub fn link(&self) -> String {
        let mut links = self.text.split_whitespace().filter(|word| word.contains("/ui/not-me/"));
        links.next().unwrap_or_else(|| panic!("no link in {self:?}")).to_owned()
    }
}

/// Keeps what is sent.
#[derive(Clone, Default)]
pub struct Mailbox(Arc<Mutex<Vec<Received>>>);

impl MessageSender for Mailbox {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> Sending<'a> {
        let received = match &message.content {
            MessageContent::Mail { to, subject, text, .. } => {
                Received { to: to.clone(), subject: subject.expose().to_owned(), text: text.expose().to_owned() }
            }
            MessageContent::Sms { to, text, .. } => {
                Received { to: to.clone(), subject: String::new(), text: text.expose().to_owned() }
            }
        };
        self.0.lock().expect("no test panics here").push(received);
        Box::pin(async { Ok(()) })
    }
}

impl Mailbox {
    /// Everything that was sent, oldest first.
    pub fn everything(&self) -> Vec<Received> {
        self.0.lock().expect("no test panics here").clone()
    }

    /// All messages to this address or number, oldest first.
    pub fn to(&self, to: &str) -> Vec<Received> {
        self.0.lock().expect("no test panics here").iter().filter(|message| message.to == to).cloned().collect()
    }

    /// All messages to this address or number with these words in their subject, oldest first.
    pub fn about(&self, to: &str, words: &str) -> Vec<Received> {
        self.to(to).into_iter().filter(|message| message.subject.contains(words)).collect()
    }

    /// Waits until this many messages have come to an address, and gives the last.
    pub async fn wait_for(&self, to: &str, count: usize) -> Received {
        self.wait_about(to, "", count).await
    }

    /// Waits until this many messages with these words in their subject have come to an address, and gives the last.
    pub async fn wait_about(&self, to: &str, words: &str, count: usize) -> Received {
        for _ in 0..1_500 {
            let found = self.about(to, words);
            if found.len() >= count {
                return found.last().cloned().expect("count is at least one");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("message {count} with «{words}» to {to} did not come; there are {:?}", self.everything());
    }

    /// The first message to an address.
    pub async fn first(&self, to: &str) -> Received {
        self.wait_for(to, 1).await
    }
}
