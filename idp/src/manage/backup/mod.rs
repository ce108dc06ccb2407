//! Backups of a SQLite database: copied while others read and write, verified, restored. A restored copy is older than what happened, so
//! what could be used a second time is ended (`after`).

mod after;
mod files;
mod restore;

pub use after::{Settled, VoidedCode};
pub use restore::{Restored, restore};

use super::{Manage, refused};
use crate::directory::realm;
use crate::error::{Failure, Result};
use crate::operations::audit;
use crate::store::{AllRealms, Db, SchemaState, StillDb};
use crate::vault::MasterKey;
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const FORMAT: u32 = 1;

/// What lies beside a backup, as `FILE.json`. It holds no secret: the check value tells which master key it was, not what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of this manifest.
    pub format: u32,
    /// The version of Poterne that made it.
    pub version: String,
    /// When it was made, RFC 3339, UTC.
    pub created_at: String,
    /// The same in microseconds since 1970.
    pub created_micros: i64,
    /// The realms in it, by their short names.
    pub realms: Vec<String>,
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// By which the master key is recognised.
    pub master_key: String,
    /// What only the holder of the master key can say of the lines above.
    pub seal: String,
}

impl Manifest {
    fn seal(&self, master: &MasterKey) -> Result<String> {
        let bare = Self { seal: String::new(), ..self.clone() };
        Ok(master.seal_of("backup", &serde_json::to_string(&bare)?))
    }
}

/// What a verification found; every list is empty where the backup is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What lies beside the file.
    pub manifest: Manifest,
    /// What is wrong, in words.
    pub mistakes: Vec<String>,
    /// Sealed events of the audit trails that hold together, all realms.
    pub audit_events: i64,
}

impl Manage {
    /// Copies the SQLite database into a new file, with its manifest beside it, while others read and write. Both are their owner's alone
    /// and on the disk when this returns, and the copy was verified.
    ///
    /// # Errors
    /// [`Failure::Settings`] when the file is there already or cannot be written, on PostgreSQL, and when the copy is not whole.
    pub async fn create_backup(&self, out: &Path) -> Result<Manifest> {
        let (db, now) = (&self.app.db, self.app.clock.now());
        let realms = db.read(AllRealms, realm::list).await?.into_iter().map(|realm| realm.slug).collect();
        let manifest = write(db, &self.app.master, out, realms, now).await?;
        for realm in self.realms.all(&self.app).await? {
            let event = self.event(now, "backup.created").with("sha256", manifest.sha256.as_str());
            db.write(realm.id, move |tx| audit::record(tx, &event)).await?;
        }
        Ok(manifest)
    }

    /// Ends what could be used a second time after an older copy of the database was put back by other means, such as `pg_restore`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn settle_restored(&self, keep_codes: bool) -> Result<Vec<Settled>> {
        let now = self.app.clock.now();
        let mut settled = Vec::new();
        for realm in self.realms.all(&self.app).await? {
            let (slug, event) = (realm.document.slug.clone(), self.event(now, "backup.restored"));
            settled.push(self.app.db.write(realm.id, move |tx| after::settle(tx, &slug, keep_codes, now, &event)).await?);
        }
        self.realms.stale();
        Ok(settled)
    }
}

async fn write(db: &Db, master: &MasterKey, out: &Path, realms: Vec<String>, now: Timestamp) -> Result<Manifest> {
    let beside = manifest_of(out);
    for path in [out, &beside] {
        if path.exists() {
            return Err(refused(format!("{} is there already: name a new file", path.display())));
        }
    }
    let aside = files::with_end(out, ".new");
    let cannot = |error: std::io::Error| refused(format!("{} cannot be written: {error}", out.display()));
    files::create_empty(&aside).map_err(cannot)?;
    let made = fill(db, master, &aside, realms, now).await;
    let manifest = match made {
        Ok(manifest) => manifest,
        Err(failure) => {
            // What was begun is worth nothing; the first failure is the one to tell.
            drop(std::fs::remove_file(&aside));
            return Err(failure);
        }
    };
    let text = serde_json::to_vec_pretty(&manifest)?;
    files::write_new(&beside, &text).map_err(cannot)?;
    std::fs::rename(&aside, out).map_err(cannot)?;
    files::sync_folder_of(out).map_err(cannot)?;
    Ok(manifest)
}

