//! `poterne init`: a commented settings file and a master key, for a provider of one's own.

use crate::{answer, private_file};
use clap::Args;
use poterne_idp::{Entropy, MasterKey, issuer_mistakes};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const COMMENTED: &str = include_str!("../examples/poterne.toml");

/// Options of `poterne init`.
#[derive(Args)]
#[command(after_help = "Example:\n  poterne init --dir /etc/poterne --public-url https://id.example.ch\n\n\
                        Existing files are never overwritten. Keep a copy of the master key apart from the database's backups: without it \
                        nothing in the database can be opened.\n\nJSON: config, master_key (the files).")]
pub struct InitArgs {
    /// Where the files are written; made if it is not there.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// The database's file; without it `poterne.sqlite` beside the settings.
    #[arg(long)]
    database: Option<PathBuf>,
    /// Where people and portals will reach the provider.
    #[arg(long, default_value = "https://id.example.ch")]
    public_url: String,
    /// Prints one line of JSON instead of words.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// In words: which file cannot be written, and why.
pub fn run(args: &InitArgs) -> Result<(), String> {
    if let Some(mistake) = issuer_mistakes(&args.public_url).into_iter().next() {
        return Err(format!("--public-url: {}", mistake.replacen("issuer", "it", 1)));
    }
    let dir = &args.dir;
    std::fs::DirBuilder::new().recursive(true).mode(0o750).create(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let whole = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let (settings, key) = (whole.join("poterne.toml"), whole.join("master.key"));
    for path in [&settings, &key] {
        if path.exists() {
            return Err(format!("{} is there already: nothing was changed", path.display()));
        }
    }
    // Whole, as the key's place is: the settings are read from any folder.
    let database = args.database.clone().unwrap_or_else(|| whole.join("poterne.sqlite"));
    let database = std::path::absolute(&database).map_err(|error| format!("{}: {error}", database.display()))?;
    let text = COMMENTED
        .replace("https://id.example.ch", &args.public_url)
        .replace("/var/lib/poterne/poterne.sqlite", &shown(&database))
        .replace("/etc/poterne/master.key", &shown(&key));
    write_new(private_file::create(&key), &key, MasterKey::generate(&Entropy::System).to_hex().expose())?;
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o640).open(&settings);
    write_new(opened, &settings, &text)?;
    let value = serde_json::json!({ "config": shown(&settings), "master_key": shown(&key) });
    answer::print(args.json, &value, |_| {
        let (config, key) = (settings.display(), key.display());
        format!(
            "Wrote {config} and {key}.\nNext: look through the settings, then\n\n  poterne migrate --config {config}\n  poterne serve \
             --config {config}"
        )
    })
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn write_new(opened: std::io::Result<File>, path: &Path, text: &str) -> Result<(), String> {
    let written = opened.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error| format!("{}: {error}", path.display()))
}
