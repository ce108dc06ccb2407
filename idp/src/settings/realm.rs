//! A realm's document: one fund with its look, languages, populations and clients. It is written as TOML and applied to the database.

use super::{Policy, Population, Registration};
use crate::lang::{Lang, Localised};
use poterne_protocol::client::Client;
use poterne_protocol::jose::Algorithm;
use serde::{Deserialize, Serialize};

/// One fund as its operator describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealmDocument {
    /// Short name in URLs and cookies: lower-case letters, digits and hyphens. The issuer is `public_url/slug`.
    pub slug: String,
    /// A whole issuer, instead of the one made from `slug`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The fund's name as people know it.
    pub name: String,
    /// The languages of its pages; the first is used where nothing else is asked for.
    pub languages: Vec<Lang>,
    /// The time zone in which calendar days end, such as `Europe/Zurich`.
    #[serde(default = "zurich")]
    pub time_zone: chrono_tz::Tz,
    /// Whom people can ask.
    pub contact: Contact,
    /// How its pages look.
    pub branding: Branding,
    /// Who signs its messages.
    pub sender: Sender,
    /// Lifetimes and limits, where they differ from the defaults.
    #[serde(default)]
    pub policy: Policy,
    /// The algorithms that the realm has keys for: clients choose among them, and each costs a key pair.
    #[serde(default = "usual_algorithms")]
    pub signing_algorithms: Vec<Algorithm>,
    /// Whether portals may watch the session from a frame (Session Management 1.0).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub session_management: bool,
    /// How clients may register themselves (RFC 7591); without it they may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// Who may enroll, and how.
    #[serde(default, rename = "population")]
    pub populations: Vec<Population>,
    /// The relying-party portals that this document owns.
    #[serde(default, rename = "client")]
    pub clients: Vec<Client>,
}

fn usual_algorithms() -> Vec<Algorithm> {
    vec![Algorithm::Rs256, Algorithm::Es256]
}

const fn zurich() -> chrono_tz::Tz {
    chrono_tz::Europe::Zurich
}

/// Whom people can ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Telephone number as people read it.
    pub phone: String,
    /// E-mail address.
    pub email: String,
    /// Opening hours.
    #[serde(default)]
    pub hours: Localised,
    /// The fund's own website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// How a realm's pages look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branding {
    /// The colour of buttons and links, `#rrggbb`; text on it is made readable.
    pub colour: String,
    /// One to three letters shown as a mark beside the name.
    pub mark: String,
}

/// Who signs a realm's messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The address that mails come from.
    pub email: String,
    /// The name that an SMS shows as its sender, at most eleven letters and digits.
    pub sms: String,
}

impl RealmDocument {
    /// Whether somebody of some population may sign in with an identifier instead of the e-mail address.
    #[must_use]
    pub fn has_login_aliases(&self) -> bool {
        self.populations.iter().any(|population| !population.login_aliases.is_empty())
    }

    /// Reads a document and checks it.
    ///
    /// # Errors
    /// Every mistake in words, with its place, for the operator.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let document: Self = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let mistakes = document.mistakes();
        if mistakes.is_empty() { Ok(document) } else { Err(mistakes) }
    }

    /// The document as TOML.
    ///
    /// # Errors
    /// When a value has no TOML form, which the types exclude.
    pub fn to_toml(&self) -> Result<String, String> {
        toml::to_string_pretty(self).map_err(|error| error.to_string())
    }

    /// The population with this key.
    #[must_use]
    pub fn population(&self, key: &str) -> Option<&Population> {
        self.populations.iter().find(|population| population.key == key)
    }

    /// The language used where nothing else is asked for.
    #[must_use]
    pub fn default_language(&self) -> Lang {
        self.languages.first().copied().unwrap_or(Lang::Fr)
    }
}
