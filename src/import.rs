//! `poterne import`: the fund's files of persons and organisations, tried first and then applied.

use crate::answer::{self, Ended};
use crate::data::{self, DataArgs};
use crate::private_file;
use clap::{Args, Subcommand, ValueEnum};
use poterne_idp::manage::{AllowEnded, ChangedRow, ImportMode, ImportOptions, ImportOutcome, ImportReport, Progress};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of the fund.
#[derive(Subcommand)]
pub enum ImportCommand {
    /// Brings the registry's persons up to a CSV file; without --apply it says what that would do.
    #[command(
        after_help = "Example:\n  poterne import persons insured.csv --realm lindenhof\n  poterne import persons insured.csv \
                            --realm lindenhof --apply\n\nColumns: registry_no, last_name, first_name, population, title, language, status, \
                            address_status, and what identifies in the population, such as avs_number and birth_date. A line that cannot be \
                            taken rejects the file. Exit code 3: nothing was changed, for what stands there.\n\nJSON: file, sha256, kind, mode, outcome, rows, new, changed, unchanged, \
                            ended, active, allow_ended, rejected, changed_columns, first_changed, first_ended, rejections, merge_millis."
    )]
    Persons(ImportArgs),
    /// The same with organisations.
    #[command(
        after_help = "Example:\n  poterne import organisations employers.csv --realm lindenhof\n  poterne import organisations \
                            employers.csv --realm lindenhof --apply\n\nColumns: registry_no, name, alternative_names (parted by |), \
                            population, language, status, address_status, and what identifies in the population, such as company_no. A line \
                            that cannot be taken rejects the file. Exit code 3: nothing was changed, for what stands there.\n\nJSON: file, sha256, kind, mode, outcome, rows, new, changed, unchanged, \
                            ended, active, allow_ended, rejected, changed_columns, first_changed, first_ended, rejections, merge_millis."
    )]
    Organisations(ImportArgs),
}

/// What a file says about those who are not in it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// Nothing.
    Delta,
    /// They have left.
    Full,
}

/// Options of `poterne import`.
#[derive(Args)]
pub struct ImportArgs {
    /// The file: CSV in UTF-8, with commas or semicolons and a header.
    file: PathBuf,
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// Does it, instead of saying what would be done.
    #[arg(long)]
    apply: bool,
    /// What the file says about those who are not in it: nothing (delta), or that they have left (full).
    #[arg(long, value_enum, default_value = "delta")]
    mode: Mode,
    /// How many may leave or die by the file: a number such as 250, or a share of those who are active such as 20%.
    #[arg(long, default_value = "10%")]
    allow_ended: AllowEnded,
    /// Writes every rejected line into this file.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Shows how far it is, on standard error; on a terminal it does so anyway, with --json never.
    #[arg(long)]
    progress: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Rejections that are printed; all of them are in the report's file and in the JSON.
const PRINTED: usize = 50;
/// Characters of a terminal's line.
const WIDTH: usize = 80;
/// Rejections that are listed at most, wherever.
const LISTED: usize = 100_000;

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: ImportCommand) -> Result<Ended, String> {
    let (args, persons) = match command {
        ImportCommand::Persons(args) => (args, true),
        ImportCommand::Organisations(args) => (args, false),
    };
    let shown = args.file.display();
    let file = std::fs::File::open(&args.file).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let manage = args.data.open().await?;
    let told = !args.data.json && (args.progress || std::io::stderr().is_terminal());
    let all = args.data.json || args.report.is_some();
    let options = ImportOptions {
        mode: match args.mode {
            Mode::Delta => ImportMode::Delta,
            Mode::Full => ImportMode::Full,
        },
        apply: args.apply,
        allow_ended: args.allow_ended,
        most_rejections: if all { LISTED } else { PRINTED },
        progress: told.then(|| Arc::new(tell) as Arc<dyn Fn(Progress) + Send + Sync>),
        ..ImportOptions::dry_run(args.file.to_string_lossy())
    };
    let imported = if persons {
        manage.import_persons(&args.realm, file, options).await
    } else {
        manage.import_organisations(&args.realm, file, options).await
    };
    if told {
        eprintln!();
    }
    let report = imported.map_err(data::words)?;
    if let Some(path) = &args.report {
        write_rejections(path, &report)?;
    }
    answer::print(args.data.json, &report, words)?;
    Ok(match report.outcome {
        ImportOutcome::Applied | ImportOutcome::DryRun => Ended::Well,
        ImportOutcome::Rejected | ImportOutcome::TooManyEnded => Ended::Found,
    })
}

