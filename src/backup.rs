//! `poterne backup`: copies of a SQLite database, made while it is used, verified, restored.

use crate::answer::{self, Ended};
use crate::data::{DataArgs, words};
use clap::{Args, Subcommand};
use poterne_idp::manage::backup::{self, Checked, Manifest, Restored, Settled};
use poterne_idp::{Clock, DatabaseUrl, Entropy};
use std::path::{Path, PathBuf};

/// Copies of a SQLite database.
#[derive(Subcommand)]
pub enum BackupCommand {
    /// Copies the database into a new file while the provider runs, and verifies the copy.
    #[command(
        after_help = "Example:\n  poterne backup create --out /var/backups/poterne-monday.sqlite\n\nBeside the file lies its manifest \
                      (.json); both are their owner's alone. The master key is not in it: keep a copy of that apart.\n\nJSON: the manifest {format, version, created_at, \
                      created_micros, realms, bytes, sha256, master_key, seal}."
    )]
    Create(CreateArgs),
    /// Looks whether a backup is whole and of this master key.
    #[command(
        after_help = "Example:\n  poterne backup verify /var/backups/poterne-monday.sqlite\n\nEnds with 3 where something is wrong with it.\n\n\
                      JSON: manifest, mistakes (a list), audit_events."
    )]
    Verify(FileArgs),
    /// Puts a backup in the place of the database; the provider must not run.
    #[command(
        after_help = "Example:\n  poterne backup restore /var/backups/poterne-monday.sqlite --replace\n\nThe backup does not know what was \
                      used, ended or decided after it was made. So all sessions and tokens end, and unused activation codes are void: \
                      their letters must be sent again. --keep-codes leaves them: whoever finds a letter whose code was used since could \
                      use it again.\n\nJSON: manifest, kept_aside (the former database, or null), settled (as of `backup settle`), \
                      must_be_migrated."
    )]
    Restore(RestoreArgs),
    /// After `pg_restore`: ends what the older copy would bring back to life.
    #[command(
        after_help = "Example:\n  poterne backup settle --config /etc/poterne/poterne.toml\n\n`backup restore` does it by itself.\n\n\
                      JSON: a list of {realm, sessions, grants, under_way, messages, codes [{registry_no, population, purpose}]}."
    )]
    Settle(SettleArgs),
}

