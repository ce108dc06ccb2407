//! `poterne client`: the portals and services that a realm's document owns.

mod add;
mod invitations;
mod secret;

use crate::answer;
use crate::data::{DataArgs, words};
use clap::{Args, Subcommand};
use poterne_idp::Timestamp;
use poterne_idp::manage::{ApplicationType, Client, ListedClient, Manage, ShownClient};
use serde_json::{Value, json};
use std::time::Duration;

/// Clients.
#[derive(Subcommand)]
pub enum ClientCommand {
    /// Adds a portal or service, and shows its secret once.
    Add(add::AddArgs),
    /// Lists the clients.
    List(ListArgs),
    /// Shows one client.
    Show(OneArgs),
    /// Gives a client a new secret, shown once; the former one stays good for a while.
    RotateSecret(secret::RotateArgs),
    /// Removes a client; whatever people have granted it ends.
    Remove(RemoveArgs),
    /// Makes an initial access token, shown once, with which clients may register themselves.
    Invite(invitations::InviteArgs),
    /// Lists the initial access tokens.
    Invitations(invitations::InvitationsArgs),
    /// Takes an initial access token back.
    Uninvite(invitations::UninviteArgs),
}

/// Options of `poterne client list`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne client list --realm lindenhof\n\nJSON: a list of {client_id, client_name, type, origin, \
                        token_endpoint_auth_method, redirect_uris}; origin is document, or registration where the client registered itself."
)]
pub struct ListArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne client show`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne client show --realm lindenhof lindenhof-flex\n\nJSON: client (as in the realm's document), \
                        issuer, has_secret, former_secret_until (or null), grants."
)]
pub struct OneArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// The client's name in requests.
    client_id: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne client remove`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne client remove --realm lindenhof lindenhof-flex --yes\n\nTokens and refresh tokens of the client end. \
                        People stay signed in at the provider and at other portals.\n\nJSON: client_id, grants_ended."
)]
pub struct RemoveArgs {
    #[command(flatten)]
    one: OneArgs,
    /// Removes without asking.
    #[arg(long)]
    yes: bool,
}

/// The longest time that two secrets are good beside each other.
const LONGEST_GRACE: u64 = 30 * 86_400;

fn span(typed: &str) -> Result<Duration, String> {
    let (number, unit) = typed.split_at(typed.find(|c: char| !c.is_ascii_digit()).unwrap_or(typed.len()));
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err("seconds, or such as 30m, 24h, 7d".to_owned()),
    };
    let number = number.parse::<u64>().map_err(|_| "seconds, or such as 30m, 24h, 7d".to_owned())?;
    match number.checked_mul(seconds) {
        Some(seconds @ 0..=LONGEST_GRACE) => Ok(Duration::from_secs(seconds)),
        _ => Err("30 days at most".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(command: ClientCommand) -> Result<(), String> {
    match command {
        ClientCommand::Add(args) => add::run(args).await,
        ClientCommand::List(args) => {
            let clients = args.data.open().await?.clients(&args.realm).await.map_err(words)?;
            let value: Vec<Value> = clients.iter().map(in_short).collect();
            answer::print(args.data.json, &value, |_| listed(&clients))
        }
        ClientCommand::Show(args) => {
            let manage = args.data.open().await?;
            let shown = look(&manage, &args).await?;
            let value = json!({
                "client": shown.client,
                "issuer": shown.issuer,
                "has_secret": shown.has_secret,
                "former_secret_until": shown.former_secret_until.map(Timestamp::to_rfc3339),
                "grants": shown.grants,
            });
            answer::print(args.data.json, &value, |_| described(&shown))
        }
        ClientCommand::RotateSecret(args) => secret::rotate(args).await,
        ClientCommand::Invite(args) => invitations::invite(args).await,
        ClientCommand::Invitations(args) => invitations::list(args).await,
        ClientCommand::Uninvite(args) => invitations::revoke(args).await,
        ClientCommand::Remove(RemoveArgs { one, yes }) => {
            let manage = one.data.open().await?;
            let shown = look(&manage, &one).await?;
            if !yes {
                let question = format!("Remove {}? {} grants of people end.", one.client_id, shown.grants);
                if !answer::confirmed(&question)? {
                    return Err("nothing was changed".to_owned());
                }
            }
            let ended = manage.remove_client(&one.realm, &one.client_id).await.map_err(words)?;
            answer::print(one.data.json, &json!({ "client_id": one.client_id, "grants_ended": ended }), |_| {
                format!("The client {} is removed; {ended} grants of people ended with it.", one.client_id)
            })
        }
    }
}

/// The client, or what is most like its name.
async fn look(manage: &Manage, one: &OneArgs) -> Result<ShownClient, String> {
    let clients = manage.clients(&one.realm).await.map_err(words)?;
    if !clients.iter().any(|listed| listed.client.client_id == one.client_id) {
        let hint = answer::nearest(&one.client_id, clients.iter().map(|listed| listed.client.client_id.as_str()));
        return Err(format!("there is no client {}{hint}", one.client_id));
    }
    manage.client(&one.realm, &one.client_id).await.map_err(words)
}

/// What becomes of a secret that was just shown.
fn shown_once(client: &Client) -> &'static str {
    if client.signs_with_secret() {
        "is shown once; a sealed copy checks what is signed with it"
    } else {
        "is shown once and kept nowhere"
    }
}

fn kind(client: &Client) -> &'static str {
    if client.is_service() {
        "service"
    } else if client.is_public() {
        "public"
    } else {
        "confidential"
    }
}

