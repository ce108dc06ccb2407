//! The demo's data folder. What it holds is secret as far as a demo's data can be: files are readable by their owner only.

use crate::data::{DATABASE, MASTER_KEY, OUTBOX};
use crate::private_file;
use poterne_admin::OperatorToken;
use poterne_idp::manage::Secret;
use poterne_idp::{Entropy, MasterKey};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The data folder.
#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, and sees that it can be written.
    ///
    /// # Errors
    /// In words: which folder, and why.
    pub fn prepare(path: &Path) -> Result<Self, String> {
        let folder = Self(path.to_owned());
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder.outbox());
        made.map_err(|error| {
            format!("the data folder {} cannot be made: {error}; choose another with --data-dir", path.display())
        })?;
        let probe = folder.write_file(".probe", b"");
        probe.map_err(|error| {
            format!("the data folder {} cannot be written: {error}; choose another with --data-dir", path.display())
        })?;
        drop(std::fs::remove_file(path.join(".probe")));
        Ok(folder)
    }

    /// Removes a database into which the people were not all put: nobody has used it, for the demo was never ready.
    pub fn clear_unfinished(&self, finished: &str) -> Result<(), String> {
        if self.0.join(finished).exists() {
            return Ok(());
        }
        for suffix in ["", "-wal", "-shm"] {
            let path = self.0.join(format!("{DATABASE}{suffix}"));
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(format!("{}: {error}", path.display())),
                _ => {}
            }
        }
        Ok(())
    }

    /// The folder as people write it.
    pub fn shown(&self) -> String {
        self.0.display().to_string()
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// Where messages are written.
    pub fn outbox(&self) -> PathBuf {
        self.0.join(OUTBOX)
    }

    /// The master key: read, or made at the first start.
    pub fn master_key(&self, entropy: &Entropy) -> Result<MasterKey, String> {
        let path = self.0.join(MASTER_KEY);
        let shown = path.display().to_string();
        if path.exists() {
            return crate::data::master_key(&path);
        }
        if self.database().exists() {
            return Err(format!(
                "{shown} is missing, and without it nothing in the database can be opened: put it back, or make demo-reset"
            ));
        }
        let key = MasterKey::generate(entropy);
        self.write_file(MASTER_KEY, key.to_hex().expose().as_bytes()).map_err(|error| format!("{shown}: {error}"))?;
        Ok(key)
    }

    /// Where the operator's token lies.
    pub fn operator_token_path(&self) -> PathBuf {
        self.0.join("operator.token")
    }

    /// The operator's token: read, or made at the first start.
    pub fn operator_token(&self, entropy: &Entropy) -> Result<OperatorToken, String> {
        let path = self.operator_token_path();
        let shown = path.display().to_string();
        let secret = match std::fs::read_to_string(&path) {
            Ok(text) => Secret::from(text.trim().to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret = entropy.secret();
                let written = self.write_file("operator.token", secret.expose().as_bytes());
                written.map_err(|error| format!("{shown}: {error}"))?;
                secret
            }
            Err(error) => return Err(format!("{shown} cannot be read: {error}")),
        };
        OperatorToken::new(&secret).map_err(|weak| format!("{shown}: {weak}; delete the file to get a new one"))
    }

    /// A file of the demo's own, if it exists.
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        match std::fs::read(self.0.join(name)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| format!("{name}: {error}")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{name}: {error}")),
        }
    }

    /// Writes a file of the demo's own, whole or not at all.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), String> {
        let bytes = serde_json::to_vec_pretty(value).map_err(|error| error.to_string())?;
        self.write_file(name, &bytes).map_err(|error| format!("{name}: {error}"))
    }

    fn write_file(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        private_file::replace(&self.0.join(name), bytes)
    }
}
