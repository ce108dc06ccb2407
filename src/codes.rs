//! `poterne codes`: activation codes, one at a time.

use crate::data::{self, DataArgs, EntryArgs};
use clap::{Args, Subcommand};
use poterne_idp::manage::IssuedCode;
use serde_json::json;

/// Activation codes.
#[derive(Subcommand)]
pub enum CodesCommand {
    /// Issues a new activation code for one person or organisation; the former one ends with it.
    Issue(IssueArgs),
}

/// Options of `poterne codes issue`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne codes issue --realm lindenhof --registry-no 10001 --reason \"letter lost\"\n\n\
                        The code is shown once and kept nowhere. It goes by post, to the address that the fund knows.")]
pub struct IssueArgs {
    #[command(flatten)]
    entry: EntryArgs,
    /// Why, for the audit trail.
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: CodesCommand) -> Result<(), String> {
    match command {
        CodesCommand::Issue(IssueArgs { entry, reason, data }) => {
            let manage = data.open().await?;
            let issued = manage.order_code(&entry.realm, &entry.registry_no, reason.as_deref()).await.map_err(data::words)?;
            print(&issued, data.json);
            Ok(())
        }
    }
}

/// Prints a code, this once.
pub fn print(issued: &IssuedCode, as_json: bool) {
    let (code, whom, last) = (issued.code.expose(), &issued.whom, issued.expires_on);
    if as_json {
        let replaced = issued.replaced.map(|day| day.to_string());
        println!("{}", json!({ "code": code, "whom": whom, "expires_on": last.to_string(), "replaced": replaced }));
        return;
    }
    println!("Activation code for {} ({}, {})\n\n  {code}\n", whom.name, whom.registry_no, whom.population);
    println!("Last valid day: {}", last.format("%d.%m.%Y"));
    if let Some(day) = issued.replaced {
        println!("Replaces the code of {}, which no longer works.", day.format("%d.%m.%Y"));
    }
    println!("It is shown once and kept nowhere. It goes by post.");
}
