//! The `poterne` command.

mod account;
mod answer;
mod audit;
mod backup;
mod check;
mod client;
mod codes;
mod completions;
mod config;
mod data;
#[cfg(feature = "demo")]
mod demo;
mod entry;
mod gateways;
mod healthcheck;
mod import;
mod init;
mod key;
mod message;
mod migrate;
mod net;
mod private_file;
mod provider;
mod realm;
mod reference;
mod serve;

use answer::Ended;
use clap::{CommandFactory, Parser, Subcommand};
use config::LogFormat;
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Takes a seventh of a request's instructions away, and less memory than the C library's as long as it asks for no huge pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An OpenID Connect provider for organisations that invite their people by letter.
#[derive(Parser)]
#[command(
    version,
    term_width = 80,
    after_help = "Exit codes: 0 done · 1 it could not be done, and why · 2 the command line makes no sense · 3 it looked, and found \
                  something that wants a hand"
)]
struct Cli {
    /// What the log shows, such as `info` or `poterne_idp=debug`; stronger than the settings.
    #[arg(long, global = true)]
    log: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes a commented settings file and a master key.
    Init(init::InitArgs),
    /// Runs the provider until it is told to stop.
    Serve(serve::ServeArgs),
    /// Asks the provider that runs here whether requests should come.
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Makes the database's tables or brings them up to this version.
    Migrate(migrate::MigrateArgs),
    /// What a fund is, by its document.
    #[command(subcommand)]
    Realm(realm::RealmCommand),
    /// The settings of the process.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Runs two funds of invented people with their portals, on this machine only.
    #[cfg(feature = "demo")]
    Demo(demo::DemoArgs),
    /// Activation codes, for one person or for a whole population.
    #[command(subcommand)]
    Codes(codes::CodesCommand),
    /// Copies of a SQLite database: made while it is used, verified, restored.
    #[command(subcommand)]
    Backup(backup::BackupCommand),
    /// Looks whether everything is there that the provider needs, and says what to do where it is not.
    Check(check::CheckArgs),
    /// The keys that sign a realm's tokens.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// What the fund decides about one account.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// The audit trail.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Portals and services.
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// The outbox: mails and text messages that wait, were sent or were given up.
    #[command(subcommand)]
    Message(message::MessageCommand),
    /// Files of the fund's persons and organisations.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// What the registry says of one person or organisation.
    #[command(subcommand)]
    Entry(entry::EntryCommand),
    /// Prints what a shell needs to complete these commands.
    Completions(completions::CompletionsArgs),
    /// Prints the reference of all commands, for docs/COMMANDS.md.
    #[command(hide = true)]
    Reference,
}

/// The settings of the process.
#[derive(Subcommand)]
enum ConfigCommand {
    /// Shows what applies, and where it came from.
    Show(config::ShowArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command, cli.log.as_deref()).await {
        Ok(ended) => ended.into(),
        Err(mistake) => {
            eprintln!("poterne: {mistake}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, log: Option<&str>) -> Result<Ended, String> {
    if let Command::Serve(args) = command {
        let settings = serve::settings(&args)?;
        begin_log(log.unwrap_or(&settings.log.filter), settings.log.format);
        return serve::run(settings).await.map(|()| Ended::Well);
    }
    begin_log(log.unwrap_or("warn"), LogFormat::Text);
    match command {
        Command::Migrate(args) => return migrate::run(args).await,
        Command::Client(command) => client::run(command).await,
        Command::Completions(args) => completions::run(&args, &Cli::command()),
        Command::Reference => answer::say(reference::page(Cli::command()).trim_end()),
        Command::Audit(command) => return audit::run(command).await,
        Command::Backup(command) => return backup::run(command).await,
        Command::Check(args) => return check::run(args).await,
        Command::Key(command) => return key::run(command).await,
        Command::Import(command) => return import::run(command).await,
        Command::Healthcheck(args) => return healthcheck::run(&args).await,
        Command::Init(args) => init::run(&args),
        Command::Serve(_) => Ok(()),
        Command::Realm(command) => realm::run(command).await,
        Command::Config(ConfigCommand::Show(args)) => config::show(&args),
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::run(args).await,
        Command::Codes(command) => codes::run(command).await,
        Command::Account(command) => account::run(command).await,
        Command::Message(command) => message::run(command).await,
        Command::Entry(command) => entry::run(command).await,
    }?;
    Ok(Ended::Well)
}

/// Begins the log, on standard error.
fn begin_log(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // A log that cannot be written (a full disk) is no reason to stop: the subscriber would complain on the same log, and panic.
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
