//! `poterne key`: the keys that sign a realm's tokens.

use crate::answer::{self, Ended};
use crate::data::{DataArgs, words};
use clap::{Args, Subcommand};
use poterne_idp::manage::{Rotation, SigningKey};
use serde_json::json;

/// The keys that sign a realm's tokens.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Lists the keys: the ones that sign, the next ones, the former ones.
    #[command(
        after_help = "Example:\n  poterne key list --realm lindenhof\n\nJSON: a list of {kid, alg, state (next, current, former or retired), since, \
                            published_at, until (or null)}."
    )]
    List(ListArgs),
    /// Lets the next keys sign now, and publishes new next ones.
    #[command(
        after_help = "Example:\n  poterne key rotate --realm lindenhof\n\nThe provider does this by itself, every `signing_key_days` of the \
                      realm's policy (90). Too early for the next keys to be known by all, it changes nothing and ends with 3.\n\n--now \
                      does it all the same. Portals that keep the key set as long as they may and do not fetch it again for an unknown \
                      key refuse the new tokens until they do. The former keys stay published for their tokens. For a key that leaked: \
                      poterne key withdraw.\n\nJSON: rotation is rotated, with unknown_for_seconds, or too_early, with ready_at."
    )]
    Rotate(RotateArgs),
    /// Takes a key out of the key set before its time.
    #[command(
        after_help = "Example:\n  poterne key retire Xq3yZ0 --realm lindenhof\n\nNever the one that signs: rotate first. A former key goes by \
                      itself when its tokens have expired. For a key that leaked: poterne key withdraw.\n\nJSON: retired (the kid)."
    )]
    Retire(RetireArgs),
    /// Takes a key that leaked out at once, whatever it does.
    #[command(
        after_help = "Example:\n  poterne key withdraw Xq3yZ0 --realm lindenhof\n\nWithin seconds, on every node, the key is published no \
                      more, and its tokens are worth nothing here, not even as hints; at the portals as soon as they fetch the key set \
                      again, which most do for a key that they do not know. Where it signed, the next one signs from now on. People stay \
                      signed in.\n\nJSON: withdrawn (the kid)."
    )]
    Withdraw(RetireArgs),
}

/// Options of `poterne key list`.
#[derive(Args)]
pub struct ListArgs {
    /// The realm's short name.
    #[arg(long)]
    realm: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne key rotate`.
#[derive(Args)]
pub struct RotateArgs {
    /// The realm's short name.
    #[arg(long)]
    realm: String,
    /// Even if not every portal knows the next keys yet.
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne key retire` and `poterne key withdraw`.
#[derive(Args)]
pub struct RetireArgs {
    /// The key, or the beginning of its name.
    #[arg(allow_hyphen_values = true)]
    kid: String,
    /// The realm's short name.
    #[arg(long)]
    realm: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: KeyCommand) -> Result<Ended, String> {
    match command {
        KeyCommand::List(ListArgs { realm, data }) => {
            let keys = data.open().await?.signing_keys(&realm).await.map_err(words)?;
            answer::print(data.json, &keys, |keys| listed(keys))?;
            Ok(Ended::Well)
        }
        KeyCommand::Rotate(RotateArgs { realm, now, data }) => {
            let rotation = data.open().await?.rotate_signing_keys(&realm, now).await.map_err(words)?;
            answer::print(data.json, &rotation, |rotation| told(rotation, &realm))?;
            Ok(if matches!(rotation, Rotation::TooEarly { .. }) { Ended::Found } else { Ended::Well })
        }
        KeyCommand::Retire(RetireArgs { kid, realm, data }) => {
            let kid = data.open().await?.retire_signing_key(&realm, &kid).await.map_err(words)?;
            answer::print(data.json, &json!({ "retired": kid }), |_| format!("{kid} is out of the key set."))?;
            Ok(Ended::Well)
        }
        KeyCommand::Withdraw(RetireArgs { kid, realm, data }) => {
            let kid = data.open().await?.withdraw_signing_key(&realm, &kid).await.map_err(words)?;
            answer::print(data.json, &json!({ "withdrawn": kid }), |_| {
                format!(
                    "{kid} is gone. Running providers refuse\nits tokens within seconds; portals do when they fetch the key set again."
                )
            })?;
            Ok(Ended::Well)
        }
    }
}

/// A table, times to the minute, UTC, and the day of the next rotation by schedule.
fn listed(keys: &[SigningKey]) -> String {
    let row = |key: &SigningKey| vec![key.kid.clone(), key.alg.to_owned(), key.state.to_owned(), minute(&key.since)];
    let table = answer::table(&["kid", "alg", "state", "since (UTC)"], &keys.iter().map(row).collect::<Vec<_>>());
    let ends = keys.iter().filter(|key| key.state == "current").filter_map(|key| key.until.as_deref()).min();
    let by_itself = ends.map_or_else(String::new, |at| format!("\n\nThe next keys take over by themselves on {}.", minute(at)));
    table + &by_itself
}

fn told(rotation: &Rotation, realm: &str) -> String {
    match rotation {
        Rotation::Rotated { unknown_for_seconds: 0 } => {
            "The next keys sign now; the former ones stay published until their tokens have\nexpired. A running provider follows \
             within seconds."
                .to_owned()
        }
        Rotation::Rotated { unknown_for_seconds } => format!(
            "The next keys sign now, though not every portal knows them: portals that do not\nfetch the key set again for an unknown key \
             refuse new tokens for {unknown_for_seconds} s at\nmost. The former keys are still published; where one leaked:\n  \
             poterne key withdraw KID --realm {realm}"
        ),
        Rotation::TooEarly { ready_at } => format!(
            "Nothing was changed: portals may not know the next keys before\n{} (UTC). Run it again then; --now does it all the same.",
            minute(ready_at)
        ),
    }
}

/// `2026-11-22 15:43` of an RFC 3339 time.
fn minute(rfc3339: &str) -> String {
    rfc3339.chars().take(16).collect::<String>().replace('T', " ")
}
