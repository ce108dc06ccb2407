//! The process's settings: where it listens, its database, its master key, how messages leave. What a fund is stands in its realm's
//! document instead, in the database; nothing is settable in both.
//!
//! Layers, the later the stronger: built-in values, the TOML file, `POTERNE_` variables with `__` between the levels.

mod layers;
mod names;
mod show;
#[cfg(test)]
mod tests;

pub use layers::{load, resolve, said};
pub use names::place;
pub use show::{ShowArgs, show};

use crate::private_file;
use ipnet::IpNet;
use poterne_idp::{Allowed, DatabaseUrl};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// The settings of one process.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where people and portals reach the provider, such as `https://id.example.ch`; realms live below it.
    pub public_url: String,
    /// Where the process listens.
    #[serde(default)]
    pub listen: Listen,
    /// The database.
    pub database: Database,
    /// What opens the realms' keys.
    pub master_key: MasterKeySource,
    /// Mail.
    #[serde(default)]
    pub mail: Option<Mail>,
    /// Text messages.
    #[serde(default)]
    pub sms: Option<Sms>,
    /// The log.
    #[serde(default)]
    pub log: Log,
    /// What the provider fetches from clients, and posts to them.
    #[serde(default)]
    pub outbound: Outbound,
    /// Proxies before the provider.
    #[serde(default)]
    pub proxy: Proxy,
    /// Passwords that may be hashed at once; each takes one core and 19 MiB. Without it, one for each core.
    #[serde(default)]
    pub hashing: Option<usize>,
}

/// Where the process listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// For people and portals.
    pub address: SocketAddr,
    /// For the operator's tools: health, readiness, version. Never to be reached from outside.
    pub management: SocketAddr,
    /// Seconds that requests under way are given when the process is told to stop.
    pub drain_seconds: u64,
    /// Seconds for which new requests are still taken after readiness turned red: as long as a balancer needs to notice.
    pub drain_notice_seconds: u64,
    /// Connections at once; more wait until one ends.
    pub max_connections: usize,
    /// TLS, where it ends in this process.
    pub tls: Option<Tls>,
}

/// TLS that ends in this process.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificates in PEM, the server's own first.
    pub certificate_file: PathBuf,
    /// The private key in PEM, without a passphrase.
    pub key_file: PathBuf,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: ([127, 0, 0, 1], 8080).into(),
            management: ([127, 0, 0, 1], 9080).into(),
            drain_seconds: 20,
            drain_notice_seconds: 0,
            max_connections: crate::net::MOST,
            tls: None,
        }
    }
}

/// The database.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH`, or `postgres://…`. It may hold a password: it has no `Debug`.
    #[serde(default)]
    url: Option<String>,
    /// A file that holds the URL.
    #[serde(default)]
    url_file: Option<PathBuf>,
    /// Connections at most, on PostgreSQL; readers, on SQLite.
    #[serde(default)]
    pub connections: Option<u32>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database(…)")
    }
}

/// Where the master key comes from.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MasterKeySource {
    /// 64 hexadecimal digits. Better from a file.
    #[serde(default)]
    key: Option<String>,
    /// A file that holds them.
    #[serde(default)]
    key_file: Option<PathBuf>,
}

impl std::fmt::Debug for MasterKeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKeySource(…)")
    }
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// STARTTLS, required (RFC 3207); the server's name is checked.
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314 section 3.3); the server's name is checked.
    Tls,
    /// Nothing: for a server on loopback only.
    None,
}

/// Mail by SMTP.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// The server's name, which its certificate must carry.
    pub host: String,
    /// The port; without it, the usual one: 587 for `starttls`, 465 for `tls`, 25 for `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub security: MailSecurity,
    /// Who signs in to the server, where it asks.
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    password_file: Option<PathBuf>,
    /// The certificate (PEM) of the authority that signed the server's, where the machine does not know it.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Seconds until an attempt is given up; never more than 20.
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail({})", self.host)
    }
}

const fn ten() -> u64 {
    10
}

