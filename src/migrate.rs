//! `poterne migrate`: the database's tables, made or brought up to this version.

use crate::answer::{self, Ended};
use crate::data::{ConfigArgs, words};
use crate::provider;
use clap::Args;
use poterne_idp::SchemaState;
use serde_json::json;

/// Options of `poterne migrate`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne migrate --status --config /etc/poterne/poterne.toml\n\n\
                        Migrations go forward only: make a backup first. --status changes nothing and ends with 3 \
                        where something is to do.\n\nJSON: applied (a list of names); with --status, state (current, behind or ahead) and migrations.")]
pub struct MigrateArgs {
    /// Says what is to do, and does nothing.
    #[arg(long)]
    status: bool,
    #[command(flatten)]
    settings: ConfigArgs,
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(args: MigrateArgs) -> Result<Ended, String> {
    let db = provider::database(&args.settings.load()?)?;
    let json = args.settings.json;
    if args.status {
        let state = db.schema_state().await.map_err(words)?;
        let (word, names) = match &state {
            SchemaState::Current => ("current", vec![]),
            SchemaState::Behind(names) => ("behind", names.clone()),
            SchemaState::Ahead(names) => ("ahead", names.clone()),
        };
        answer::print(json, &json!({ "state": word, "migrations": names }), |_| match names.join(", ") {
            names if names.is_empty() => "The database is current.".to_owned(),
            names => format!("The database is {word}: {names}"),
        })?;
        return Ok(if names.is_empty() { Ended::Well } else { Ended::Found });
    }
    let applied = db.migrate().await.map_err(words)?;
    answer::print(json, &json!({ "applied": applied }), |_| match applied.join(", ") {
        names if names.is_empty() => "The database is current: nothing was to do.".to_owned(),
        names => format!("Applied {names}."),
    })?;
    Ok(Ended::Well)
}
