//! `poterne client invite` and its like: initial access tokens, with which clients register themselves.

use super::span;
use crate::answer;
use crate::data::{DataArgs, words};
use clap::Args;
use poterne_idp::Timestamp;
use poterne_idp::manage::ListedInvitation;
use serde_json::{Value, json};
use std::time::Duration;

/// Options of `poterne client invite`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne client invite --realm lindenhof --label \"Portal of the vendor\" --uses 2 --valid 7d\n\nThe client sends \
                  the token as `Authorization: Bearer` when it registers (RFC 7591). The realm's document must have `[registration]`.\n\n\
                  JSON: id, initial_access_token, registration_endpoint, uses, expires_at."
)]
pub struct InviteArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// For whom the token is.
    #[arg(long)]
    label: String,
    /// How many clients may register with it.
    #[arg(long, default_value_t = 1)]
    uses: u32,
    /// How long it is good: seconds, or such as 30m, 24h, 7d; 30 days at most.
    #[arg(long, default_value = "7d", value_parser = span)]
    valid: Duration,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne client invitations`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne client invitations --realm lindenhof\n\nJSON: a list of {id, label, state, uses_left, \
                        created_at, expires_at}; state is good, used, expired or revoked."
)]
pub struct InvitationsArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne client uninvite`.
#[derive(Args)]
#[command(
    after_help = "Example:\n  poterne client uninvite --realm lindenhof AZqz0b4AdC2vWmX1n5GkTw\n\nClients that registered with it stay: \
                  `client remove` takes them away.\n\nJSON: id."
)]
pub struct UninviteArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// The token's id, as `client invitations` lists it.
    id: String,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) async fn invite(args: InviteArgs) -> Result<(), String> {
    let manage = args.data.open().await?;
    let made = manage.invite_client(&args.realm, &args.label, args.uses, args.valid).await.map_err(words)?;
    let value = json!({
        "id": made.id.to_string(),
        "initial_access_token": made.token.expose(),
        "registration_endpoint": made.registration_endpoint,
        "uses": args.uses,
        "expires_at": made.expires_at.to_rfc3339(),
    });
    answer::print(args.data.json, &value, |_| {
        let clients = if args.uses == 1 { "One client".to_owned() } else { format!("{} clients", args.uses) };
        format!(
            "{clients} may register until {} at\n\n  {}\n\nwith the initial access token\n\n  {}\n\nIt is shown once and kept nowhere.",
            answer::moment(made.expires_at),
            made.registration_endpoint,
            made.token.expose()
        )
    })
}

pub(super) async fn list(args: InvitationsArgs) -> Result<(), String> {
    let listed = args.data.open().await?.client_invitations(&args.realm).await.map_err(words)?;
    let one = |listed: &ListedInvitation| {
        json!({
            "id": listed.id.to_string(),
            "label": listed.label,
            "state": listed.state.as_str(),
            "uses_left": listed.uses_left,
            "created_at": listed.created_at.to_rfc3339(),
            "expires_at": listed.expires_at.to_rfc3339(),
        })
    };
    let value: Vec<Value> = listed.iter().map(one).collect();
    answer::print(args.data.json, &value, |_| in_words(&listed))
}

fn in_words(listed: &[ListedInvitation]) -> String {
    let until = |at: Timestamp| answer::moment(at);
    let row = |listed: &ListedInvitation| {
        let (id, label) = (listed.id.to_string(), answer::fit(&listed.label, 18));
        vec![id, listed.state.as_str().to_owned(), listed.uses_left.to_string(), until(listed.expires_at), label]
    };
    match listed {
        [] => "No initial access token.".to_owned(),
        listed => answer::table(&["ID", "STATE", "LEFT", "UNTIL", "LABEL"], &listed.iter().map(row).collect::<Vec<_>>()),
    }
}

pub(super) async fn revoke(args: UninviteArgs) -> Result<(), String> {
    args.data.open().await?.revoke_client_invitation(&args.realm, &args.id).await.map_err(words)?;
    answer::print(args.data.json, &json!({ "id": args.id }), |_| format!("Nobody registers with {} any more.", args.id))
}