/// Text messages through an HTTP gateway.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Where each message is posted.
    pub url: String,
    /// Headers of the request, such as `content-type`. `{secret}` stands for the secret, `{id}` for the message's id, which stays the same
    /// when it is handed over again: a gateway that knows it sends no message twice.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body, with `{to}`, `{from}`, `{text}`, `{id}` and `{secret}`. In a JSON body the values are escaped as JSON, in a form as a form.
    pub body: String,
    #[serde(default)]
    secret: Option<String>,
    #[serde(default)]
    secret_file: Option<PathBuf>,
    /// Text that the answer must hold to count as taken, beside a status from 200 to 299.
    #[serde(default)]
    pub accepted_if: Option<String>,
    /// Statuses after which another attempt is worth nothing, beside those that say so themselves.
    #[serde(default)]
    pub never_retry: Vec<u16>,
    /// Seconds until an attempt is given up; never more than 20.
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sms({})", place(&self.url))
    }
}

/// The log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// What it shows, such as `info` or `poterne_idp=debug`.
    pub filter: String,
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What the provider fetches from clients (keys, request objects, logos), and posts to them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Exceptions from the rule that only public addresses are reached: a host with its port, as `portal.internal:8443`, or a network, as
    /// `10.20.0.0/16`. On loopback an exception allows http as well.
    #[serde(deserialize_with = "exceptions")]
    pub allow: Vec<Allowed>,
    /// Certificates (PEM) of authorities that signed those hosts' own, where the machine does not know them.
    pub trust_anchors: Option<PathBuf>,
}

/// Proxies before the provider.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Proxy {
    /// Their addresses, as `10.0.0.5` or `10.0.0.0/24`: from them alone `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "networks")]
    pub trusted: Vec<IpNet>,
}

/// Networks, or single addresses.
fn networks<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: String| {
        let read = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        read.ok_or_else(|| serde::de::Error::custom(format!("{text} is neither an address nor a network such as 10.0.0.0/24")))
    };
    Vec::<String>::deserialize(deserializer)?.into_iter().map(network).collect()
}

/// Hosts with their ports, or networks.
fn exceptions<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Allowed>, D::Error> {
    let exception = |text: String| text.parse::<Allowed>().map_err(serde::de::Error::custom);
    Vec::<String>::deserialize(deserializer)?.into_iter().map(exception).collect()
}

/// A secret that stands in the settings or in a file.
fn secret_of(value: Option<&String>, file: Option<&Path>, what: &str) -> Result<Option<String>, String> {
    match (value, file) {
        (Some(_), Some(_)) => Err(format!("{what} and {what}_file are both set: keep one")),
        (Some(value), None) => Ok(Some(value.clone())),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{what}_file {}: {error}", file.display()))?;
            Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
        }
        (None, None) => Ok(None),
    }
}

impl Database {
    /// Which database.
    ///
    /// # Errors
    /// In words: none is named, or its URL is of no known kind.
    pub fn url(&self) -> Result<DatabaseUrl, String> {
        let url = secret_of(self.url.as_ref(), self.url_file.as_deref(), "database.url")?;
        let url = url.ok_or("database.url is missing: sqlite:PATH or postgres://USER@HOST/NAME")?;
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        }
        #[cfg(feature = "postgres")]
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(DatabaseUrl::Postgres(url));
        }
        Err("database.url must begin with sqlite: or postgres:// (the latter in builds with the feature postgres)".to_owned())
    }
}

impl MasterKeySource {
    /// The key, in hexadecimal digits.
    ///
    /// # Errors
    /// In words: there is none, or its file cannot be read.
    pub fn read(&self) -> Result<String, String> {
        if let (None, Some(file)) = (&self.key, &self.key_file) {
            return private_file::read(file).map_err(|mistake| format!("master_key.key_file: {mistake}"));
        }
        let key = secret_of(self.key.as_ref(), self.key_file.as_deref(), "master_key.key")?;
        key.ok_or_else(|| "master_key.key_file is missing: name the file that poterne init wrote".to_owned())
    }
}

impl Mail {
    /// The password for the server, where it asks for one.
    ///
    /// # Errors
    /// In words: two are set, or the file cannot be read.
    pub fn password(&self) -> Result<Option<String>, String> {
        secret_of(self.password.as_ref(), self.password_file.as_deref(), "mail.password")
    }
}

impl Sms {
    /// The gateway's secret.
    ///
    /// # Errors
    /// In words: two are set, or the file cannot be read.
    pub fn secret(&self) -> Result<Option<String>, String> {
        secret_of(self.secret.as_ref(), self.secret_file.as_deref(), "sms.secret")
    }
}
