//! Reading the layers, and saying where a value came from and what an unknown name was meant to be.

use super::Config;
use super::names::{self, Reading, Shown};
use figment::error::{Actual, Kind};
use figment::providers::Env;
use figment::util::nest;
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};
use std::path::{Path, PathBuf};

/// Where the file is when nobody names it.
const USUAL: &str = "poterne.toml";
/// What the variables are called as a layer.
const VARIABLES: &str = "environment variable";

/// The TOML file as a layer.
struct File {
    path: PathBuf,
    text: String,
}

impl Provider for File {
    fn metadata(&self) -> Metadata {
        Metadata::from("file", self.path.as_path())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        // Where it broke, and never the line itself: it may hold a secret.
        let in_place = |error: toml::de::Error| {
            let before = error.span().and_then(|span| self.text.get(..span.start)).unwrap_or_default();
            let (line, column) =
                (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1);
            figment::Error::from(format!("line {line}, column {column}: not TOML: {}", error.message()))
        };
        let dict: Dict = toml::from_str(&self.text).map_err(in_place)?;
        Ok(Profile::Default.collect(dict))
    }
}

/// The variables as a layer.
struct Variables;

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named(VARIABLES)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut dict = Value::from(Dict::new());
        // The name of the file itself is no setting.
        for (name, text) in Env::prefixed("POTERNE_").ignore(&["config"]).split("__").iter() {
            let name = name.as_str();
            if !names::is_known(name) {
                let meant = names::nearest(name)
                    .map_or_else(String::new, |nearest| format!("; did you mean {}?", names::variable(nearest)));
                return Err(figment::Error::from(format!("there is no setting {}{meant}", names::variable(name))));
            }
            let value = match names::reading(name) {
                Reading::Text => Value::from(text),
                Reading::Value => text.parse().unwrap_or_else(|never: std::convert::Infallible| match never {}),
            };
            dict = merged(dict, nest(name, value));
        }
        Ok(Profile::Default.collect(dict.into_dict().unwrap_or_default()))
    }
}

/// Both, the second where they meet.
fn merged(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Dict(tag, mut one), Value::Dict(_, other)) => {
            for (key, value) in other {
                let value = match one.remove(&key) {
                    Some(there) => merged(there, value),
                    None => value,
                };
                one.insert(key, value);
            }
            Value::Dict(tag, one)
        }
        (_, other) => other,
    }
}

/// Which file holds the settings: the one named, else `poterne.toml` here, if it is there.
#[must_use]
pub fn resolve(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| Some(PathBuf::from(USUAL)).filter(|path| path.is_file()))
}

/// Whether the settings stand anywhere: in a file, or in variables alone, which then hold what must be set.
#[must_use]
pub fn said(file: Option<&Path>) -> bool {
    file.is_some() || std::env::var_os("POTERNE_PUBLIC_URL").is_some()
}

/// Reads the settings.
///
/// # Errors
/// In words: which file or variable, what is wrong, and what it was probably meant to be.
pub fn load(file: Option<&Path>) -> Result<Config, String> {
    let in_words = |error: figment::Error| in_words(&error, file);
    figment(file)?.extract().map_err(|errors| errors.into_iter().map(in_words).collect::<Vec<_>>().join("\n"))
}

pub(super) fn figment(file: Option<&Path>) -> Result<Figment, String> {
    let mut layers = Figment::new();
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        layers = layers.merge(File { path: path.to_owned(), text });
    }
    Ok(layers.merge(Variables))
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The setting's name, such as `listen.address`.
    pub key: String,
    /// Its value, or dots where it is secret.
    pub value: String,
    /// `file poterne.toml`, `environment variable`.
    pub from: String,
}

/// Every value that a layer sets, with where it came from.
pub(super) fn origins(file: Option<&Path>) -> Result<Vec<Origin>, String> {
    let layers = figment(file)?;
    let data = layers.data().map_err(|error| in_words(&error, file))?;
    let mut found = Vec::new();
    for (key, value) in data.values().flat_map(|dict| leaves("", dict)) {
        let metadata = layers.find_metadata(&key);
        let from = metadata.map_or_else(String::new, |metadata| {
            let source = metadata.source.as_ref().map_or_else(String::new, |source| format!(" {source}"));
            format!("{}{source}", metadata.name)
        });
        found.push(Origin { value: names::disguised(&key, &value), key, from });
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(found)
}

fn leaves(above: &str, dict: &Dict) -> Vec<(String, String)> {
    let name = |key: &str| if above.is_empty() { key.to_owned() } else { format!("{above}.{key}") };
    let below = |(key, value): (&String, &figment::value::Value)| match value.as_dict() {
        Some(dict) => leaves(&name(key), dict),
        None => vec![(name(key), in_text(value))],
    };
    dict.iter().flat_map(below).collect()
}

fn in_text(value: &figment::value::Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => serde_json::to_string(value).unwrap_or_default(),
    }
}

fn in_words(error: &figment::Error, file: Option<&Path>) -> String {
    let source = error.metadata.as_ref().map(|metadata| match &metadata.source {
        Some(source) => source.to_string(),
        None if error.path.is_empty() => metadata.name.to_string(),
        None => names::variable(&error.path.join(".")),
    });
    let place = source.map_or_else(String::new, |source| format!("{source}: "));
    let path = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(name, known) => {
            let nearest = known.iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
            let meant = nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
            format!("{place}there is no setting {}{meant}", whole(&path, name))
        }
        Kind::MissingField(name) => {
            let full = whole(&path, name);
            let variable = names::variable(&full);
            match file {
                Some(file) => format!("{}: {full} is missing: set it there, or as {variable}", file.display()),
                None => format!(
                    "{full} is missing: there is no {USUAL} here to set it in (poterne init writes one, --config names another), and \
                     no {variable}"
                ),
            }
        }
        Kind::InvalidType(found, wanted) | Kind::InvalidValue(found, wanted) => {
            format!("{place}{path}: wanted {wanted}, found {}", described(&path, found))
        }
        // Words of others, about the whole file or about one value.
        kind if path.is_empty() => format!("{place}{kind}"),
        kind if names::shown(&path) == Shown::Whole => format!("{place}{path}: {kind}"),
        _ => format!("{place}{path}: it cannot be used as it stands"),
    }
}

/// What was found, without the value where that may be secret.
fn described(path: &str, found: &Actual) -> String {
    if names::shown(path) == Shown::Whole {
        return found.to_string();
    }
    let kind = match found {
        Actual::Bool(_) => "a true or false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number (text stands in quotes)",
        Actual::Char(_) | Actual::Str(_) | Actual::Bytes(_) => "text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "something else",
    };
    kind.to_owned()
}

/// A setting's whole name; the path may end with it already.
fn whole(path: &str, name: &str) -> String {
    if path == name || path.ends_with(&format!(".{name}")) {
        return path.to_owned();
    }
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