/// How far it is, on the same line of the terminal.
fn tell(progress: Progress) {
    match progress {
        Progress::Checked(rows) => eprint!("\r{rows} rows checked"),
        Progress::Merging => eprint!("\nchanging the registry"),
    }
}

fn write_rejections(path: &Path, report: &ImportReport) -> Result<(), String> {
    let mut text = Vec::new();
    for rejection in &report.rejections {
        writeln!(text, "{rejection}").map_err(|error| error.to_string())?;
    }
    // Never over a file that is there: it may be the one that was imported.
    let written = private_file::create(path).and_then(|mut file| file.write_all(&text));
    written.map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

/// A report as it is read on a terminal.
fn words(report: &ImportReport) -> String {
    let mut lines = vec![format!("{}: {} rows", report.file, report.rows)];
    let counts = [
        ("new", report.new),
        ("changed", report.changed),
        ("unchanged", report.unchanged),
        ("ended", report.ended),
        ("rejected", report.rejected),
    ];
    let counted = counts.into_iter().filter(|(name, count)| *name != "ended" || report.mode == ImportMode::Full || *count > 0);
    lines.extend(counted.map(|(name, count)| format!("  {name:<10} {count:>9}")));
    lines.extend(changes(report));
    if report.ended > 0 {
        let more = if report.ended > report.first_ended.len() as u64 { ", …" } else { "" };
        let why = if report.mode == ImportMode::Full { " (their rows say so, or they are not in the file)" } else { "" };
        lines.push(format!("\nThey leave{why}:\n  {}{more}", report.first_ended.join(", ")));
    }
    if report.rejected > 0 {
        lines.push("\nRejected:".to_owned());
        lines.extend(report.rejections.iter().take(PRINTED).map(|rejection| format!("  {rejection}")));
        if report.rejections.len() > PRINTED || report.rejected > report.rejections.len() as u64 {
            lines.push("  and more: --report FILE writes them all".to_owned());
        }
    }
    lines.push(format!("\n{}", verdict(report)));
    lines.iter().flat_map(|line| line.split('\n')).map(wrapped).collect::<Vec<_>>().join("\n")
}

/// A line in lines that a terminal shows whole, the later ones further in.
fn wrapped(line: &str) -> String {
    let indent = line.len() - line.trim_start().len();
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let mut lines = vec![" ".repeat(indent)];
    for word in line.split_whitespace() {
        let Some(last) = lines.last_mut() else { break };
        if last.chars().count() + word.chars().count() >= WIDTH && !last.trim().is_empty() {
            lines.push(format!("{}{word}", " ".repeat(indent + 2)));
        } else {
            let blank = if last.trim().is_empty() { "" } else { " " };
            last.push_str(blank);
            last.push_str(word);
        }
    }
    lines.join("\n")
}

fn changes(report: &ImportReport) -> Vec<String> {
    if report.changed == 0 {
        return Vec::new();
    }
    let mut lines = vec!["\nWhat changes:".to_owned()];
    lines.extend(report.changed_columns.iter().map(|(column, count)| format!("  {column:<16} {count:>7}")));
    let row = |row: &ChangedRow| format!("  line {}, {}: {}", row.line, row.registry_no, row.columns.join(", "));
    lines.extend(report.first_changed.iter().map(row));
    let more = report.changed.saturating_sub(report.first_changed.len() as u64);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines
}

fn verdict(report: &ImportReport) -> String {
    match report.outcome {
        ImportOutcome::Applied => "Applied.".to_owned(),
        ImportOutcome::DryRun if report.new + report.changed + report.ended == 0 => "Nothing to change.".to_owned(),
        ImportOutcome::DryRun => "Nothing was changed: this was a dry run. With --apply it is done.".to_owned(),
        ImportOutcome::Rejected => "Nothing was changed: mend these lines and import the file again.".to_owned(),
        ImportOutcome::TooManyEnded => format!(
            "Nothing was changed: {} of {} active would leave, and {} are allowed.\nIf that is right, say so: --allow-ended {}",
            report.ended, report.active, report.allow_ended, report.ended
        ),
    }
}
