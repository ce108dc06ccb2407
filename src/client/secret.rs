//! `poterne client rotate-secret`: a new secret beside the former one.

use super::{OneArgs, look, shown_once, span};
use crate::data::words;
use crate::{answer, private_file};
use clap::Args;
use poterne_idp::Timestamp;
use poterne_idp::manage::{Secret, SetSecret};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

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

/// Runs the command.
///
/// # Errors
/// In words, with what to do.
pub async fn rotate(RotateArgs { one, grace, secret_file }: RotateArgs) -> Result<(), String> {
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
