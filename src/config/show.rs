//! `poterne config show`: what applies, and where it came from.

use super::layers::{self, origins};
use crate::answer;
use clap::Args;
use std::path::PathBuf;

/// Options of `poterne config show`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  POTERNE_LOG__FILTER=debug poterne config show --origin \\\n      --config /etc/poterne/poterne.toml\n\n\
                        Secrets are never shown.\n\nJSON: a list of {key, value, origin}."
)]
pub struct ShowArgs {
    /// The settings' file; without it `poterne.toml` here.
    #[arg(long, env = "POTERNE_CONFIG")]
    config: Option<PathBuf>,
    /// Says for each value where it came from.
    #[arg(long)]
    origin: bool,
    /// Prints one line of JSON instead of words.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// In words: what is wrong in which layer.
pub fn show(args: &ShowArgs) -> Result<(), String> {
    let file = layers::resolve(args.config.as_deref());
    layers::load(file.as_deref())?;
    let found = origins(file.as_deref())?;
    if args.json {
        let list: Vec<_> = found
            .iter()
            .map(|origin| serde_json::json!({ "key": origin.key, "value": origin.value, "origin": origin.from }))
            .collect();
        return answer::say(serde_json::Value::Array(list));
    }
    let headings: &[&str] = if args.origin { &["setting", "value", "from"] } else { &["setting", "value"] };
    let rows: Vec<_> = found.into_iter().map(|origin| vec![origin.key, origin.value, origin.from]).collect();
    let rows = if args.origin { rows } else { rows.into_iter().map(|row| row.into_iter().take(2).collect()).collect() };
    answer::say(answer::table(headings, &rows))
}
