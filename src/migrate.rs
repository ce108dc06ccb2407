//! `poterne migrate`: the database's tables, made or brought up to this version.

use crate::config::{self, Config};
use crate::data::words;
use crate::provider;
use clap::Args;
use poterne_idp::SchemaState;
use std::path::PathBuf;

/// Options of `poterne migrate`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne migrate --status --config /etc/poterne/poterne.toml\n\n\
                        Migrations go forward only: make a backup first. --status changes nothing and ends with 1 where something is to do.")]
pub struct MigrateArgs {
    /// The settings' file; without it `poterne.toml` here.
    #[arg(long, env = "POTERNE_CONFIG")]
    config: Option<PathBuf>,
    /// Says what is to do, and does nothing.
    #[arg(long)]
    status: bool,
    /// Prints one line of JSON instead of words.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// In words; with `--status`, also where something is to do.
pub async fn run(args: MigrateArgs) -> Result<(), String> {
    let config: Config = config::load(config::resolve(args.config.as_deref()).as_deref())?;
    let db = provider::database(&config)?;
    if args.status {
        let state = db.schema_state().await.map_err(words)?;
        let (word, names) = match &state {
            SchemaState::Current => ("current", vec![]),
            SchemaState::Behind(names) => ("behind", names.clone()),
            SchemaState::Ahead(names) => ("ahead", names.clone()),
        };
        if args.json {
            println!("{}", serde_json::json!({ "state": word, "migrations": names }));
        } else if names.is_empty() {
            println!("The database is current.");
        } else {
            println!("The database is {word}: {}", names.join(", "));
        }
        return if names.is_empty() { Ok(()) } else { Err(format!("the database is {word}")) };
    }
    let applied = db.migrate().await.map_err(words)?;
    if args.json {
        println!("{}", serde_json::json!({ "applied": applied }));
    } else if applied.is_empty() {
        println!("The database is current: nothing was to do.");
    } else {
        println!("Applied {}.", applied.join(", "));
    }
    Ok(())
}
