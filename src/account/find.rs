//! `poterne account find`: whose account it is and how it stands, with what is not needed masked.

use crate::answer;
use crate::data::{DataArgs, words};
use clap::{ArgGroup, Args};
use poterne_idp::Timestamp;
use poterne_idp::manage::{AccountSearch, AccountState, FOUND_AT_MOST, FoundAccount};
use serde_json::{Value, json};

/// Options of `poterne account find`.
#[derive(Args)]
#[command(
    group(ArgGroup::new("by").required(true).args(["registry_no", "email", "name"])),
    override_usage = "poterne account find --realm SLUG [--reason WHY]\n       <--registry-no NO | --email ADDRESS | --name PART>",
    after_help = "Example:\n  poterne account find --realm lindenhof --name favre \\\n      --reason \"called, cannot sign in\"\n\nAt most 50 are \
                  shown. Whose data were read, and why, stands in the audit trail.\n\nJSON: accounts [{registry_no, name, population, \
                  email, state, locked_until, factors, last_login_at, created_at}], more. state is active, locked, ended, suspended or \
                  deactivated; locked_until is null where only `account unlock` ends it."
)]
pub struct FindArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// By the fund's own key of the person or organisation.
    #[arg(long)]
    registry_no: Option<String>,
    /// By the whole e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// By a part of the name; accents and capitals do not count.
    #[arg(long)]
    name: Option<String>,
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
pub async fn run(args: FindArgs) -> Result<(), String> {
    let search = match (args.registry_no, args.email, args.name) {
        (Some(number), ..) => AccountSearch::RegistryNo(number),
        (None, Some(email), _) => AccountSearch::Email(email),
        (None, None, Some(part)) => AccountSearch::Name(part),
        (None, None, None) => return Err("name --registry-no, --email or --name".to_owned()),
    };
    let manage = args.data.open().await?;
    let found = manage.find_accounts(&args.realm, search, args.reason.as_deref()).await.map_err(words)?;
    let value = json!({ "accounts": found.accounts.iter().map(as_json).collect::<Vec<Value>>(), "more": found.more });
    answer::print(args.data.json, &value, |_| {
        let mut lines: Vec<String> = found.accounts.iter().flat_map(shown).collect();
        if lines.is_empty() {
            lines.push("No such account.".to_owned());
        }
        if found.more {
            lines.push(format!("There are more than {FOUND_AT_MOST}: name more of the name."));
        }
        lines.join("\n")
    })
}

fn as_json(account: &FoundAccount) -> Value {
    let locked_until = match account.state {
        AccountState::Locked(until) => until,
        _ => None,
    };
    json!({
        "registry_no": account.whom.registry_no,
        "name": account.whom.name,
        "population": account.whom.population,
        "email": account.email,
        "state": account.state.as_str(),
        "locked_until": locked_until.map(Timestamp::to_rfc3339),
        "factors": account.factors.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "last_login_at": account.last_login_at.map(Timestamp::to_rfc3339),
        "created_at": account.created_at.to_rfc3339(),
    })
}

/// Who on one line, how it stands below.
fn shown(account: &FoundAccount) -> [String; 3] {
    let state = match account.state {
        AccountState::Locked(Some(until)) => format!("locked until {}", answer::moment(until)),
        AccountState::Locked(None) => "locked until account unlock".to_owned(),
        state => state.as_str().to_owned(),
    };
    let factors = account.factors.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    let factors = if factors.is_empty() { "no second factor".to_owned() } else { factors };
    let last = account.last_login_at.map_or_else(|| "never signed in".to_owned(), |at| format!("last {}", answer::moment(at)));
    [
        answer::fit(&format!("{}  {} ({})", account.whom.registry_no, account.whom.name, account.whom.population), 80),
        answer::fit(&format!("  {}", account.email), 80),
        format!("  {state} · {factors} · {last}"),
    ]
}
