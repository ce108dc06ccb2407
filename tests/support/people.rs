//! The people of the tests: those of the demo, read from its file.

use poterne_idp::manage::{EntryKind, NewPerson};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A person with what they type.
#[derive(Clone, Deserialize)]
pub struct Person {
    /// The fund's key.
    pub registry_no: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// AVS number as printed.
    pub avs_number: String,
    /// Birth date as printed.
    pub birth_date: String,
    /// Language of letters.
    pub language: String,
    /// Activation code as printed; empty: a fresh one.
    #[serde(default)]
    pub code: String,
    /// Where they stand with the fund.
    #[serde(default = "active")]
    pub status: String,
}

fn active() -> String {
    "active".into()
}

#[derive(Deserialize)]
struct People {
    person: Vec<Person>,
}

impl Person {
    /// The person of this first name.
    pub fn named(first_name: &str) -> Self {
        let people: People = toml::from_str(include_str!("../../examples/lindenhof-people.toml")).expect("the people are TOML");
        people.person.into_iter().find(|person| person.first_name == first_name).expect("there is such a person")
    }

    /// Marie, who takes codes by SMS.
    pub fn marie() -> Self {
        Self::named("Marie")
    }

    /// Urs, who takes an authenticator app and was born on a leap day.
    pub fn urs() -> Self {
        Self::named("Urs")
    }

    /// The e-mail address they use.
    pub fn email(&self) -> String {
        format!("{}@post.example", self.first_name.to_lowercase())
    }

    /// The password they choose.
    #[expect(clippy::unused_self, reason = "a person has it, whoever they are")]
    pub fn password(&self) -> &'static str {
        "Tilleul-Vert-1984"
    }

    /// The mobile number they use.
    #[expect(clippy::unused_self, reason = "a person has it, whoever they are")]
    pub fn phone(&self) -> &'static str {
        "+41790000001"
    }

    /// What identifies them.
    pub fn identifiers(&self) -> BTreeMap<String, Vec<String>> {
        BTreeMap::from([
            ("avs_number".into(), vec![self.avs_number.clone()]),
            ("birth_date".into(), vec![self.birth_date.clone()]),
        ])
    }

    /// What the registry of insured persons holds of them.
    pub fn entry(&self) -> NewPerson {
        NewPerson {
            kind: EntryKind::Person,
            registry_no: self.registry_no.clone(),
            population: "insured".into(),
            last_name: self.last_name.clone(),
            first_name: Some(self.first_name.clone()),
            language: self.language.clone(),
            status: self.status.clone(),
            address_status: "ok".into(),
            identifiers: self.identifiers(),
        }
    }
}
