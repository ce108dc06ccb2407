//! `poterne client`: the portals and services that a realm's document owns.

mod invitations;

use crate::data::{DataArgs, words};
use crate::{answer, private_file};
use clap::{Args, Subcommand, ValueEnum};
use poterne_idp::Timestamp;
use poterne_idp::manage::{
    ApplicationType, Client, ClientAuthMethod, ClientKind, ListedClient, Manage, NewClient, Secret, SetSecret, ShownClient,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Clients.
#[derive(Subcommand)]
pub enum ClientCommand {
    /// Adds a portal or service, and shows its secret once.
    Add(AddArgs),
    /// Lists the clients.
    List(ListArgs),
    /// Shows one client.
    Show(OneArgs),
    /// Gives a client a new secret, shown once; the former one stays good for a while.
    RotateSecret(RotateArgs),
    /// Removes a client; whatever people have granted it ends.
    Remove(RemoveArgs),
    /// Makes an initial access token, shown once, with which clients may register themselves.
    Invite(invitations::InviteArgs),
    /// Lists the initial access tokens.
    Invitations(invitations::InvitationsArgs),
    /// Takes an initial access token back.
    Uninvite(invitations::UninviteArgs),
}

/// Options of `poterne client add`.
#[derive(Args)]
#[command(
    override_usage = "poterne client add [OPTIONS] --realm SLUG --client-id ID --name NAME",
    after_help = "Example:\n  poterne client add --realm lindenhof --client-id flex --name \"Lindenhof flex\" \\\n      --redirect-uri \
                  https://flex.example.ch/callback --first-party\n\nIt stands in the realm's document: `realm export` shows it, and \
                  applying an older document takes it away. The secret is kept as a digest, for `client_secret_jwt` sealed as \
                  well.\n\nJSON: client_id, client_secret (null where it has none), token_endpoint_auth_method, issuer."
)]
pub struct AddArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// Its public name in requests: letters, digits and `-._~`.
    #[arg(long)]
    client_id: String,
    /// What people see.
    #[arg(long)]
    name: String,
    /// What it is.
    #[arg(long = "type", value_enum, default_value_t = Kind::Confidential)]
    kind: Kind,
    /// Where answers may go, byte for byte; may be given several times.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where a logout may lead back to; may be given several times.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// How it proves who it is; as `client_secret_basic` unless said otherwise.
    #[arg(long, value_enum)]
    auth_method: Option<Method>,
    /// Where it publishes its public keys, for `private_key_jwt` and signed requests.
    #[arg(long, value_name = "URI")]
    jwks_uri: Option<String>,
    /// Its home page; an expired sign-in leads back there.
    #[arg(long, value_name = "URI")]
    client_uri: Option<String>,
    /// The scopes it may ask for, with blanks between; `openid profile email` unless said otherwise, none for a service.
    #[arg(long)]
    scope: Option<String>,
    /// The sector within which people have the same `sub`; the host of the redirect URIs unless said otherwise.
    #[arg(long)]
    sector: Option<String>,
    /// A population it serves; may be given several times. Without it, all.
    #[arg(long = "population", value_name = "KEY")]
    populations: Vec<String>,
    /// The fund's own: nobody is asked for consent.
    #[arg(long)]
    first_party: bool,
    /// It runs on people's devices: custom schemes, any port on loopback.
    #[arg(long)]
    native: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// What a client is, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// A portal with a server that keeps a secret.
    Confidential,
    /// A page in a browser or an app, which can keep none.
    Public,
    /// A server that acts for itself.
    Service,
}

/// How a client proves who it is, as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Method {
    /// In the Authorization header.
    #[value(name = "client_secret_basic")]
    Basic,
    /// In the body.
    #[value(name = "client_secret_post")]
    Post,
    /// By a JWT under its secret.
    #[value(name = "client_secret_jwt")]
    SecretJwt,
    /// By a JWT under a key of its own.
    #[value(name = "private_key_jwt")]
    PrivateKeyJwt,
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

