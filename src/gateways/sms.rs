//! Text messages: one HTTP request each, made from a description of the gateway.

use crate::config::{Sms, place};
use poterne_idp::manage::Secret;
use poterne_idp::{SendError, Timestamp};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use std::time::Duration;

/// How the values in the body are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    Json,
    Form,
    Nothing,
}

/// An SMS gateway.
pub struct SmsGateway {
    client: Client,
    url: Url,
    headers: HeaderMap,
    body: String,
    escape: Escape,
    secret: Secret,
    accepted_if: Option<String>,
    never_retry: Vec<u16>,
}

impl SmsGateway {
    /// Prepares the gateway; nothing is sent yet.
    ///
    /// # Errors
    /// In words: which setting cannot be used, and why.
    pub fn new(settings: &Sms) -> Result<Self, String> {
        let url: Url = settings.url.parse().map_err(|error| format!("sms.url is no URL: {error}"))?;
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(format!("sms.url {}: must be https (http only on loopback)", place(&settings.url)));
        }
        for wanted in ["{to}", "{text}"] {
            if !settings.body.contains(wanted) {
                return Err(format!("sms.body has no {wanted}"));
            }
        }
        let secret = settings.secret()?.unwrap_or_default();
        let mut headers = HeaderMap::new();
        for (name, value) in &settings.headers {
            let name: HeaderName = name.parse().map_err(|_| format!("sms.headers: {name} cannot name a header"))?;
            let mut value: HeaderValue =
                value.replace("{secret}", &secret).parse().map_err(|_| format!("sms.headers: {name} has an impossible value"))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let essence = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let escape = match essence.split(';').next().unwrap_or_default().trim() {
            "application/json" => Escape::Json,
            "application/x-www-form-urlencoded" => Escape::Form,
            _ => Escape::Nothing,
        };
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(settings.timeout_seconds))
            .build()
            .map_err(|error| format!("sms: {error}"))?;
        Ok(Self {
            client,
            url,
            headers,
            body: settings.body.clone(),
            escape,
            secret: Secret::from(secret),
            accepted_if: settings.accepted_if.clone(),
            never_retry: settings.never_retry.clone(),
        })
    }

    /// Asks the gateway whether it is there, and sends nothing: the time by its clock, where it tells.
    ///
    /// # Errors
    /// In words for the operator: at which step it ended.
    pub async fn check(&self) -> Result<Option<Timestamp>, String> {
        let answer = self.client.head(self.url.clone()).send().await.map_err(|error| reason(&error.without_url()))?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        Ok(date.and_then(Timestamp::from_http_date))
    }

    /// Hands one text message over.
    pub async fn send(&self, from: &str, to: &str, text: &Secret) -> Result<(), SendError> {
        let request = self.client.post(self.url.clone()).headers(self.headers.clone()).body(self.filled(from, to, text));
        let later = |words: &str| SendError::Later(words.to_owned());
        let answer = request.send().await.map_err(|error| {
            later(if error.is_timeout() { "the SMS gateway did not answer in time" } else { "the SMS gateway cannot be reached" })
        })?;
        let status = answer.status();
        if !status.is_success() {
            let words = format!("the SMS gateway answered {}", status.as_u16());
            // Too much at once and faults of the gateway's own pass; what it calls our fault does not, unless it is told to.
            let never = self.never_retry.contains(&status.as_u16()) || [400, 404, 410, 413, 422].contains(&status.as_u16());
            return Err(if never { SendError::Never(words) } else { SendError::Later(words) });
        }
        let Some(wanted) = &self.accepted_if else { return Ok(()) };
        let body = answer.text().await.map_err(|_| later("the SMS gateway's answer broke off"))?;
        if body.contains(wanted.as_str()) { Ok(()) } else { Err(later("the SMS gateway did not say that it took the message")) }
    }

    /// The body, its places filled in one pass, so that no value is taken for a place.
    fn filled(&self, from: &str, to: &str, text: &Secret) -> String {
        let values = [("{to}", to), ("{from}", from), ("{text}", text.expose()), ("{secret}", self.secret.expose())];
        let (mut out, mut rest) = (String::new(), self.body.as_str());
        while let Some(at) = rest.find('{') {
            let (before, here) = rest.split_at(at);
            out.push_str(before);
            if let Some((place, value)) = values.iter().find(|(place, _)| here.starts_with(place)) {
                out.push_str(&self.escaped(value));
                rest = here.get(place.len()..).unwrap_or_default();
            } else {
                out.push('{');
                rest = here.get(1..).unwrap_or_default();
            }
        }
        out + rest
    }

    fn escaped(&self, value: &str) -> String {
        match self.escape {
            Escape::Nothing => value.to_owned(),
            Escape::Form => url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
            // Without the quotes, which the template has.
            Escape::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
            }
        }
    }
}

/// What lies at the bottom of a failed request: a name that is not found, a certificate that does not fit.
pub(crate) fn reason(error: &reqwest::Error) -> String {
    let (mut words, mut cause) = (error.to_string(), std::error::Error::source(error));
    while let Some(deeper) = cause {
        words = deeper.to_string();
        cause = deeper.source();
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn gateway(content_type: &str, body: &str) -> SmsGateway {
        let text = format!(
            "url = \"https://sms.example/send\"\nbody = '''{body}'''\nsecret = \"s3\"\n[headers]\ncontent-type = \"{content_type}\""
        );
        SmsGateway::new(&toml::from_str(&text).unwrap()).unwrap()
    }

    #[test]
    fn values_are_written_as_the_body_wants_them_and_never_taken_for_places() {
        let text = Secret::from("Votre code: «12\"3» {to}\n& plus".to_owned());
        let json = gateway("application/json; charset=utf-8", r#"{"to":"{to}","body":"{text}","key":"{secret}"}"#);
        let sent: BTreeMap<String, String> = serde_json::from_str(&json.filled("L", "+4179", &text)).unwrap();
        assert_eq!((sent["to"].as_str(), sent["body"].as_str(), sent["key"].as_str()), ("+4179", text.expose(), "s3"));
        let form = gateway("application/x-www-form-urlencoded", "to={to}&text={text}&from={from}");
        let filled = form.filled("L & Co", "+4179", &text);
        let pairs: BTreeMap<_, _> = url::form_urlencoded::parse(filled.as_bytes()).into_owned().collect();
        assert_eq!((pairs["to"].as_str(), pairs["text"].as_str(), pairs["from"].as_str()), ("+4179", text.expose(), "L & Co"));
    }

    #[test]
    fn a_gateway_that_cannot_work_is_refused_in_words() {
        let parse = |text: &str| SmsGateway::new(&toml::from_str(text).unwrap()).err().unwrap_or_default();
        assert!(parse("url = \"http://sms.example/\"\nbody = \"{to}{text}\"").contains("must be https"));
        assert!(parse("url = \"https://sms.example/\"\nbody = \"{to}\"").contains("no {text}"));
        assert!(
            parse("url = \"https://sms.example/\"\nbody = \"{to}{text}\"\nheaders = { \"a b\" = \"x\" }")
                .contains("cannot name a header")
        );
    }
}
