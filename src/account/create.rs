//! `poterne account create`: a person without a letter, where a population's settings allow it.

use crate::data::{DataArgs, words};
use crate::{answer, private_file};
use clap::Args;
use poterne_idp::manage::{NewPersonByCommand, PersonMade, Secret};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Options of `poterne account create`.
#[derive(Args)]
#[command(
    override_usage = "poterne account create [OPTIONS] --realm SLUG --population KEY \\\n           --email ADDRESS --password-file FILE --claims FILE",
    after_help = "Example:\n  poterne account create --realm lindenhof --population visitor \\\n      --email guest@fund.example --password-file guest.password \\\n      \
                  --claims guest.json\n\nOnly where the population's settings say accounts_by_command = true, which goes with second_factor = \
                  \"none\": people get their accounts by letter. The file of the claims is a JSON object of standard claims (OpenID Connect \
                  Core 5.1) such as {\"given_name\": \"Alice\", \"family_name\": \"Meier\"}; family_name is needed. The password stands on \
                  the first line of its file, which nobody else may read. Terms of use are asked for at the first sign-in.\n\n\
                  JSON: created, registry_no (or null), email, population."
)]
pub struct CreateArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    realm: String,
    /// The population's key.
    #[arg(long)]
    population: String,
    /// The e-mail address, which is the user name; whoever runs the command vouches for it.
    #[arg(long)]
    email: String,
    /// The file that holds the password.
    #[arg(long)]
    password_file: PathBuf,
    /// The file of the claims.
    #[arg(long)]
    claims: PathBuf,
    /// The fund's own key of the person; without it the e-mail address.
    #[arg(long)]
    registry_no: Option<String>,
    /// Ends well, and changes nothing, where the address has an account.
    #[arg(long)]
    if_missing: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn run(args: CreateArgs) -> Result<(), String> {
    let password = private_file::secret(&args.password_file)?;
    let person = NewPersonByCommand {
        population: args.population.clone(),
        registry_no: args.registry_no,
        email: args.email.clone(),
        password: Secret::new(password),
        claims: claims(&args.claims)?,
    };
    let manage = args.data.open().await?;
    let made = manage.create_person(&args.realm, person).await.map_err(words)?;
    let PersonMade::Made(registry_no) = made else {
        if !args.if_missing {
            return Err(format!("{} has an account: nothing was changed", args.email));
        }
        let value = json!({ "created": false, "registry_no": null, "email": args.email, "population": args.population });
        return answer::print(args.data.json, &value, |_| format!("{} has an account: nothing was changed.", args.email));
    };
    let value = json!({ "created": true, "registry_no": registry_no, "email": args.email, "population": args.population });
    answer::print(args.data.json, &value, |_| format!("{} has an account now (registry number {registry_no}).", args.email))
}

fn claims(path: &Path) -> Result<Map<String, Value>, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{shown} is no JSON object of claims: {error}"))
}
