//! `poterne audit`: the trail of what happened, walked and given out.

use crate::answer::{self, Ended};
use crate::data::{DataArgs, words};
use crate::private_file;
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use poterne_idp::manage::{Difference, ExportedEvent, Manage};
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Events that are read and written at a time.
const PIECE: i64 = 1000;

/// The audit trail.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Walks the chain of a realm's events: whether one was changed, removed or moved.
    Verify(VerifyArgs),
    /// Writes the events with their digests, one line of JSON each.
    Export(ExportArgs),
}

/// Options of `poterne audit verify`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne audit verify --realm lindenhof --against 2026-11.jsonl\n\nThe chain shows what was changed, removed \
                  or moved. That the end was cut off shows only against an earlier export.\n\nEnds with 3 where it does not hold.\n\n\
                  JSON: whole, events, unsealed, stale_unsealed, broken (the first number that does not hold, or null), against {file, \
                  events, difference, sequence} or null; difference is null, export, cut_off or other."
)]
pub struct VerifyArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// An earlier export, which the trail must still hold.
    #[arg(long)]
    against: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne audit export`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne audit export --realm lindenhof --since 2026-11-01 \\\n      --out 2026-11.jsonl\n\nOnly you can read \
                  the file (0600); one that is there is not overwritten. Keep it elsewhere: `audit verify --against` tells later \
                  whether the trail still holds it.\n\nEach line has realm, sequence, id, at, time, kind, actor, subject, data, \
                  previous and digest; docs/OPERATIONS.md says what a digest covers.\n\nJSON: file, events, from, to (the first and \
                  last number, or null), unsealed."
)]
pub struct ExportArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// The file to write; it must not be there yet.
    #[arg(long)]
    out: PathBuf,
    /// From this number on, or from this day on, such as 2026-11-01.
    #[arg(long, value_parser = since)]
    since: Option<Since>,
    #[command(flatten)]
    data: DataArgs,
}

/// Where an export begins.
#[derive(Debug, Clone, Copy)]
enum Since {
    Sequence(i64),
    Day(NaiveDate),
}

fn since(typed: &str) -> Result<Since, String> {
    if let Ok(sequence) = typed.parse::<i64>() {
        return Ok(Since::Sequence(sequence.max(1)));
    }
    let day = NaiveDate::parse_from_str(typed, "%Y-%m-%d");
    day.map(Since::Day).map_err(|_| "neither an event's number nor a day such as 2026-11-01".to_owned())
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: AuditCommand) -> Result<Ended, String> {
    match command {
        AuditCommand::Verify(args) => verify(&args).await,
        AuditCommand::Export(args) => export(&args).await.map(|()| Ended::Well),
    }
}

async fn verify(args: &VerifyArgs) -> Result<Ended, String> {
    let manage = args.data.open().await?;
    let verified = manage.verify_audit(&args.realm).await.map_err(words)?;
    let against = match &args.against {
        Some(file) => Some((file, compare(&manage, &args.realm, file).await?)),
        None => None,
    };
    let difference = against.and_then(|(_, (_, difference))| difference);
    let whole = verified.is_whole() && difference.is_none();
    let value = json!({
        "whole": whole,
        "events": verified.events,
        "unsealed": verified.unsealed,
        "stale_unsealed": verified.stale_unsealed,
        "broken": verified.broken,
        "against": against.map(|(file, (events, difference))| {
            let (name, sequence) = difference.map(named).unzip();
            json!({ "file": file, "events": events, "difference": name, "sequence": sequence })
        }),
    });
    answer::print(args.data.json, &value, |_| {
        let mut lines = vec![match verified.broken {
            None => format!("{} events hold together.", verified.events),
            Some(at) => format!("The chain breaks at event {at}: it was changed, removed or moved. {} hold.", verified.events),
        }];
        if verified.stale_unsealed > 0 {
            lines.push(format!("{} events are unsealed for more than a minute: does serve run?", verified.stale_unsealed));
        } else if verified.unsealed > 0 {
            lines.push(format!("{} events are too new to be sealed.", verified.unsealed));
        }
        if let Some((file, (events, difference))) = against {
            lines.push(told(&file.display().to_string(), events, difference));
        }
        lines.join("\n")
    })?;
    Ok(if whole { Ended::Well } else { Ended::Found })
}

const fn named(difference: Difference) -> (&'static str, i64) {
    match difference {
        Difference::Export(at) => ("export", at),
        Difference::CutOff(at) => ("cut_off", at),
        Difference::Other(at) => ("other", at),
    }
}

fn told(file: &str, events: u64, difference: Option<Difference>) -> String {
    match difference {
        None => format!("All {events} events of {file} are in the trail as they were."),
        Some(Difference::Export(at)) => {
            format!("{file} itself does not hold at event {at}: it was changed, or lines are missing.")
        }
        Some(Difference::CutOff(at)) => format!("The trail has no event {at}, which {file} has: its end was cut off."),
        Some(Difference::Other(at)) => format!("The trail has another event {at} than {file}."),
    }
}

/// Compares an export, piece by piece: how many of its events are in the trail, and where they first differ.
async fn compare(manage: &Manage, realm: &str, path: &Path) -> Result<(u64, Option<Difference>), String> {
    let shown = path.display();
    let cannot = |error: std::io::Error| format!("{shown} cannot be read: {error}");
    let mut comparison = manage.compare_audit(realm).await.map_err(words)?;
    let mut lines = BufReader::new(File::open(path).map_err(cannot)?).lines().enumerate();
    let mut same = 0;
    loop {
        let mut piece: Vec<ExportedEvent> = Vec::new();
        for (nth, line) in lines.by_ref().take(usize::try_from(PIECE).unwrap_or(usize::MAX)) {
            let line = line.map_err(cannot)?;
            let event = serde_json::from_str(&line)
                .map_err(|error| format!("{shown}, line {}: no event as `audit export` writes them: {error}", nth + 1))?;
            piece.push(event);
        }
        if piece.is_empty() {
            return Ok((same, None));
        }
        let many = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        if let Some(difference) = comparison.next(piece).await.map_err(words)? {
            return Ok((same, Some(difference)));
        }
        same += many;
    }
}

async fn export(args: &ExportArgs) -> Result<(), String> {
    let manage = args.data.open().await?;
    let unsealed = manage.unsealed_events(&args.realm).await.map_err(words)?;
    let mut after = match args.since {
        None => 0,
        Some(Since::Sequence(first)) => first - 1,
        // Nothing since then: behind the last.
        Some(Since::Day(day)) => {
            manage.first_event_since(&args.realm, day).await.map_err(words)?.map_or(i64::MAX, |first| first - 1)
        }
    };
    let shown = args.out.display();
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => format!("{shown} is there already: name another file"),
        _ => format!("{shown} cannot be written: {error}"),
    };
    let mut file = BufWriter::new(private_file::create(&args.out).map_err(cannot)?);
    let (mut first, mut last, mut events) = (None, None, 0_u64);
    loop {
        let piece = manage.sealed_events(&args.realm, after, PIECE).await.map_err(words)?;
        let Some(end) = piece.last() else { break };
        (first, last, after) = (first.or(piece.first().map(|event| event.sequence)), Some(end.sequence), end.sequence);
        for event in &piece {
            let line = serde_json::to_string(event).map_err(|error| error.to_string())?;
            writeln!(file, "{line}").map_err(cannot)?;
            events += 1;
        }
    }
    file.into_inner().map_err(|error| cannot(error.into_error()))?.sync_all().map_err(cannot)?;
    if let (Some(first), Some(last)) = (first, last) {
        manage.note_export(&args.realm, first, last).await.map_err(words)?;
    }
    let value = json!({ "file": args.out, "events": events, "from": first, "to": last, "unsealed": unsealed });
    answer::print(args.data.json, &value, |_| {
        let mut lines = vec![match (first, last) {
            (Some(first), Some(last)) => format!("Events {first} to {last} stand in {shown}."),
            _ => format!("No event to export; {shown} is empty."),
        }];
        if unsealed > 0 {
            lines.push(format!("{unsealed} events are not sealed yet and not in it: serve seals within a second."));
        }
        lines.join("\n")
    })
}
