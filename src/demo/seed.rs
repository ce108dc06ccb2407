//! The demo's people: put in at the first start, kept afterwards.

use super::folder::Folder;
use super::funds::{FUNDS, Fund};
use super::portals::Portals;
use poterne_idp::manage::{AccountFactor, Applied, EntryKind, Manage, NewPerson, NewPersonAccount, PersonName, Secret};
use poterne_idp::{EntryId, Failure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Written when all people are in.
pub const FILE: &str = "start.json";

/// What the start page lists. The clear codes lie here only, never in the database.
#[derive(Serialize, Deserialize, Clone, Default)]
pub struct Seeded {
    /// Activation codes that were handed out.
    pub codes: Vec<SeededCode>,
    /// Accounts that exist already.
    pub accounts: Vec<SeededAccount>,
}

/// An activation code with the person or organisation it belongs to.
#[derive(Serialize, Deserialize, Clone)]
pub struct SeededCode {
    /// The fund's short name.
    pub fund: String,
    /// First and last name, or the organisation's name.
    pub person: String,
    /// The population's key.
    pub population: String,
    /// What is typed beside the code; of several names the first.
    pub identifiers: BTreeMap<String, String>,
    /// The code as printed.
    pub code: String,
}

/// An account to sign in with.
#[derive(Serialize, Deserialize, Clone)]
pub struct SeededAccount {
    /// The fund's short name.
    pub fund: String,
    /// First and last name, with the organisation they act for.
    pub person: String,
    /// The user name.
    pub login: String,
    /// The password.
    pub password: String,
    /// The second factors.
    pub factors: Vec<SeededFactor>,
}

/// A second factor of a ready-made account.
#[derive(Serialize, Deserialize, Clone)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum SeededFactor {
    /// Codes arrive in the outbox.
    Sms {
        /// The number.
        number: String,
    },
    /// For an authenticator app.
    Totp {
        /// Base32.
        secret: String,
    },
}

/// One value or several.
#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum Values {
    One(String),
    Several(Vec<String>),
}

impl Values {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(value) => vec![value],
            Self::Several(values) => values,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    #[serde(default)]
    person: Vec<Known>,
    #[serde(default)]
    organisation: Vec<Known>,
}

/// A person or organisation that the fund knows.
#[derive(Deserialize)]
struct Known {
    registry_no: String,
    #[serde(default = "insured")]
    population: String,
    first_name: Option<String>,
    /// An organisation has one name instead.
    #[serde(alias = "name")]
    last_name: String,
    language: String,
    #[serde(default = "ok")]
    address_status: String,
    #[serde(default = "active")]
    status: String,
    /// A code waits: this one, or a fresh one where the text is empty.
    code: Option<String>,
    account: Option<AccountOf>,
    /// Whatever else stands there identifies; the registry refuses what its population does not ask for.
    #[serde(flatten)]
    identifiers: BTreeMap<String, Values>,
}

fn insured() -> String {
    "insured".to_owned()
}

fn ok() -> String {
    "ok".to_owned()
}

