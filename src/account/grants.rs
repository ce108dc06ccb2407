//! `poterne account grants` and `poterne account revoke-grant`: who has access to an account, and its end.

use crate::answer;
use crate::data::{DataArgs, EntryArgs, words};
use clap::Args;
use poterne_idp::Timestamp;
use poterne_idp::manage::ListedGrant;
use serde_json::{Value, json};

/// Options of `poterne account grants`.
#[derive(Args)]
#[command(
    override_usage = "poterne account grants --realm SLUG --registry-no NO [--reason WHY]",
    after_help = "Example:\n  poterne account grants --realm lindenhof --registry-no 10020 \\\n      --reason \"asked who has access\"\n\nThe same \
                  stands on the person's own account. Whose data were read, and why, stands in the audit trail.\n\nJSON: whom \
                  {registry_no, name, population}, grants [{client_id, client_name, first_party, scope, claims, since, last_used_at}]; \
                  last_used_at is null where it is not known."
)]
pub struct GrantsArgs {
    #[command(flatten)]
    entry: EntryArgs,
    /// Why, for the audit trail.
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    data: DataArgs,
}

/// Options of `poterne account revoke-grant`.
#[derive(Args)]
#[command(
    override_usage = "poterne account revoke-grant --realm SLUG --registry-no NO\n           --client-id ID --reason WHY",
    after_help = "Example:\n  poterne account revoke-grant --realm lindenhof --registry-no 10020 \\\n      --client-id budget --reason \"asked for \
                  it on the phone\"\n\nIts tokens are worth nothing from then on, and its people are asked again. A portal of the fund's own \
                  gets\nits access back at the next sign-in.\n\nJSON: whom {registry_no, name, population}, client_id, grants_ended."
)]
pub struct RevokeArgs {
    #[command(flatten)]
    entry: EntryArgs,
    /// The client's name in requests, as `account grants` shows it.
    #[arg(long)]
    client_id: String,
    /// Why, for the audit trail.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    data: DataArgs,
}

/// Lists who has access.
///
/// # Errors
/// In words, with what to do.
pub async fn list(GrantsArgs { entry, reason, data }: GrantsArgs) -> Result<(), String> {
    let manage = data.open().await?;
    let (whom, grants) = manage.grants_of(&entry.realm, &entry.registry_no, reason.as_deref()).await.map_err(words)?;
    let value = json!({ "whom": whom, "grants": grants.iter().map(as_json).collect::<Vec<Value>>() });
    answer::print(data.json, &value, |_| {
        if grants.is_empty() {
            return format!("Nobody has access to the account of {}.", whom.name);
        }
        grants.iter().flat_map(shown).collect::<Vec<String>>().join("\n")
    })
}

/// Takes access back.
///
/// # Errors
/// In words, with what to do.
pub async fn revoke(RevokeArgs { entry, client_id, reason, data }: RevokeArgs) -> Result<(), String> {
    let manage = data.open().await?;
    let revoked = manage.revoke_grant(&entry.realm, &entry.registry_no, &client_id, &reason).await;
    let (whom, ended) = revoked.map_err(words)?;
    let value = json!({ "whom": whom, "client_id": client_id, "grants_ended": ended });
    answer::print(data.json, &value, |_| format!("{client_id} has no access to the account of {} any more.", whom.name))
}

fn as_json(grant: &ListedGrant) -> Value {
    json!({
        "client_id": grant.client_id,
        "client_name": grant.client_name,
        "first_party": grant.first_party,
        "scope": grant.scope,
        "claims": grant.claims,
        "since": grant.since.to_rfc3339(),
        "last_used_at": grant.last_used_at.map(Timestamp::to_rfc3339),
    })
}

/// Who on one line, what and when below.
fn shown(grant: &ListedGrant) -> [String; 3] {
    let own = if grant.first_party { ", the fund's own" } else { "" };
    let claims = if grant.claims.is_empty() { String::new() } else { format!(" and {}", grant.claims.join(", ")) };
    let used = grant.last_used_at.map_or_else(String::new, |at| format!(", last used {}", answer::moment(at)));
    [
        format!("{} ({}{own})", grant.client_name, grant.client_id),
        format!("    {}{claims}", grant.scope),
        format!("    since {}{used}", answer::moment(grant.since)),
    ]
}
