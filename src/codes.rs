//! `poterne codes`: activation codes, for one person or organisation, or for everybody of a population who has none.

mod sheet;

use crate::answer;
use crate::data::{self, DataArgs, words};
use clap::{ArgGroup, Args, Subcommand};
use poterne_idp::manage::{CodeOrder, CodeRun, IssuedCode, PassedOver};
use serde::Serialize;
use serde_json::json;
use sheet::Sheet;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Activation codes.
#[derive(Subcommand)]
pub enum CodesCommand {
    /// Issues a new activation code for one person or organisation, or for everybody of a population who has neither account nor code.
    Issue(IssueArgs),
}

/// Options of `poterne codes issue`.
#[derive(Args)]
#[command(
    group(ArgGroup::new("whom").required(true).args(["registry_no", "all_eligible"])),
    override_usage = "poterne codes issue --realm SLUG --registry-no NO [--reason WHY]\n       \
                      poterne codes issue --realm SLUG --population KEY --all-eligible\n               \
                      --out FILE [--replace] [--reason WHY]",
    after_help = "Example:\n  poterne codes issue --realm lindenhof --registry-no 10001 \\\n      --reason \"letter lost\"\n  \
                  poterne codes issue --realm lindenhof --population insured \\\n      --all-eligible --out codes.csv\n\n\
                  One code is shown once and kept nowhere; the former one ends with it. It goes by post, to the address that the \
                  fund knows.\n\nMany codes go into a file that only you can read (0600), for the yearly statement. They are kept \
                  nowhere else: print, then delete it. A code counts once its row is safely in the file, so after a break a rerun \
                  into another file issues the rest; where a person stands in both, the later file is right.\n\n\
                  JSON, one code: code, whom {registry_no, name, population}, expires_on, replaced.\n\
                  JSON, many: file (null where nobody was eligible), population, issued, replaced, expires_on, \
                  skipped {has_account, live_code, not_with_the_fund}, not_live [registry_no]."
)]
pub struct IssueArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// The fund's own key of the person or organisation.
    #[arg(long)]
    registry_no: Option<String>,
    /// The population whose people get codes.
    #[arg(long, requires = "all_eligible")]
    population: Option<String>,
    /// Everybody of the population who is with the fund and has neither an account nor a code that can still be used.
    #[arg(long, requires = "population", requires = "out")]
    all_eligible: bool,
    /// The file that the codes are printed from; it must not be there yet.
    #[arg(long, requires = "all_eligible")]
    out: Option<PathBuf>,
    /// Also those whose code can still be used: the new one ends it.
    #[arg(long, requires = "all_eligible")]
    replace: bool,
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
    let CodesCommand::Issue(args) = command;
    let manage = args.data.open().await?;
    let (json, reason) = (args.data.json, args.reason);
    match (args.registry_no, args.population, args.out) {
        (Some(registry_no), ..) => {
            let issued = manage.order_code(&args.realm, &registry_no, reason.as_deref()).await.map_err(words)?;
            print(&issued, json)
        }
        (None, Some(population), Some(out)) => {
            let order = CodeOrder { population: population.clone(), replace: args.replace, reason };
            let run = manage.begin_codes(&args.realm, order).await.map_err(words)?;
            let done = issue_all(run, &out, population).await?;
            answer::print(json, &done, |done| done.words(args.replace))
        }
        _ => Err("name one entry with --registry-no, or --population, --all-eligible and --out".to_owned()),
    }
}

/// What a run has done.
#[derive(Serialize)]
struct Done {
    file: Option<PathBuf>,
    population: String,
    issued: usize,
    replaced: usize,
    expires_on: Option<String>,
    skipped: PassedOver,
    not_live: Vec<String>,
}

