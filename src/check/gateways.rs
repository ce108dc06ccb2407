//! The mail server and the SMS gateway: whether they are there, and, where wished, a message through them.

use super::local::SenderSeen;
use super::{Line, Seen, in_time};
use crate::config::Config;
use crate::gateways::Gateways;
use poterne_idp::manage::Secret;
use poterne_idp::{Clock, Entropy, EntryId, Lang, MessageContent, MessageSender, OutgoingMessage};

const TEXT: &str = "Poterne: test message.";

pub(super) async fn mail(gateways: &Gateways, config: &Config, to: Option<&str>, sender: Option<&SenderSeen>) -> Vec<Line> {
    let what = "mail";
    let advice = "look at [mail]: host, port, security, user, password; the certificate must carry the host's name";
    let named = config.mail.as_ref().map(|mail| mail.host.clone()).unwrap_or_default();
    let line = match in_time(gateways.check_mail()).await {
        Ok(None) => Line::warn(what, "no [mail]: mails are given up after eight tries", "set up [mail]"),
        Ok(Some(Ok(()))) => Line::ok(what, format!("{named} takes the connection")),
        Ok(Some(Err(why))) | Err(why) => Line::failed(what, format!("{named}: {why}"), advice),
    };
    let mut lines = vec![line];
    if let Some(to) = to {
        let content = sender.map(|by| MessageContent::Mail {
            from: by.sender.email.clone(),
            from_name: by.name.clone(),
            to: to.to_owned(),
            subject: Secret::from(TEXT.to_owned()),
            text: Secret::from(format!("{TEXT}\n")),
            html: Secret::from(format!("<p>{TEXT}</p>")),
        });
        lines.push(sent("test mail", gateways, content, advice).await);
    }
    lines
}

pub(super) async fn sms(
    gateways: &Gateways,
    config: &Config,
    to: Option<&str>,
    sender: Option<&SenderSeen>,
) -> (Vec<Line>, Option<Seen>) {
    let (what, advice) = ("sms", "look at [sms]: url, headers, body, secret");
    let named = config.sms.as_ref().map(|sms| host_of(&sms.url)).unwrap_or_default();
    let (line, clock) = match in_time(gateways.check_sms()).await {
        Ok(None) => (Line::warn(what, "no [sms]: text messages are given up after eight tries", "set up [sms]"), None),
        Ok(Some(Ok(time))) => {
            let seen = time.map(|time| Seen { whose: named.clone(), time, ours: Clock::System.now() });
            (Line::ok(what, format!("{named} answers")), seen)
        }
        Ok(Some(Err(why))) | Err(why) => (Line::failed(what, format!("{named}: {why}"), advice), None),
    };
    let mut lines = vec![line];
    if let Some(to) = to {
        let content = sender.map(|by| MessageContent::Sms {
            from: by.sender.sms.clone(),
            to: to.to_owned(),
            text: Secret::from(TEXT.to_owned()),
        });
        lines.push(sent("test sms", gateways, content, advice).await);
    }
    (lines, clock)
}

async fn sent(what: &str, gateways: &Gateways, content: Option<MessageContent>, advice: &str) -> Line {
    let Some(content) = content else {
        return Line::failed(what, "no realm says who it is from", "poterne realm apply FUND.toml, then again");
    };
    let id = EntryId::new(Clock::System.now(), Entropy::System.bytes()).to_string();
    let message = OutgoingMessage { id, realm: String::new(), lang: Lang::En, created_at: Clock::System.now(), content };
    match in_time(gateways.send(&message)).await {
        Ok(Ok(())) => Line::ok(what, "handed over: look whether it came"),
        Ok(Err(error)) => Line::failed(what, error.to_string(), advice),
        Err(late) => Line::failed(what, late, advice),
    }
}

/// The URL may hold a secret in its path or query.
fn host_of(url: &str) -> String {
    url.parse::<url::Url>().ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
