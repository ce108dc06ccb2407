//! `poterne realm`: what a fund is, applied from its document and written back.

use crate::answer;
use crate::data::{self, ConfigArgs, DataArgs, words};
use clap::{Args, Subcommand};
use poterne_idp::RealmDocument;
use poterne_idp::manage::Applied;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a fund is.
#[derive(Subcommand)]
pub enum RealmCommand {
    /// Makes a realm what its document says; shows the difference first.
    Apply(ApplyArgs),
    /// Writes a realm's document as it applies.
    Export(ExportArgs),
}

/// Options of `poterne realm apply`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne realm apply lindenhof.toml --yes \\\n      --config /etc/poterne/poterne.toml\n\n\
                        A document that is older than what was changed by `client add` and its like takes that away again: look at the \
                        difference.\n\nJSON: applied (created, changed or unchanged), difference (a list of lines).")]
pub struct ApplyArgs {
    /// The document.
    file: PathBuf,
    /// Applies without asking.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    settings: ConfigArgs,
}

/// Options of `poterne realm export`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne realm export lindenhof > lindenhof.toml\n\n\
                        No secret stands in it.\n\nJSON: the document itself.")]
pub struct ExportArgs {
    /// The realm's short name.
    realm: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: RealmCommand) -> Result<(), String> {
    match command {
        RealmCommand::Apply(args) => apply(&args).await,
        RealmCommand::Export(args) => {
            let document = args.data.open().await?.document(&args.realm).await.map_err(words)?;
            let document = document.ok_or_else(|| format!("there is no realm {}", args.realm))?;
            let toml = document.to_toml()?;
            answer::print(args.data.json, &document, |_| toml)
        }
    }
}

async fn apply(args: &ApplyArgs) -> Result<(), String> {
    let shown = args.file.display();
    let text = std::fs::read_to_string(&args.file).map_err(|error| format!("{shown}: {error}"))?;
    let document = RealmDocument::parse(&text).map_err(|mistakes| format!("{shown}:\n{}", mistakes.join("\n")))?;
    let (manage, json) = (data::from_config(&args.settings.load()?).await?, args.settings.json);
    let former = manage.document(&document.slug).await.map_err(words)?;
    let difference = difference(former.as_ref(), &document)?;
    if !json {
        answer::say(shown_difference(&difference, former.is_none(), &document.slug))?;
    }
    if !difference.is_empty() && !args.yes && !answer::confirmed("Apply?")? {
        return Err("nothing was changed".to_owned());
    }
    let applied = match manage.apply_realm(document).await.map_err(words)? {
        Applied::Created => "created",
        Applied::Changed => "changed",
        Applied::Unchanged => "unchanged",
    };
    let value = serde_json::json!({ "applied": applied, "difference": difference });
    answer::print(json, &value, |_| format!("The realm is {applied}."))
}

/// One line for each value that is new, gone or another.
fn difference(former: Option<&RealmDocument>, document: &RealmDocument) -> Result<Vec<String>, String> {
    let lines = |document: Option<&RealmDocument>| -> Result<BTreeMap<String, String>, String> {
        let Some(document) = document else { return Ok(BTreeMap::new()) };
        let value: toml::Value = toml::from_str(&document.to_toml()?).map_err(|error| error.to_string())?;
        let mut found = BTreeMap::new();
        flatten(&value, String::new(), &mut found);
        Ok(found)
    };
    let (old, new) = (lines(former)?, lines(Some(document))?);
    let mut changes = Vec::new();
    for (key, value) in &new {
        match old.get(key) {
            None => changes.push(format!("+ {key} = {value}")),
            Some(other) if other != value => changes.push(format!("~ {key}: {other} -> {value}")),
            Some(_) => {}
        }
    }
    changes.extend(old.iter().filter(|(key, _)| !new.contains_key(*key)).map(|(key, value)| format!("- {key} = {value}")));
    Ok(changes)
}

/// Values by their whole names; populations and clients by their key, not their place.
fn flatten(value: &toml::Value, name: String, found: &mut BTreeMap<String, String>) {
    let joined = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| flatten(value, joined(key), found)),
        toml::Value::Array(items) if items.iter().all(toml::Value::is_table) && !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                let names = ["key", "client_id", "field", "number"];
                let label = names.iter().find_map(|name| item.get(name)).map_or_else(|| at.to_string(), plain);
                flatten(item, joined(&label), found);
            }
        }
        other => {
            let text = plain(other).replace('\n', " ");
            let short: String = text.chars().take(48).collect();
            // The whole text decides whether it differs; a part of it is shown.
            let shown = if short == text { short } else { format!("{short}… ({} characters)", text.chars().count()) };
            found.insert(name, shown);
        }
    }
}

fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A difference too long for a line of a terminal goes on in the next ones, where its values begin.
fn folded(line: &str) -> String {
    if line.chars().count() <= 78 {
        return line.to_owned();
    }
    line.replacen(" = ", " =\n      ", 1).replacen(" -> ", "\n      -> ", 1).replacen(
        ": ",
        ":\n      ",
        usize::from(line.starts_with('~')),
    )
}

fn shown_difference(difference: &[String], is_new: bool, slug: &str) -> String {
    let heading = match (is_new, difference.len()) {
        (true, _) => format!("The realm {slug} is new:"),
        (false, 0) => format!("The realm {slug} is as the document says."),
        (false, 1) => format!("The realm {slug} differs in one value:"),
        (false, many) => format!("The realm {slug} differs in {many} values:"),
    };
    let lines = difference.iter().map(|line| format!("  {}", folded(line)));
    std::iter::once(heading).chain(lines).collect::<Vec<_>>().join("\n")
}
