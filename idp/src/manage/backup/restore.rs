//! Putting a backup in the place of a database that nobody uses.

use super::{Manifest, Settled, after, files, manifest, refused, verify_as};
use crate::directory::realm;
use crate::entropy::Entropy;
use crate::error::Result;
use crate::operations::audit::{Actor, Event};
use crate::store::{AllRealms, AloneWith, SchemaState, StillDb};
use crate::vault::MasterKey;
use poterne_protocol::time::Timestamp;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// What lies beside the backup.
    pub manifest: Manifest,
    /// Where the database is kept that was in its place.
    pub kept_aside: Option<PathBuf>,
    /// What was ended, by realm. Nothing where the backup's schema is older than this version: migrate, then settle it.
    pub settled: Vec<Settled>,
    /// Whether it must be migrated, and settled after that.
    pub must_be_migrated: bool,
}

/// Puts a verified backup in the place of the SQLite database `database`, with what could be used a second time ended in it. A database
/// that is there is refused unless `replace`, and kept aside. Reads and writes on the calling thread.
///
/// # Errors
/// [`Failure::Settings`](crate::Failure::Settings) in words: the backup is not whole or of another master key, the database is there or
/// in use, a file cannot be written. Nothing was changed then.
pub fn restore(
    file: &Path,
    database: &Path,
    master: &MasterKey,
    (replace, keep_codes): (bool, bool),
    (now, entropy): (Timestamp, &Entropy),
) -> Result<Restored> {
    let alone = AloneWith::take(database)?;
    let is_there = std::fs::metadata(database).is_ok_and(|found| found.len() > 0);
    if is_there && !replace {
        return Err(refused(format!(
            "the database {} is there: --replace puts the backup in its place and keeps it aside",
            database.display()
        )));
    }
    let made = manifest(file, master)?;
    let fresh = files::with_end(database, ".restoring");
    let cannot = |path: &Path, error: std::io::Error| refused(format!("{} cannot be written: {error}", path.display()));
    files::copy(file, &fresh).map_err(|error| cannot(&fresh, error))?;
    // The copy is looked at, not the backup: what is verified is what takes the database's place.
    let checked = verify_as(&fresh, made, master)?;
    if !checked.mistakes.is_empty() {
        drop(std::fs::remove_file(&fresh));
        return Err(refused(format!("{} is not whole, nothing was changed: {}", file.display(), checked.mistakes.join("; "))));
    }
    let (settled, must_be_migrated) = settle(&fresh, keep_codes, now, entropy)?;
    let model = if is_there { database } else { files::folder_of(database) };
    files::give_to_owner_of(model, &fresh).map_err(|error| cannot(&fresh, error))?;
    let kept_aside = if is_there { Some(free_name(database, now)?) } else { None };
    put_in_place(&fresh, database, kept_aside.as_deref()).map_err(|error| cannot(database, error))?;
    drop(alone);
    Ok(Restored { manifest: checked.manifest, kept_aside, settled, must_be_migrated })
}

fn settle(fresh: &Path, keep_codes: bool, now: Timestamp, entropy: &Entropy) -> Result<(Vec<Settled>, bool)> {
    let mut db = StillDb::open_to_change(fresh)?;
    if db.schema_state()? != SchemaState::Current {
        return Ok((vec![], true));
    }
    let mut settled = Vec::new();
    for summary in db.read(AllRealms, realm::list)? {
        let event = Event::drawn(entropy, now, "backup.restored", Actor::Operator);
        settled.push(db.write(summary.id, |tx| after::settle(tx, &summary.slug, keep_codes, now, &event))?);
    }
    Ok((settled, false))
}

/// A name beside the database that nothing has yet.
fn free_name(database: &Path, now: Timestamp) -> Result<PathBuf> {
    let named = |nth: u32| match nth {
        0 => files::with_end(database, &format!(".replaced-{}", now.secs())),
        nth => files::with_end(database, &format!(".replaced-{}-{nth}", now.secs())),
    };
    let free = (0..100).map(named).find(|path| !path.exists());
    free.ok_or_else(|| refused(format!("{} has been replaced too often in this second: try again", database.display())))
}

/// The database's own logs go aside with it: beside another database they would be taken for that one's.
fn put_in_place(fresh: &Path, database: &Path, aside: Option<&Path>) -> std::io::Result<()> {
    if let Some(aside) = aside {
        // Whoever opens and closes it last writes its log back; one that is damaged goes aside as it is.
        drop(StillDb::open_to_change(database));
        for end in ["", "-wal", "-shm"] {
            let (from, to) = (files::with_end(database, end), files::with_end(aside, end));
            if from.exists() {
                std::fs::rename(from, to)?;
            }
        }
    }
    for end in ["-wal", "-shm"] {
        let left = files::with_end(database, end);
        if left.exists() {
            std::fs::remove_file(left)?;
        }
    }
    std::fs::File::open(fresh)?.sync_all()?;
    std::fs::rename(fresh, database)?;
    files::sync_folder_of(database)
}