/// Options of `poterne backup create`.
#[derive(Args)]
pub struct CreateArgs {
    /// The new file.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne backup verify`.
#[derive(Args)]
pub struct FileArgs {
    /// The backup; its manifest lies beside it.
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne backup restore`.
#[derive(Args)]
pub struct RestoreArgs {
    /// The backup; its manifest lies beside it.
    file: PathBuf,
    /// Also where a database is: it is kept aside.
    #[arg(long)]
    replace: bool,
    /// Leaves unused activation codes as they are.
    #[arg(long)]
    keep_codes: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne backup settle`.
#[derive(Args)]
pub struct SettleArgs {
    /// Leaves unused activation codes as they are.
    #[arg(long)]
    keep_codes: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: BackupCommand) -> Result<Ended, String> {
    match command {
        BackupCommand::Create(CreateArgs { out, data }) => {
            if let (DatabaseUrl::Postgres(url), _) = data.place()? {
                return Err(with_postgres(&format!("pg_dump --format=custom --file={} '{}'", shell(&out), bare(&url))));
            }
            let manifest = data.open().await?.create_backup(&out).await.map_err(words)?;
            answer::print(data.json, &manifest, |manifest| made(manifest, &out))?;
            Ok(Ended::Well)
        }
        BackupCommand::Verify(FileArgs { file, data }) => {
            let checked = backup::verify(&file, &data.place()?.1).map_err(words)?;
            answer::print(data.json, &checked, looked)?;
            Ok(if checked.mistakes.is_empty() { Ended::Well } else { Ended::Found })
        }
        BackupCommand::Restore(args) => restore(&args),
        BackupCommand::Settle(SettleArgs { keep_codes, data }) => {
            let settled = data.open().await?.settle_restored(keep_codes).await.map_err(words)?;
            answer::print(data.json, &settled, |settled| ended(settled))?;
            Ok(Ended::Well)
        }
    }
}

fn restore(args: &RestoreArgs) -> Result<Ended, String> {
    let (url, master) = args.data.place()?;
    let database = match url {
        DatabaseUrl::Sqlite(path) => path,
        DatabaseUrl::Postgres(url) => {
            let file = shell(&args.file);
            return Err(with_postgres(&format!(
                "pg_restore --clean --if-exists --single-transaction --dbname='{}' {file}\n  poterne backup settle",
                bare(&url)
            )));
        }
    };
    let (how, when) = ((args.replace, args.keep_codes), (Clock::System.now(), &Entropy::System));
    let restored = backup::restore(&args.file, &database, &master, how, when).map_err(words)?;
    answer::print(args.data.json, &restored, |restored| told(restored, &database))?;
    Ok(Ended::Well)
}

fn with_postgres(line: &str) -> String {
    format!("the database is PostgreSQL: use its own tools (the password in PGPASSWORD or ~/.pgpass)\n  {line}")
}

/// A URL without its password: it is printed.
fn bare(url: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(url) else { return "postgres://…".to_owned() };
    if parsed.password().is_some() && parsed.set_password(None).is_err() {
        return "postgres://…".to_owned();
    }
    let kept: Vec<(String, String)> =
        parsed.query_pairs().filter(|(name, _)| !name.contains("password")).map(|(n, v)| (n.into(), v.into())).collect();
    parsed.set_query(None);
    if !kept.is_empty() {
        parsed.query_pairs_mut().extend_pairs(kept);
    }
    parsed.to_string().replace('\'', "%27")
}

fn shell(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

fn made(manifest: &Manifest, out: &Path) -> String {
    format!(
        "Wrote {}\n({} bytes, SHA-256 {}…, realms: {})\nand {}.json. It is whole.",
        out.display(),
        manifest.bytes,
        manifest.sha256.get(..16).unwrap_or_default(),
        manifest.realms.join(", "),
        out.display()
    )
}

fn looked(checked: &Checked) -> String {
    let made = format!("made {} by version {}", checked.manifest.created_at, checked.manifest.version);
    if checked.mistakes.is_empty() {
        return format!("The backup is whole: {made}.\nThe audit trails hold together ({} events).", checked.audit_events);
    }
    format!("The backup is not whole ({made}):\n  {}", checked.mistakes.join("\n  "))
}

fn told(restored: &Restored, database: &Path) -> String {
    let mut lines = vec![format!("{} is as it was at\n{}.", database.display(), restored.manifest.created_at)];
    if let Some(aside) = &restored.kept_aside {
        lines.push(format!("The one that was there is kept as\n{}.", aside.display()));
    }
    lines.push(if restored.must_be_migrated {
        "It is older than this version. Before serve:\n  poterne migrate\n  poterne backup settle".to_owned()
    } else {
        ended(&restored.settled)
    });
    lines.join("\n")
}

fn ended(settled: &[Settled]) -> String {
    let line = |realm: &Settled| {
        let Settled { realm, sessions, grants, codes, .. } = realm;
        format!("{realm}: {sessions} sessions and {grants} grants ended, {} activation codes are void.", codes.len())
    };
    let mut lines: Vec<String> = settled.iter().map(line).collect();
    if settled.iter().any(|realm| !realm.codes.is_empty()) {
        let again =
            "Letters with void codes must be sent again (--json lists them):\n  poterne codes issue --realm R --registry-no N";
        lines.push(again.to_owned());
    }
    let decided = "What was decided after the backup is gone. Do again, where it applies:\nsuspended accounts, reset factors, left and \
                   deceased, rotated client\nsecrets, keys that leaked (poterne key rotate --now).";
    lines.push(decided.to_owned());
    lines.join("\n")
}
