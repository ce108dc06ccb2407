//! `poterne entry`: what the fund's registry says of one person or organisation.

use crate::answer;
use crate::data::{self, DataArgs, EntryArgs};
use clap::{Args, Subcommand};
use poterne_idp::manage::EntryStatus;
use serde_json::json;

/// Entries of the registry.
#[derive(Subcommand)]
pub enum EntryCommand {
    /// Says where a person or organisation stands with the fund: active, left or deceased.
    SetStatus(SetStatusArgs),
}

/// Options of `poterne entry set-status`.
#[derive(Args)]
#[command(
    override_usage = "poterne entry set-status --realm SLUG --registry-no NO --status STATUS",
    after_help = "Example:\n  poterne entry set-status --realm lindenhof --registry-no 10001 \\\n      --status left\n\n\
                        Whoever left or died has no usable code. An account goes on for a while after its person left, and is suspended \
                        when its person died.\n\nJSON: registry_no, status."
)]
pub struct SetStatusArgs {
    #[command(flatten)]
    entry: EntryArgs,
    /// active, left or deceased.
    #[arg(long, value_parser = status)]
    status: EntryStatus,
    #[command(flatten)]
    data: DataArgs,
}

fn status(typed: &str) -> Result<EntryStatus, String> {
    EntryStatus::parse(typed).map_err(|_| "active, left or deceased".to_owned())
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: EntryCommand) -> Result<(), String> {
    let EntryCommand::SetStatus(SetStatusArgs { entry, status, data }) = command;
    let manage = data.open().await?;
    manage.set_entry_status(&entry.realm, &entry.registry_no, status).await.map_err(data::words)?;
    let value = json!({ "registry_no": entry.registry_no, "status": status.as_str() });
    answer::print(data.json, &value, |_| format!("Entry {} is {} now.", entry.registry_no, status.as_str()))
}