async fn fill(db: &Db, master: &MasterKey, aside: &Path, realms: Vec<String>, now: Timestamp) -> Result<Manifest> {
    db.copy_into(aside.to_owned()).await?;
    let (file, master) = (aside.to_owned(), master.clone());
    let finish = move || {
        let cannot = |error: std::io::Error| refused(format!("{}: {error}", file.display()));
        std::fs::File::open(&file).and_then(|file| file.sync_all()).map_err(cannot)?;
        let (bytes, sha256) = files::digest(&file).map_err(cannot)?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let (created_at, master_key) = (now.to_rfc3339(), master.check_value());
        let (format, created_micros, seal) = (FORMAT, now.micros(), String::new());
        let mut manifest = Manifest { format, version, created_at, created_micros, realms, bytes, sha256, master_key, seal };
        manifest.seal = manifest.seal(&master)?;
        let (mistakes, _) = look_into(&file, &master, &manifest)?;
        if mistakes.is_empty() { Ok(manifest) } else { Err(refused(format!("the copy is not whole: {}", mistakes.join("; ")))) }
    };
    tokio::task::spawn_blocking(finish).await.map_err(|_| Failure::internal("the backup was cut short"))?
}

/// Verifies a backup against its manifest and this master key: bytes, structure, schema, keys, audit trails. Reads the file whole, on
/// the calling thread.
///
/// # Errors
/// [`Failure::Settings`] when the file or its manifest cannot be read, or was made under another master key.
pub fn verify(file: &Path, master: &MasterKey) -> Result<Checked> {
    let manifest = manifest(file, master)?;
    verify_as(file, manifest, master)
}

/// Looks whether a file is the one that this manifest was made for.
fn verify_as(file: &Path, manifest: Manifest, master: &MasterKey) -> Result<Checked> {
    let (bytes, sha256) = files::digest(file).map_err(|error| refused(format!("{}: {error}", file.display())))?;
    if (bytes, &sha256) != (manifest.bytes, &manifest.sha256) {
        let what = format!("the file is not the one that was made: {bytes} bytes instead of {}, or others", manifest.bytes);
        return Ok(Checked { manifest, mistakes: vec![what], audit_events: 0 });
    }
    let (mistakes, audit_events) = look_into(file, master, &manifest)?;
    Ok(Checked { manifest, mistakes, audit_events })
}

fn manifest(file: &Path, master: &MasterKey) -> Result<Manifest> {
    let beside = manifest_of(file);
    let shown = beside.display();
    let text = std::fs::read(&beside).map_err(|error| refused(format!("the manifest {shown} cannot be read: {error}")))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| refused(format!("{shown} is no manifest of a backup")))?;
    if manifest.format != FORMAT {
        return Err(refused(format!("{shown} is of form {}, this version knows {FORMAT}", manifest.format)));
    }
    if manifest.master_key != master.check_value() {
        return Err(refused(format!(
            "{} was made under another master key: nothing in it could be opened. Name the settings with the key of that time \
             (its check value is {}, yours {})",
            file.display(),
            manifest.master_key,
            master.check_value()
        )));
    }
    if manifest.seal != manifest.seal(master)? {
        return Err(refused(format!("{shown} was changed since it was made: its seal does not fit")));
    }
    Ok(manifest)
}

/// What is wrong inside, and how many events of the audit trails hold together.
fn look_into(file: &Path, master: &MasterKey, manifest: &Manifest) -> Result<(Vec<String>, i64)> {
    let mut db = StillDb::open(file)?;
    let mut mistakes = db.damage()?;
    if !mistakes.is_empty() {
        return Ok((mistakes, 0));
    }
    match db.schema_state()? {
        SchemaState::Current => {}
        // An older schema is no mistake: it is migrated after it was restored, and cannot be read before.
        SchemaState::Behind(_) => return Ok((mistakes, 0)),
        SchemaState::Ahead(names) => {
            mistakes.push(format!("it was made by a newer version of Poterne ({})", names.join(", ")));
            return Ok((mistakes, 0));
        }
    }
    let (mut events, made_at) = (0, Timestamp::from_micros(manifest.created_micros));
    for summary in db.read(AllRealms, realm::list)? {
        if let Err(failure) = db.read(summary.id, |rx| realm::opens(rx, master)) {
            mistakes.push(format!("realm {}: its keys do not open: {failure}", summary.slug));
        }
        let verified = db.read(summary.id, |rx| audit::verify(rx, made_at))?;
        events += verified.events;
        if let Some(number) = verified.broken {
            mistakes.push(format!("realm {}: the audit trail breaks at event {number}", summary.slug));
        }
    }
    Ok((mistakes, events))
}

fn manifest_of(file: &Path) -> PathBuf {
    files::with_end(file, ".json")
}
