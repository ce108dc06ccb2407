//! The data folder of a provider, opened for one command: its database as it is, its master key as it lies there. Nothing is made or
//! migrated, and a provider that runs on the same folder goes on.

use crate::config::{self, Config};
use crate::gateways::Gateways;
use crate::{private_file, provider};
use clap::Args;
use poterne_idp::manage::Manage;
use poterne_idp::{DatabaseUrl, Db, Failure, FolderSender, Idp, MasterKey, StoreSettings};
use std::path::{Path, PathBuf};

/// The database's file in a data folder.
pub const DATABASE: &str = "poterne.sqlite";
/// The master key's file in a data folder.
pub const MASTER_KEY: &str = "master.key";
/// The folder of messages that leave, in a data folder.
pub const OUTBOX: &str = "outbox";

/// Where the demo keeps its data when nobody says otherwise.
const DEMO: &str = "var/demo";

/// Where a command finds the provider's data, and how it answers.
#[derive(Args)]
pub struct DataArgs {
    /// The provider's settings, as `poterne init` writes them; without it `poterne.toml` here, if it is there.
    #[arg(long, env = "POTERNE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Instead of settings: the folder of a demo, with its database and master key. Without either, `var/demo`.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
    /// Prints one line of JSON instead of words.
    #[arg(long)]
    pub json: bool,
}

/// Where a command finds the provider's settings, and how it answers.
#[derive(Args)]
pub struct ConfigArgs {
    /// The provider's settings, as `poterne init` writes them; without it `poterne.toml` here, if it is there.
    #[arg(long, env = "POTERNE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Prints one line of JSON instead of words.
    #[arg(long)]
    pub json: bool,
}

impl ConfigArgs {
    /// The settings that apply.
    ///
    /// # Errors
    /// In words: what is wrong in which layer.
    pub fn load(&self) -> Result<Config, String> {
        config::load(config::resolve(self.config.as_deref()).as_deref())
    }
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
        if let Some(folder) = &self.data_dir {
            return of_folder(folder).await;
        }
        match self.settings()? {
            Some(config) => from_config(&config).await,
            None => of_folder(Path::new(DEMO)).await,
        }
    }

    /// The settings, where a file or the variables have any.
    fn settings(&self) -> Result<Option<Config>, String> {
        let file = config::resolve(self.config.as_deref());
        config::said(file.as_deref()).then(|| config::load(file.as_deref())).transpose()
    }

    /// Where the database is, and the master key, without opening either: the database may be damaged or not there.
    ///
    /// # Errors
    /// In words: what is missing or does not fit, and what to do.
    pub fn place(&self) -> Result<(DatabaseUrl, MasterKey), String> {
        let config = if self.data_dir.is_some() { None } else { self.settings()? };
        if let Some(config) = config {
            return Ok((config.database.url()?, provider::master_key(&config)?));
        }
        let folder = self.data_dir.as_deref().unwrap_or(Path::new(DEMO));
        Ok((DatabaseUrl::Sqlite(folder.join(DATABASE)), master_key(&folder.join(MASTER_KEY))?))
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
        return Err(format!(
            "there are no settings and no demo in {shown}: name the settings with --config FILE or POTERNE_CONFIG, or a demo's folder \
             with --data-dir"
        ));
    }
    let database = folder.join(DATABASE);
    if !database.is_file() {
        return Err(format!("there is no database {}: name the provider's folder with --data-dir", database.display()));
    }
    let db = Db::open(&DatabaseUrl::Sqlite(database), StoreSettings::default()).map_err(words)?;
    // Every realm's issuer stands in the database; this one is for realms that a command would make, and none does.
    let idp = Idp::builder("http://localhost", master_key(&folder.join(MASTER_KEY))?);
    Ok(idp.sender(FolderSender::new(folder.join(OUTBOX))).build(db).await.map_err(words)?.manage())
}

/// The master key that lies in this file.
///
/// # Errors
/// In words: it cannot be read, others can read it, or it is none.
pub fn master_key(path: &Path) -> Result<MasterKey, String> {
    MasterKey::parse(&private_file::read(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// A failure as an operator reads it.
pub fn words(failure: Failure) -> String {
    match failure {
        Failure::Settings(why) => why,
        Failure::Busy(why) => format!("busy: {why}; nothing was changed, try again"),
        Failure::Disk(why) => format!("{why}; nothing was changed, make room and try again"),
        other => other.to_string(),
    }
}
