//! `poterne client add`: a portal or service of the fund's own.

use super::shown_once;
use crate::answer;
use crate::data::{DataArgs, words};
use clap::{Args, ValueEnum};
use poterne_idp::manage::{ClientAuthMethod, ClientKind, NewClient, Secret};
use serde_json::json;

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

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(args: AddArgs) -> Result<(), String> {
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
