//! The demo's people: put in at the first start, kept afterwards.

use super::SLUG;
use super::folder::Folder;
use super::portals::Portals;
use poterne_idp::manage::{AccountFactor, Applied, EntryKind, Manage, NewPerson, NewPersonAccount};
use poterne_idp::{Failure, RealmDocument};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fund's document.
pub const DOCUMENT: &str = include_str!("../../examples/lindenhof.toml");
const PEOPLE: &str = include_str!("../../examples/lindenhof-people.toml");
/// Written when all people are in.
pub const FILE: &str = "start.json";
const POPULATION: &str = "insured";

/// What the start page lists. The clear codes lie here only, never in the database.
#[derive(Serialize, Deserialize, Clone, Default)]
pub struct Seeded {
    /// Activation codes that were handed out.
    pub codes: Vec<SeededCode>,
    /// Accounts that exist already.
    pub accounts: Vec<SeededAccount>,
}

/// An activation code with the person it belongs to.
#[derive(Serialize, Deserialize, Clone)]
pub struct SeededCode {
    /// First and last name.
    pub person: String,
    /// The population's key.
    pub population: String,
    /// What the person types beside the code.
    pub identifiers: BTreeMap<String, String>,
    /// The code as printed.
    pub code: String,
}

/// An account to sign in with.
#[derive(Serialize, Deserialize, Clone)]
pub struct SeededAccount {
    /// First and last name.
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    person: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    registry_no: String,
    first_name: String,
    last_name: String,
    avs_number: String,
    birth_date: String,
    language: String,
    #[serde(default = "ok")]
    address_status: String,
    #[serde(default = "active")]
    status: String,
    /// A code waits: this one, or a fresh one where the text is empty.
    code: Option<String>,
    account: Option<AccountOf>,
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
}

/// Applies the fund's document and, at the first start, puts its people in.
pub async fn apply(manage: &Manage, folder: &Folder, portals: &Portals, say: fn(&str)) -> Result<Seeded, String> {
    let mut document = RealmDocument::parse(DOCUMENT).map_err(|mistakes| mistakes.join("\n"))?;
    portals.fill_in(&mut document);
    let name = document.name.clone();
    if manage.apply_realm(document).await.map_err(words)? == Applied::Created {
        say(&format!("Created the fund «{name}» with keys of its own"));
    }
    if let Some(seeded) = folder.read_json(FILE)? {
        return Ok(seeded);
    }
    let people: People = toml::from_str(PEOPLE).map_err(|error| error.to_string())?;
    let total = people.person.len();
    let mut seeded = Seeded::default();
    for (at, person) in people.person.iter().enumerate() {
        say(&format!("Putting in {} {} ({} of {total})", person.first_name, person.last_name, at + 1));
        put_in(manage, person, &mut seeded).await?;
    }
    folder.write_json(FILE, &seeded)?;
    Ok(seeded)
}

async fn put_in(manage: &Manage, person: &Person, seeded: &mut Seeded) -> Result<(), String> {
    let identifiers = BTreeMap::from([
        ("avs_number".to_owned(), person.avs_number.clone()),
        ("birth_date".to_owned(), person.birth_date.clone()),
    ]);
    let new = NewPerson {
        registry_no: person.registry_no.clone(),
        kind: EntryKind::Person,
        population: POPULATION.to_owned(),
        last_name: person.last_name.clone(),
        first_name: Some(person.first_name.clone()),
        language: person.language.clone(),
        status: person.status.clone(),
        address_status: person.address_status.clone(),
        identifiers: identifiers.iter().map(|(field, value)| (field.clone(), vec![value.clone()])).collect(),
    };
    let entry = manage.add_entry(SLUG, new).await.map_err(words)?;
    let name = format!("{} {}", person.first_name, person.last_name);
    if let Some(code) = &person.code {
        let code = if code.is_empty() {
            manage.issue_code(SLUG, entry).await.map_err(words)?.code.expose().to_owned()
        } else {
            manage.issue_given_code(SLUG, entry, code).await.map_err(words)?;
            code.clone()
        };
        let population = POPULATION.to_owned();
        seeded.codes.push(SeededCode { person: name.clone(), population, identifiers, code });
    }
    if let Some(account) = &person.account {
        let factor = match (account.factor.as_str(), &account.phone) {
            ("sms", Some(phone)) => AccountFactor::Sms { phone: phone.clone() },
            ("totp", _) => AccountFactor::Totp,
            _ => return Err(format!("{name}: an account has a factor `sms` with a phone, or `totp`")),
        };
        let new = NewPersonAccount { entry, email: account.login.clone(), password: account.password.clone().into(), factor };
        let totp = manage.add_account(SLUG, new).await.map_err(words)?;
        let factor = match (totp, &account.phone) {
            (Some(secret), _) => SeededFactor::Totp { secret: secret.expose().to_owned() },
            (None, number) => SeededFactor::Sms { number: number.clone().unwrap_or_default() },
        };
        let (login, password) = (account.login.clone(), account.password.clone());
        seeded.accounts.push(SeededAccount { person: name, login, password, factors: vec![factor] });
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn words(failure: Failure) -> String {
    failure.to_string()
}
