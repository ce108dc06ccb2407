//! `poterne check`: whether everything is there that the provider needs, a line each, with what to do where it is not.

mod gateways;
mod issuers;
mod local;

use crate::answer::{self, Ended};
use crate::config::{self, Config};
use crate::gateways::Gateways;
use clap::Args;
use poterne_idp::Timestamp;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// How long one look may take.
const LIMIT: Duration = Duration::from_secs(15);
/// How far two clocks may be apart before people's codes and portals' tokens suffer.
const SKEW: Duration = Duration::from_secs(30);

/// Options of `poterne check`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne check --config /etc/poterne/poterne.toml --send-mail me@fund.example\n\n\
                        It changes nothing and sends nothing unless told to. It ends with 3 where a line says FAILED.\n\n\
                        JSON: a list of {what, state (ok, warn or failed), says, do (where there is something to do)}.")]
pub struct CheckArgs {
    /// The settings' file; without it `poterne.toml` here.
    #[arg(long, env = "POTERNE_CONFIG")]
    config: Option<PathBuf>,
    /// Sends a test mail to this address.
    #[arg(long, value_name = "ADDRESS")]
    send_mail: Option<String>,
    /// Sends a test message to this number, such as +41790000001.
    #[arg(long, value_name = "NUMBER")]
    send_sms: Option<String>,
    /// Prints one line of JSON instead of words.
    #[arg(long)]
    json: bool,
}

/// How a look ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Failed,
}

/// One look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Line {
    /// What was looked at.
    what: String,
    state: State,
    /// What was seen.
    says: String,
    /// What to do.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Line {
    fn ok(what: &str, says: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Ok, says: says.into(), advice: None }
    }

    fn warn(what: &str, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Warn, advice: Some(advice.into()), ..Self::ok(what, says) }
    }

    fn failed(what: &str, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Failed, advice: Some(advice.into()), ..Self::ok(what, says) }
    }
}

/// Another machine's clock, and when it was read.
#[derive(Debug, Clone)]
struct Seen {
    whose: String,
    time: Timestamp,
    ours: Timestamp,
}

/// Runs the command.
///
/// # Errors
/// In words: the answer cannot be printed.
pub async fn run(args: CheckArgs) -> Result<Ended, String> {
    let lines = Box::pin(looked(&args)).await;
    answer::print(args.json, &lines, |lines| lines.iter().map(shown).collect::<Vec<_>>().join("\n"))?;
    let failed = lines.iter().any(|line| line.state == State::Failed);
    // A look that was given up may still hold a thread (a name server that never answers): nobody waits for it.
    drop(std::io::stdout().flush());
    std::process::exit(if failed { 3 } else { 0 })
}

async fn looked(args: &CheckArgs) -> Vec<Line> {
    let file = config::resolve(args.config.as_deref());
    let config: Config = match config::load(file.as_deref()) {
        Ok(config) => config,
        Err(mistake) => return vec![Line::failed("config", mistake, "correct it; poterne init writes one with comments")],
    };
    let named = file.map_or_else(|| "from variables".to_owned(), |file| file.display().to_string());
    let mut lines = vec![local::address(&config, &named), local::master_key(&config)];
    let (more, opened) = local::database(&config).await;
    lines.extend(more);
    let (mut clocks, realms) = match &opened {
        Some(opened) => (local::database_clock(&opened.db).await, opened.realms.clone()),
        None => (None, vec![]),
    };
    match Gateways::new(&config) {
        Ok(prepared) => {
            let sender = realms.first().map(|realm| realm.sender.clone());
            let (mail, (sms, clock)) = tokio::join!(
                gateways::mail(&prepared, &config, args.send_mail.as_deref(), sender.as_ref()),
                gateways::sms(&prepared, &config, args.send_sms.as_deref(), sender.as_ref())
            );
            lines.extend(mail.into_iter().chain(sms));
            clocks = clocks.or(clock);
        }
        Err(mistake) => lines.push(Line::failed("gateways", mistake, "correct [mail] and [sms] in the settings")),
    }
    lines.extend(local::weak(&realms));
    lines.extend(local::outbound(&config));
    lines.extend(issuers::all(&realms).await);
    lines.push(local::clock(clocks));
    lines.extend(local::disk(&config));
    lines.extend(local::certificate(&config));
    if let Some(opened) = &opened {
        lines.push(local::keys(opened).await);
    }
    lines
}

/// `ok      database     …`, and what to do below it.
fn shown(line: &Line) -> String {
    let state = match line.state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Failed => "FAILED",
    };
    let says = line.says.replace('\n', "\n                     ");
    let advice = line.advice.as_ref().map(|advice| format!("\n        -> {advice}")).unwrap_or_default();
    format!("{state:7} {:12} {says}{advice}", line.what)
}

/// The result of a look, or that it took too long.
async fn in_time<T>(look: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(LIMIT, look).await.map_err(|_| format!("no answer within {} s", LIMIT.as_secs()))
}