/// Options of `poterne client rotate-secret`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne client rotate-secret --realm lindenhof lindenhof-flex --grace 2h\n\nSet the new secret at the client \
                  while both are good. Two are good at most: who rotates again ends the older one. `--grace 0` ends it at once.\n\n\
                  With --secret-file the secret is one that the client has already: at least 32 characters on the first line of a file that \
                  nobody else may read. It is not shown; where the client has it already, nothing changes.\n\n\
                  JSON: client_id, client_secret (null with --secret-file), changed, former_until (or null)."
)]
pub struct RotateArgs {
    #[command(flatten)]
    one: OneArgs,
    /// How long the former secret stays good: seconds, or such as 30m, 24h, 7d.
    #[arg(long, default_value = "24h", value_parser = span)]
    grace: Duration,
    /// Takes the secret from this file instead of drawing one.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
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
        ClientCommand::Add(args) => add(args).await,
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
        ClientCommand::RotateSecret(args) => rotate(args).await,
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

async fn rotate(RotateArgs { one, grace, secret_file }: RotateArgs) -> Result<(), String> {
    let brought = secret_file.map(|file| private_file::secret(&file)).transpose()?.map(Secret::new);
    let manage = one.data.open().await?;
    let once = shown_once(&look(&manage, &one).await?.client);
    let (drawn, changed, until) = match &brought {
        None => {
            let (secret, until) = manage.replace_client_secret(&one.realm, &one.client_id, grace).await.map_err(words)?;
            (Some(secret), true, until)
        }
        Some(secret) => match manage.set_client_secret(&one.realm, &one.client_id, secret, grace).await.map_err(words)? {
            SetSecret::Unchanged => (None, false, None),
            SetSecret::Set { former_until } => (None, true, former_until),
        },
    };
    let value = json!({
        "client_id": one.client_id,
        "client_secret": drawn.as_ref().map(Secret::expose),
        "changed": changed,
        "former_until": until.map(Timestamp::to_rfc3339),
    });
    answer::print(one.data.json, &value, |_| {
        let former = until.map_or_else(
            || "The former one no longer works.".to_owned(),
            |until| format!("The former one works until {}.", answer::moment(until)),
        );
        match &drawn {
            Some(secret) => {
                let clear = secret.expose();
                format!("New secret of {}\n\n  {clear}\n\nIt {once}.\n{former}", one.client_id)
            }
            None if changed => format!("{} has the secret of the file now.\n{former}", one.client_id),
            None => format!("{} has the secret of the file already: nothing was changed.", one.client_id),
        }
    })
}

async fn add(args: AddArgs) -> Result<(), String> {
    let manage = args.data.open().await?;
    let document = manage.document(&args.realm).await.map_err(words)?;
    let document = document.ok_or_else(|| format!("there is no realm {}", args.realm))?;
    if let Some(key) = args.populations.iter().find(|key| document.population(key).is_none()) {
        let hint = answer::nearest(key, document.populations.iter().map(|population| population.key.as_str()));
        return Err(format!("there is no population {key}{hint}"));
    }
    let new = NewClient {
        client_id: args.client_id,
        client_name: args.name,
        kind: match args.kind {
            Kind::Confidential => ClientKind::Confidential,
            Kind::Public => ClientKind::Public,
            Kind::Service => ClientKind::Service,
        },
        auth_method: args.auth_method.map(|method| match method {
            Method::Basic => ClientAuthMethod::ClientSecretBasic,
            Method::Post => ClientAuthMethod::ClientSecretPost,
            Method::SecretJwt => ClientAuthMethod::ClientSecretJwt,
            Method::PrivateKeyJwt => ClientAuthMethod::PrivateKeyJwt,
        }),
        jwks_uri: args.jwks_uri,
        redirect_uris: args.redirect_uris,
        post_logout_redirect_uris: args.post_logout_redirect_uris,
        client_uri: args.client_uri,
        scope: args.scope,
        sector: args.sector,
        populations: args.populations,
        first_party: args.first_party,
        native: args.native,
    };
    let added = manage.add_client(&args.realm, new).await.map_err(words)?;
    let secret = added.secret.as_ref().map(Secret::expose);
    let method = added.client.token_endpoint_auth_method.as_str();
    let value = json!({
        "client_id": added.client.client_id,
        "client_secret": secret,
        "token_endpoint_auth_method": method,
        "issuer": added.issuer,
    });
    answer::print(args.data.json, &value, |_| {
        let mut lines = vec![
            format!("The client {} is added. At the client, set", added.client.client_id),
            format!("\n  issuer         {}\n  client_id      {}", added.issuer, added.client.client_id),
        ];
        lines.extend(secret.map(|secret| format!("  client_secret  {secret}")));
        lines.push(format!("  token_endpoint_auth_method  {method}"));
        lines.extend(secret.map(|_| format!("\nThe secret {}.", shown_once(&added.client))));
        lines.join("\n")
    })
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