fn in_short(ListedClient { client, origin }: &ListedClient) -> Value {
    json!({
        "client_id": client.client_id,
        "client_name": client.client_name,
        "type": kind(client),
        "origin": origin,
        "token_endpoint_auth_method": client.token_endpoint_auth_method.as_str(),
        "redirect_uris": client.redirect_uris,
    })
}

fn listed(clients: &[ListedClient]) -> String {
    let row = |ListedClient { client, origin }: &ListedClient| {
        vec![answer::fit(&client.client_id, 26), kind(client).to_owned(), origin.clone(), answer::fit(&client.client_name, 22)]
    };
    match clients {
        [] => "No client.".to_owned(),
        clients => answer::table(&["CLIENT", "TYPE", "ORIGIN", "NAME"], &clients.iter().map(row).collect::<Vec<_>>()),
    }
}

fn described(shown: &ShownClient) -> String {
    let client = &shown.client;
    let mut lines = vec![format!("{}: {}", client.client_id, client.client_name)];
    let mut line = |name: &str, value: &str| lines.push(format!("  {name:<18}{value}"));
    line("issuer", &shown.issuer);
    line("type", kind(client));
    line("authentication", client.token_endpoint_auth_method.as_str());
    if client.token_endpoint_auth_method.has_secret() {
        line("secret", if shown.has_secret { "set" } else { "none yet: client rotate-secret" });
    }
    if let Some(until) = shown.former_secret_until {
        line("former secret", &format!("good until {}", answer::moment(until)));
    }
    if let Some(uri) = &client.jwks_uri {
        line("keys", uri);
    }
    line("scope", &client.scope.to_string());
    for uri in &client.redirect_uris {
        line("redirect URI", uri);
    }
    for uri in &client.post_logout_redirect_uris {
        line("after logout", uri);
    }
    if let Some(uri) = &client.client_uri {
        line("home page", uri);
    }
    if client.application_type == ApplicationType::Native {
        line("runs on", "people's devices");
    }
    line("sector", client.sector().as_deref().unwrap_or("none"));
    line("populations", &if client.populations.is_empty() { "all".to_owned() } else { client.populations.join(", ") });
    line("consent", if client.first_party { "not asked: the fund's own" } else { "asked" });
    line("grants", &shown.grants.to_string());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_span_is_seconds_or_has_a_unit() {
        for (typed, seconds) in [("0", 0), ("90", 90), ("90s", 90), ("30m", 1_800), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(span(typed).map(|span| span.as_secs()), Ok(seconds), "{typed}");
        }
        for typed in ["", "h", "-1", "1w", "31d", "99999999999999999999", "24 h"] {
            assert!(span(typed).is_err(), "{typed}");
        }
    }
}
