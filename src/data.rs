//! The data folder of a provider, opened for one command: its database as it is, its master key as it lies there. Nothing is made or
//! migrated, and a provider that runs on the same folder goes on.

use crate::config::{self, Config};
use crate::gateways::Gateways;
use crate::provider;
use clap::Args;
use poterne_idp::manage::Manage;
use poterne_idp::{Clock, DatabaseUrl, Db, Entropy, Failure, FolderSender, Idp, IdpSettings, MasterKey, Networks, StoreSettings};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The database's file in a data folder.
pub const DATABASE: &str = "poterne.sqlite";
/// The master key's file in a data folder.
pub const MASTER_KEY: &str = "master.key";
/// The folder of messages that leave, in a data folder.
pub const OUTBOX: &str = "outbox";

/// Where a command finds the provider's data, and how it answers.
#[derive(Args)]
pub struct DataArgs {
    /// The provider's settings, as `poterne init` writes them.
    #[arg(long, env = "POTERNE_CONFIG", conflicts_with = "data_dir")]
    pub config: Option<PathBuf>,
    /// Instead of settings: the folder of a demo, with its database and master key.
    #[arg(long, default_value = "var/demo")]
    pub data_dir: PathBuf,
    /// Prints one line of JSON instead of words.
    #[arg(long)]
    pub json: bool,
}

/// Whom a command is about.
#[derive(Args)]
pub struct EntryArgs {
    /// The realm's short name, such as `lindenhof`.
    #[arg(long)]
    pub realm: String,
    /// The fund's own key of the person or organisation.
    #[arg(long)]
    pub registry_no: String,
}

impl DataArgs {
    /// Opens the provider for one command.
    ///
    /// # Errors
    /// In words: what is missing or does not fit, and what to do.
    pub async fn open(&self) -> Result<Manage, String> {
        match &self.config {
            Some(file) => from_config(&config::load(Some(file))?).await,
            None => of_folder(&self.data_dir).await,
        }
    }
}

/// Opens the provider that the settings describe for one command: nothing is sent from here, the messages leave from the provider that
/// runs.
///
/// # Errors
/// In words: what is missing or does not fit, and what to do.
pub async fn from_config(config: &Config) -> Result<Manage, String> {
    let db = provider::database(config)?;
    Ok(provider::build(config, db, Gateways::new(config)?).await?.manage())
}

async fn of_folder(folder: &Path) -> Result<Manage, String> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(format!("there is no data folder {shown}: name the provider's with --data-dir"));
    }
    let database = folder.join(DATABASE);
    if !database.is_file() {
        return Err(format!("there is no database {}: name the provider's folder with --data-dir", database.display()));
    }
    let master = master_key(&folder.join(MASTER_KEY))?;
    let db = Db::open(&DatabaseUrl::Sqlite(database), StoreSettings::default()).map_err(words)?;
    let settings = IdpSettings {
        // Every realm's issuer stands in the database; this one is for realms that a command would make, and none does.
        public_url: "http://localhost".to_owned(),
        master,
        places: Arc::new(Networks),
        sender: Arc::new(FolderSender::new(folder.join(OUTBOX))),
        clock: Clock::System,
        entropy: Entropy::System,
        hashing: 1,
        demo: false,
    };
    Ok(Idp::build(settings, db).await.map_err(words)?.manage())
}

fn master_key(path: &Path) -> Result<MasterKey, String> {
    let shown = path.display();
    if is_open_to_others(path) {
        return Err(format!("{shown} can be read by other users of this machine: chmod 600 {shown}"));
    }
    match std::fs::read_to_string(path) {
        Ok(text) => MasterKey::parse(&text).map_err(|error| format!("{shown}: {error}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("{shown} is missing, and without it nothing in the database can be opened"))
        }
        Err(error) => Err(format!("{shown} cannot be read: {error}")),
    }
}

/// Whether others than its owner, and whoever the owner lets read by their group, may read or write a file.
#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o027 != 0)
}

/// Elsewhere the folder's own access list counts.
#[cfg(not(unix))]
const fn is_open_to_others(_: &Path) -> bool {
    false
}

/// A failure as an operator reads it.
pub fn words(failure: Failure) -> String {
    match failure {
        Failure::Settings(why) => why,
        Failure::Busy(why) => format!("busy: {why}; nothing was changed, try again"),
        other => other.to_string(),
    }
}
