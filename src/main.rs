//! The `poterne` command.

mod account;
mod codes;
mod data;
#[cfg(feature = "demo")]
mod demo;
mod entry;
#[cfg(feature = "demo")]
mod net;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// An OpenID Connect provider for organisations that invite their people by letter.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// What the log shows, such as `info` or `poterne_idp=debug`.
    #[arg(long, global = true, default_value = "warn")]
    log: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs two funds of invented people with their portals, on this machine only.
    #[cfg(feature = "demo")]
    Demo(demo::DemoArgs),
    /// Activation codes of one person or organisation.
    #[command(subcommand)]
    Codes(codes::CodesCommand),
    /// What the fund decides about one account.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// What the registry says of one person or organisation.
    #[command(subcommand)]
    Entry(entry::EntryCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_new(&cli.log).unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let done: Result<(), String> = match cli.command {
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::run(args).await,
        Command::Codes(command) => codes::run(command).await,
        Command::Account(command) => account::run(command).await,
        Command::Entry(command) => entry::run(command).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(mistake) => {
            eprintln!("poterne: {mistake}");
            ExitCode::FAILURE
        }
    }
}
