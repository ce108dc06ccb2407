//! `poterne account sessions` and `poterne account end-sessions`: where somebody is signed in, and the end of it.

use crate::answer;
use crate::data::{DataArgs, EntryArgs, words};
use clap::Args;
use poterne_idp::manage::LiveSession;
use poterne_idp::{Clock, Timestamp};
use serde_json::{Value, json};

/// Options of `poterne account sessions`.
#[derive(Args)]
#[command(
    override_usage = "poterne account sessions --realm SLUG --registry-no NO",
    after_help = "Example:\n  poterne account sessions --realm lindenhof --registry-no 10020\n\nThat they were looked at stands in the audit \
                  trail.\n\nJSON: sessions [{id, device, place, began_at, last_used_at, ends_at, portals}], whom {registry_no, name, \
                  population}."
)]
pub struct SessionsArgs {
    #[command(flatten)]
    entry: EntryArgs,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne account end-sessions`.
#[derive(Args)]
#[command(
    override_usage = "poterne account end-sessions --realm SLUG --registry-no NO --reason WHY\n       [--session ID]",
    after_help = "Example:\n  poterne account end-sessions --realm lindenhof --registry-no 10020 \\\n      --reason \"left a computer signed in\"\n\n\
                  Every session ends, with everything issued from it, and portals that want to be told are told. The account may sign in again: \
                  to stop it there is `account suspend`.\n\nJSON: ended, whom {registry_no, name, population}."
)]
pub struct EndArgs {
    #[command(flatten)]
    entry: EntryArgs,
    /// Only this session, as `account sessions` shows it.
    // Ids are base64url and may begin with a hyphen.
    #[arg(long, allow_hyphen_values = true)]
    session: Option<String>,
    /// Why, for the audit trail.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Lists.
///
/// # Errors
/// In words, with what to do.
pub async fn list(args: SessionsArgs) -> Result<(), String> {
    let SessionsArgs { entry, data } = args;
    let manage = data.open().await?;
    let (whom, sessions) = manage.list_sessions(&entry.realm, &entry.registry_no).await.map_err(words)?;
    let now = Clock::System.now();
    let value = json!({ "sessions": sessions.iter().map(as_json).collect::<Vec<Value>>(), "whom": whom });
    answer::print(data.json, &value, |_| {
        let whom = format!("{} ({}, {})", whom.name, whom.registry_no, whom.population);
        if sessions.is_empty() {
            return format!("{whom} is signed in nowhere.");
        }
        let mut lines = vec![whom];
        lines.extend(sessions.iter().flat_map(|session| shown(session, now)));
        lines.join("\n")
    })
}

/// Ends.
///
/// # Errors
/// In words, with what to do.
pub async fn end(args: EndArgs) -> Result<(), String> {
    let EndArgs { entry, session, reason, data } = args;
    let manage = data.open().await?;
    let ended = manage.end_sessions(&entry.realm, &entry.registry_no, session.as_deref(), &reason).await;
    let (whom, ended) = ended.map_err(words)?;
    answer::print(data.json, &json!({ "ended": ended, "whom": whom }), |_| {
        let what = if ended == 1 { "One session".to_owned() } else { format!("{ended} sessions") };
        format!("{what} of {} ({}, {}) ended.", whom.name, whom.registry_no, whom.population)
    })
}

fn as_json(session: &LiveSession) -> Value {
    json!({
        "id": session.id,
        "device": session.device,
        "place": session.place,
        "began_at": session.began_at.to_rfc3339(),
        "last_used_at": session.last_used_at.to_rfc3339(),
        "ends_at": session.ends_at.to_rfc3339(),
        "portals": session.portals,
    })
}

fn shown(session: &LiveSession, now: Timestamp) -> [String; 3] {
    let ago = |at: Timestamp| answer::span(now.since(at));
    let device = session.device.as_deref().unwrap_or("unknown browser");
    let place = session.place.as_deref().map_or_else(String::new, |place| format!(", {place}"));
    [
        session.id.clone(),
        answer::fit(
            &format!("  {device}{place}; began {} ago, last used {} ago", ago(session.began_at), ago(session.last_used_at)),
            80,
        ),
        answer::fit(
            &format!("  {}", if session.portals.is_empty() { "no portal".to_owned() } else { session.portals.join(", ") }),
            80,
        ),
    ]
}
