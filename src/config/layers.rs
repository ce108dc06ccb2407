//! Reading the layers, and saying where a value came from and what an unknown name was meant to be.

use super::Config;
use figment::providers::Env;
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};
use std::path::{Path, PathBuf};

/// Where the file is when nobody names it.
const USUAL: &str = "poterne.toml";
/// Words under which a value is never shown.
const SECRET: [&str; 4] = ["key", "password", "secret", "url"];

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
        let dict: Dict = toml::from_str(&self.text).map_err(|error| figment::Error::from(error.to_string()))?;
        Ok(Profile::Default.collect(dict))
    }
}

/// Which file holds the settings: the one named, else `poterne.toml` here, if it is there.
#[must_use]
pub fn resolve(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_owned).or_else(|| Some(PathBuf::from(USUAL)).filter(|path| path.is_file()))
}

/// Reads the settings.
///
/// # Errors
/// In words: which file or variable, what is wrong, and what it was probably meant to be.
pub fn load(file: Option<&Path>) -> Result<Config, String> {
    figment(file)?.extract().map_err(|errors| errors.into_iter().map(|error| in_words(&error)).collect::<Vec<_>>().join("\n"))
}

pub(super) fn figment(file: Option<&Path>) -> Result<Figment, String> {
    let mut layers = Figment::new();
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        layers = layers.merge(File { path: path.to_owned(), text });
    }
    // The name of the file itself is no setting.
    Ok(layers.merge(Env::prefixed("POTERNE_").ignore(&["config"]).split("__")))
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
    let data = layers.data().map_err(|error| in_words(&error))?;
    let mut found = Vec::new();
    for (key, value) in data.values().flat_map(|dict| leaves("", dict)) {
        let metadata = layers.find_metadata(&key);
        let from = metadata.map_or_else(String::new, |metadata| {
            let source = metadata.source.as_ref().map_or_else(String::new, |source| format!(" {source}"));
            format!("{}{source}", metadata.name)
        });
        let last = key.rsplit('.').next().unwrap_or_default();
        let value = if SECRET.contains(&last) && key != "sms.url" { "•••".to_owned() } else { value };
        found.push(Origin { key, value, from });
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

fn in_words(error: &figment::Error) -> String {
    use figment::error::Kind;
    let place = error.metadata.as_ref().map_or_else(String::new, |metadata| {
        let source = metadata.source.as_ref().map_or_else(|| metadata.name.to_string(), ToString::to_string);
        format!("{source}: ")
    });
    let path = error.path.join(".");
    match &error.kind {
        Kind::UnknownField(name, known) => {
            let nearest = known.iter().max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)));
            let meant = nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"));
            format!("{place}there is no setting {}{meant}", whole(&path, name))
        }
        Kind::MissingField(name) => {
            let full = whole(&path, name);
            format!("{full} is missing: set it in the file, or as POTERNE_{}", full.to_uppercase().replace('.', "__"))
        }
        kind => format!("{place}{path}: {kind}"),
    }
}

/// A setting's whole name; the path may end with it already.
fn whole(path: &str, name: &str) -> String {
    if path == name || path.ends_with(&format!(".{name}")) {
        return path.to_owned();
    }
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
