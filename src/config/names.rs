//! Every setting by its whole name: how a variable's text is read, what may be shown of its value, and which name was meant by another.

/// What may be shown of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Whole,
    /// A URL's scheme, host and path; who signs in, and the query, may be secret.
    Place,
    /// Nothing.
    Dots,
}

/// How the text of a variable is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As it stands: a password of digits is a password.
    Text,
    /// As a number or a list, in TOML's way.
    Value,
}

use Reading::{Text, Value};
use Shown::{Dots, Place, Whole};

/// Every setting.
pub const NAMES: &[(&str, Reading, Shown)] = &[
    ("database.connections", Value, Whole),
    ("database.url", Text, Dots),
    ("database.url_file", Text, Whole),
    ("hashing", Value, Whole),
    ("listen.address", Text, Whole),
    ("listen.drain_notice_seconds", Value, Whole),
    ("listen.drain_seconds", Value, Whole),
    ("listen.management", Text, Whole),
    ("listen.max_connections", Value, Whole),
    ("listen.tls.certificate_file", Text, Whole),
    ("listen.tls.key_file", Text, Whole),
    ("log.filter", Text, Whole),
    ("log.format", Text, Whole),
    ("mail.ca_file", Text, Whole),
    ("mail.host", Text, Whole),
    ("mail.password", Text, Dots),
    ("mail.password_file", Text, Whole),
    ("mail.port", Value, Whole),
    ("mail.security", Text, Whole),
    ("mail.timeout_seconds", Value, Whole),
    ("mail.user", Text, Whole),
    ("master_key.key", Text, Dots),
    ("master_key.key_file", Text, Whole),
    ("outbound.allow", Value, Whole),
    ("outbound.trust_anchors", Text, Whole),
    ("proxy.trusted", Value, Whole),
    ("public_url", Text, Whole),
    ("sms.accepted_if", Text, Whole),
    // Gateways without a header for it want their password in the body.
    ("sms.body", Text, Dots),
    ("sms.headers", Text, Dots),
    ("sms.headers.content-type", Text, Whole),
    ("sms.never_retry", Value, Whole),
    ("sms.secret", Text, Dots),
    ("sms.secret_file", Text, Whole),
    ("sms.timeout_seconds", Value, Whole),
    ("sms.url", Text, Place),
];

/// Below this name, each operator names what they need.
const FREE: &str = "sms.headers.";

/// Whether there is such a setting.
pub fn is_known(name: &str) -> bool {
    name.starts_with(FREE) || NAMES.iter().any(|(known, ..)| *known == name)
}

/// How the text of a variable for this setting is read.
pub fn reading(name: &str) -> Reading {
    NAMES.iter().find(|(known, ..)| *known == name).map_or(Text, |(_, reading, _)| *reading)
}

/// What may be shown of this setting's value; of what is unknown, nothing.
pub fn shown(name: &str) -> Shown {
    // An entry of a list is its list's.
    let whole = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('.');
    NAMES.iter().find(|(known, ..)| *known == whole).map_or(Dots, |(.., shown)| *shown)
}

/// The known name that is nearest to a mistyped one, however its levels are parted.
pub fn nearest(name: &str) -> Option<&'static str> {
    let plain = |name: &str| name.replace("__", "_").replace('.', "_").to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&plain(known), &plain(name));
    NAMES.iter().map(|(known, ..)| *known).max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

/// The variable that sets this.
pub fn variable(name: &str) -> String {
    format!("POTERNE_{}", name.to_uppercase().replace('.', "__"))
}

/// A value as it may be shown.
pub fn disguised(name: &str, value: &str) -> String {
    match shown(name) {
        Whole => value.to_owned(),
        Dots => "•••".to_owned(),
        Place => place(value),
    }
}

/// A URL's scheme, host, port and path.
pub fn place(value: &str) -> String {
    let Ok(url) = url::Url::parse(value) else { return "•••".to_owned() };
    let who = if url.username().is_empty() && url.password().is_none() { "" } else { "•••@" };
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let asked = if url.query().is_none() && url.fragment().is_none() { "" } else { "?•••" };
    format!("{}://{who}{}{port}{}{asked}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}