/// Codes for everybody, batch by batch: first the rows, durably, then the codes. So no live code exists that is not in the file.
async fn issue_all(mut run: CodeRun, out: &Path, population: String) -> Result<Done, String> {
    let shown = out.display();
    let mut sheet = Sheet::create(out)?;
    let mut done = Done {
        file: Some(out.to_owned()),
        population,
        issued: 0,
        replaced: 0,
        expires_on: None,
        skipped: PassedOver::default(),
        not_live: Vec::new(),
    };
    let broke_off = |issued: usize, why: String| {
        format!(
            "{why}\n{issued} codes are live; each stands in {shown}, whose last rows may not be. Run it again with another --out for \
             the rest, and where a person stands in both files use the later one."
        )
    };
    loop {
        let batch = match run.next().await {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(failure) => return Err(broke_off(done.issued, data::words(failure))),
        };
        done.expires_on = batch.codes().last().map(|code| code.expires_on.to_string());
        sheet.write(batch.codes()).map_err(|error| broke_off(done.issued, format!("{shown} cannot be written: {error}")))?;
        let committed = run.commit(batch).await.map_err(|failure| broke_off(done.issued, data::words(failure)))?;
        done.issued += committed.live;
        done.replaced += committed.replaced;
        done.not_live.extend(committed.not_live);
        progress(run.progress());
    }
    done.skipped = run.passed_over();
    if std::io::stderr().is_terminal() {
        eprint!("\r{:40}\r", "");
    }
    if done.issued == 0 && done.not_live.is_empty() {
        sheet.discard().map_err(|error| format!("{shown} cannot be removed: {error}"))?;
        done.file = None;
    }
    Ok(done)
}

/// How far it is, for whoever waits at a terminal.
fn progress((looked_at, entries): (u64, u64)) {
    let mut err = std::io::stderr();
    if err.is_terminal() {
        // Nothing depends on it.
        drop(write!(err, "\r{looked_at} of {entries} entries").and_then(|()| err.flush()));
    }
}

impl Done {
    fn words(&self, replace: bool) -> String {
        let mut lines = match &self.file {
            Some(file) => vec![
                format!("{} codes for {} stand in {}.", self.issued, self.population, file.display()),
                format!("Last valid day: {}", self.expires_on.as_deref().unwrap_or_default()),
                "They are kept nowhere else: print them, then delete the file.".to_owned(),
            ],
            None => vec![format!("Nobody of {} is eligible: no code was issued, no file written.", self.population)],
        };
        if self.replaced > 0 {
            lines.push(format!("{} former codes no longer work.", self.replaced));
        }
        let PassedOver { has_account, live_code, not_with_the_fund } = self.skipped;
        let skipped =
            [(has_account, "with an account"), (live_code, "with a live code"), (not_with_the_fund, "not with the fund")];
        let skipped: Vec<String> =
            skipped.iter().filter(|(many, _)| *many > 0).map(|(many, why)| format!("{many} {why}")).collect();
        if !skipped.is_empty() {
            lines.push(format!("Skipped: {}.", skipped.join(", ")));
        }
        if live_code > 0 && !replace {
            lines.push("--replace gives those with a live code a new one.".to_owned());
        }
        if !self.not_live.is_empty() {
            lines.push(format!(
                "Do not print {} rows: while this ran, these got an account or a code, or left:\n  {}",
                self.not_live.len(),
                self.not_live.join("\n  ")
            ));
        }
        lines.join("\n")
    }
}

/// Prints a code, this once.
///
/// # Errors
/// In words: nobody saw it.
pub fn print(issued: &IssuedCode, as_json: bool) -> Result<(), String> {
    let (code, whom, last) = (issued.code.expose(), &issued.whom, issued.expires_on);
    let replaced = issued.replaced.map(|day| day.to_string());
    let value = json!({ "code": code, "whom": whom, "expires_on": last.to_string(), "replaced": replaced });
    let shown = answer::print(as_json, &value, |_| {
        let heading = format!("Activation code for {} ({}, {})\n\n  {code}\n", whom.name, whom.registry_no, whom.population);
        let former = issued.replaced.map(|day| format!("Replaces the code of {day}, which no longer works."));
        let end = "It is shown once and kept nowhere. It goes by post.".to_owned();
        let lines = [Some(heading), Some(format!("Last valid day: {last}")), former, Some(end)];
        lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
    });
    shown.map_err(|why| format!("{why}; the code was issued, and nobody saw it: issue another"))
}
