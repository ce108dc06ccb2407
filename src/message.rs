//! `poterne message`: the outbox, without what the messages say and whom exactly they are for.

use crate::answer;
use crate::data::{DataArgs, words};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use poterne_idp::manage::{Channel, MessageFilter, MessageState, MessageSummary};
use poterne_idp::{Clock, Timestamp};
use serde_json::{Value, json};

/// The outbox.
#[derive(Subcommand)]
pub enum MessageCommand {
    /// Lists the newest messages: where they stand, for whom (masked), tries, the last error.
    List(ListArgs),
    /// Puts what was given up back, so that it is sent again; never what has expired.
    Retry(RetryArgs),
}

/// Options of `poterne message list`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne message list --realm lindenhof --state dead\n\nWhat a message says, and whole addresses, are never \
                  shown.\n\nJSON: a list of {id, kind, channel, to, state, tries, error, created_at, updated_at, next_try_at, \
                  expires_at}."
)]
pub struct ListArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// Only messages in this state.
    #[arg(long)]
    state: Option<State>,
    /// Only messages that leave by this road.
    #[arg(long)]
    channel: Option<Road>,
    /// So many at most, the newest.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne message retry`.
#[derive(Args)]
#[command(
    group(ArgGroup::new("which").required(true).args(["id", "all_dead"])),
    after_help = "Example:\n  poterne message retry --realm lindenhof --all-dead\n\nA message that waits for its next try is due at \
                  once. What a dead letter carries is kept until it expires, a week at most.\n\nJSON: queued, expired, erased: how \
                  many messages each."
)]
pub struct RetryArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// The message, as `message list` shows it.
    // Ids are base64url and may begin with a hyphen.
    #[arg(allow_hyphen_values = true)]
    id: Option<String>,
    /// Every message that was given up.
    #[arg(long)]
    all_dead: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Where a message stands, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// It waits for its time.
    Queued,
    /// It is being handed over.
    Sending,
    /// It was handed over.
    Delivered,
    /// It came too late to be worth sending.
    Expired,
    /// It was given up.
    Dead,
}

/// By which road a message leaves, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Road {
    /// By e-mail.
    Mail,
    /// By text message.
    Sms,
    /// To a portal's server.
    Portal,
    /// To the server of a client that registered itself.
    Registered,
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: MessageCommand) -> Result<(), String> {
    match command {
        MessageCommand::List(args) => {
            let manage = args.data.open().await?;
            let messages = manage.list_messages(&args.realm, filter(&args)).await.map_err(words)?;
            let now = Clock::System.now();
            let value: Vec<Value> = messages.iter().map(as_json).collect();
            answer::print(args.data.json, &value, |_| listed(&messages, now))
        }
        MessageCommand::Retry(RetryArgs { realm, id, data, .. }) => {
            let manage = data.open().await?;
            if let Some(id) = id {
                manage.send_again(&realm, &id).await.map_err(words)?;
                let value = json!({ "queued": 1, "expired": 0, "erased": 0 });
                return answer::print(data.json, &value, |_| format!("Message {id} is sent again."));
            }
            let sum = manage.send_dead_again(&realm).await.map_err(words)?;
            answer::print(data.json, &sum, |sum| {
                let mut lines = vec![format!("{} messages are sent again.", sum.queued)];
                if sum.expired > 0 {
                    lines.push(format!("{} have expired and are not sent any more.", sum.expired));
                }
                if sum.erased > 0 {
                    lines.push(format!("{} were given up more than a week ago: their content was erased.", sum.erased));
                }
                lines.join("\n")
            })
        }
    }
}

fn filter(args: &ListArgs) -> MessageFilter {
    let state = args.state.map(|state| match state {
        State::Queued => MessageState::Queued,
        State::Sending => MessageState::Sending,
        State::Delivered => MessageState::Delivered,
        State::Expired => MessageState::Expired,
        State::Dead => MessageState::Dead,
    });
    let channel = args.channel.map(|road| match road {
        Road::Mail => Channel::Mail,
        Road::Sms => Channel::Sms,
        Road::Portal => Channel::Portal,
        Road::Registered => Channel::Registered,
    });
    MessageFilter { state, channel, limit: Some(args.limit) }
}

fn as_json(message: &MessageSummary) -> Value {
    json!({
        "id": message.id.to_string(),
        "kind": message.kind,
        "channel": message.channel,
        "to": message.target,
        "state": message.state,
        "tries": message.attempts,
        "error": message.error,
        "created_at": message.created_at.to_rfc3339(),
        "updated_at": message.updated_at.to_rfc3339(),
        "next_try_at": message.next_at.map(Timestamp::to_rfc3339),
        "expires_at": message.expires_at.map(Timestamp::to_rfc3339),
    })
}

/// A line for each message, and below it what it is, for whom, and what the last try said.
fn listed(messages: &[MessageSummary], now: Timestamp) -> String {
    if messages.is_empty() {
        return "No such message.".to_owned();
    }
    let rows: Vec<Vec<String>> = messages
        .iter()
        .map(|message| {
            vec![
                message.id.to_string(),
                message.channel.clone(),
                message.state.as_str().to_owned(),
                message.attempts.to_string(),
                answer::span(now.since(message.created_at)),
                message.next_at.map_or_else(String::new, |at| format!("in {}", answer::span(at.since(now)))),
            ]
        })
        .collect();
    let table = answer::table(&["ID", "BY", "STATE", "TRIES", "AGE", "NEXT TRY"], &rows);
    let mut lines = table.lines();
    let mut shown = vec![lines.next().unwrap_or_default().to_owned()];
    for (line, message) in lines.zip(messages) {
        shown.push(line.to_owned());
        shown.push(answer::fit(&format!("  {} to {}", message.kind, message.target), 80));
        if let Some(error) = &message.error {
            shown.push(answer::fit(&format!("  last try: {error}"), 80));
        }
    }
    shown.join("\n")
}
