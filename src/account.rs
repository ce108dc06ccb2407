//! `poterne account`: what the fund decides about one account.

mod create;
mod find;
mod grants;
mod sessions;

use crate::data::{self, DataArgs, EntryArgs};
use crate::{answer, codes};
use clap::{Args, Subcommand};
use poterne_idp::manage::Decision;
use serde_json::json;

/// What the fund decides about an account.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Makes an account without a letter, for populations whose settings allow it.
    Create(create::CreateArgs),
    /// Finds accounts: who, whether they may sign in, with which factors, when they last did. E-mail addresses are masked.
    Find(find::FindArgs),
    /// Lists who has access to an account: portals and applications, with what they get.
    Grants(grants::GrantsArgs),
    /// Takes a portal's or an application's access to an account back.
    RevokeGrant(grants::RevokeArgs),
    /// Ends the delays and locks that wrong passwords and codes brought, and the day's limit of codes sent.
    #[command(
        override_usage = "poterne account unlock --realm SLUG --registry-no NO --reason WHY",
        after_help = "Example:\n  poterne account unlock --realm lindenhof --registry-no 10020 \\\n      --reason \"called back, identified\"\n\n\
                            Tries begin anew. A suspended account stays suspended: that is `account reactivate`.\n\n\
                            JSON: account (unlocked), whom {registry_no, name, population}."
    )]
    Unlock(DecideArgs),
    /// Takes the second factors away and issues a code by letter that leads to a new password and a new factor.
    #[command(
        override_usage = "poterne account reset-factor --realm SLUG --registry-no NO --reason WHY",
        after_help = "Example:\n  poterne account reset-factor --realm lindenhof --registry-no 10020 \\\n      --reason \"phone lost, \
                            identified at the desk\"\n\nEvery session ends, and nobody can sign in until the code of the letter was used \
                            together with the account's mailbox. Its owner is told by mail.\n\n\
                            JSON: as `codes issue` of one code."
    )]
    ResetFactor(DecideArgs),
    /// Stops the account: no sign-in, no session, no token, until it is given back.
    #[command(
        override_usage = "poterne account suspend --realm SLUG --registry-no NO --reason WHY",
        after_help = "Example:\n  poterne account suspend --realm lindenhof --registry-no 10020 \\\n      --reason \"called: mailbox stolen\"\n\n\
                            JSON: account (suspended), whom {registry_no, name, population}."
    )]
    Suspend(DecideArgs),
    /// Gives a suspended account back, also one that its owner stopped by «this was not me».
    #[command(
        override_usage = "poterne account reactivate --realm SLUG --registry-no NO --reason WHY",
        after_help = "Example:\n  poterne account reactivate --realm lindenhof --registry-no 10020 \\\n      --reason \"identified at the desk\"\n\n\
                            JSON: account (reactivated), whom {registry_no, name, population}."
    )]
    Reactivate(DecideArgs),
    /// Lists where somebody is signed in: which browsers, since when, at which portals.
    Sessions(sessions::SessionsArgs),
    /// Ends somebody's sessions, everywhere or one of them; the account stays as it is.
    EndSessions(sessions::EndArgs),
    /// Gives the account up for good; its person or organisation may then get a code for another one.
    #[command(
        override_usage = "poterne account deactivate --realm SLUG --registry-no NO --reason WHY",
        after_help = "Example:\n  poterne account deactivate --realm lindenhof --registry-no 10020 \\\n      --reason \"gave the account up\"\n\n\
                            JSON: account (deactivated), whom {registry_no, name, population}."
    )]
    Deactivate(DecideArgs),
}

/// Options of a decision.
#[derive(Args)]
pub struct DecideArgs {
    #[command(flatten)]
    entry: EntryArgs,
    /// Why, for the audit trail.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: AccountCommand) -> Result<(), String> {
    match command {
        AccountCommand::Create(args) => create::run(args).await,
        AccountCommand::Find(args) => find::run(args).await,
        AccountCommand::Grants(args) => grants::list(args).await,
        AccountCommand::RevokeGrant(args) => grants::revoke(args).await,
        AccountCommand::Unlock(DecideArgs { entry, reason, data }) => {
            let manage = data.open().await?;
            let whom = manage.unlock_account(&entry.realm, &entry.registry_no, &reason).await.map_err(data::words)?;
            answer::print(data.json, &json!({ "account": "unlocked", "whom": whom }), |_| {
                format!("Nothing delays the account of {} ({}, {}) any more.", whom.name, whom.registry_no, whom.population)
            })
        }
        AccountCommand::ResetFactor(DecideArgs { entry, reason, data }) => {
            let manage = data.open().await?;
            let issued = manage.reset_factor(&entry.realm, &entry.registry_no, &reason).await.map_err(data::words)?;
            codes::print(&issued, data.json)
        }
        AccountCommand::Sessions(args) => sessions::list(args).await,
        AccountCommand::EndSessions(args) => sessions::end(args).await,
        AccountCommand::Suspend(args) => decide(args, Decision::Suspend, "suspended").await,
        AccountCommand::Reactivate(args) => decide(args, Decision::Reactivate, "reactivated").await,
        AccountCommand::Deactivate(args) => decide(args, Decision::Deactivate, "deactivated").await,
    }
}

async fn decide(args: DecideArgs, decision: Decision, done: &str) -> Result<(), String> {
    let DecideArgs { entry, reason, data } = args;
    let manage = data.open().await?;
    let decided = manage.decide_account(&entry.realm, &entry.registry_no, decision, &reason).await;
    let whom = decided.map_err(data::words)?;
    answer::print(data.json, &json!({ "account": done, "whom": whom }), |_| {
        format!("The account of {} ({}, {}) is {done}.", whom.name, whom.registry_no, whom.population)
    })
}