fn active() -> String {
    "active".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountOf {
    login: String,
    password: String,
    factor: String,
    phone: Option<String>,
    title: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl Known {
    const fn kind(&self) -> EntryKind {
        if self.first_name.is_some() { EntryKind::Person } else { EntryKind::Organisation }
    }

    fn name(&self) -> String {
        self.first_name.as_ref().map_or_else(|| self.last_name.clone(), |first| format!("{first} {}", self.last_name))
    }
}

/// Applies the funds' documents and, at the first start, puts their people in.
pub async fn apply(manage: &Manage, folder: &Folder, portals: &Portals, say: fn(&str)) -> Result<Seeded, String> {
    for fund in &FUNDS {
        let mut document = fund.document()?;
        portals.fill_in(&mut document);
        let name = document.name.clone();
        if manage.apply_realm(document).await.map_err(words)? == Applied::Created {
            say(&format!("Created the fund «{name}» with keys of its own"));
        }
    }
    if let Some(seeded) = folder.read_json(FILE)? {
        return Ok(seeded);
    }
    let mut seeded = Seeded::default();
    for fund in &FUNDS {
        let people: People = toml::from_str(fund.people).map_err(|error| format!("the people of {}: {error}", fund.slug))?;
        let total = people.person.len() + people.organisation.len();
        for (at, known) in people.person.iter().chain(&people.organisation).enumerate() {
            say(&format!("Putting in {} ({} of {total})", known.name(), at + 1));
            put_in(manage, fund, known, &mut seeded).await?;
        }
    }
    folder.write_json(FILE, &seeded)?;
    Ok(seeded)
}

async fn put_in(manage: &Manage, fund: &Fund, known: &Known, seeded: &mut Seeded) -> Result<(), String> {
    let values = |(field, values): (&String, &Values)| (field.clone(), values.clone().into_vec());
    let identifiers: BTreeMap<String, Vec<String>> = known.identifiers.iter().map(values).collect();
    let new = NewPerson {
        registry_no: known.registry_no.clone(),
        kind: known.kind(),
        population: known.population.clone(),
        last_name: known.last_name.clone(),
        first_name: known.first_name.clone(),
        language: known.language.clone(),
        status: known.status.clone(),
        address_status: known.address_status.clone(),
        identifiers: identifiers.clone(),
    };
    let entry = manage.add_entry(fund.slug, new).await.map_err(words)?;
    if let Some(code) = &known.code {
        let code = if code.is_empty() {
            manage.issue_code(fund.slug, entry).await.map_err(words)?.code.expose().to_owned()
        } else {
            manage.issue_given_code(fund.slug, entry, code).await.map_err(words)?;
            code.clone()
        };
        let first = |(field, values): (String, Vec<String>)| Some((field, values.into_iter().next()?));
        seeded.codes.push(SeededCode {
            fund: fund.slug.to_owned(),
            person: known.name(),
            population: known.population.clone(),
            identifiers: identifiers.into_iter().filter_map(first).collect(),
            code,
        });
    }
    if let Some(account) = &known.account {
        let made = open_account(manage, fund, known, entry, account).await?;
        seeded.accounts.push(made);
    }
    Ok(())
}

/// An account that exists already, as if its owner had enrolled.
async fn open_account(
    manage: &Manage,
    fund: &Fund,
    known: &Known,
    entry: EntryId,
    account: &AccountOf,
) -> Result<SeededAccount, String> {
    let factor = match (account.factor.as_str(), &account.phone) {
        ("sms", Some(phone)) => AccountFactor::Sms { phone: phone.clone() },
        ("totp", _) => AccountFactor::Totp,
        _ => return Err(format!("{}: an account has a factor `sms` with a phone, or `totp`", known.name())),
    };
    let name = match (&account.title, &account.last_name, &account.first_name) {
        (Some(title), Some(last), Some(first)) => {
            Some(PersonName { title: title.clone(), last_name: last.clone(), first_name: first.clone() })
        }
        _ => None,
    };
    let person =
        name.as_ref().map_or_else(|| known.name(), |name| format!("{} {}, {}", name.first_name, name.last_name, known.name()));
    let (email, password) = (account.login.clone(), Secret::from(account.password.clone()));
    let totp = manage.add_account(fund.slug, NewPersonAccount { entry, email, name, password, factor }).await.map_err(words)?;
    let factor = match (totp, &account.phone) {
        (Some(secret), _) => SeededFactor::Totp { secret: secret.expose().to_owned() },
        (None, number) => SeededFactor::Sms { number: number.clone().unwrap_or_default() },
    };
    let (login, password) = (account.login.clone(), account.password.clone());
    Ok(SeededAccount { fund: fund.slug.to_owned(), person, login, password, factors: vec![factor] })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn words(failure: Failure) -> String {
    failure.to_string()
}
