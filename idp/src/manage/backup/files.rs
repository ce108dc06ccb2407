//! Files of backups: their owner's alone, on the disk before they count.

use crate::vault::hex;
use aws_lc_rs::digest::{Context, SHA256};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The path with something at its end.
pub(super) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut text = path.as_os_str().to_owned();
    text.push(end);
    text.into()
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// An empty file in the place of what an interrupted run left.
pub(super) fn create_empty(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    private(OpenOptions::new().write(true).create_new(true)).open(path).map(drop)
}

/// A new file with these bytes, on the disk.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A copy of a file, on the disk.
pub(super) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    create_empty(to)?;
    let (mut source, mut target) = (File::open(from)?, OpenOptions::new().append(true).open(to)?);
    std::io::copy(&mut source, &mut target)?;
    target.sync_all()
}

/// Makes the names in a file's folder durable.
pub(super) fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder a file lies in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives a file to whom another file or a folder belongs: what root restores must still be readable for the provider.
#[cfg(unix)]
pub(super) fn give_to_owner_of(model: &Path, file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (wanted, made) = (std::fs::metadata(model)?, std::fs::metadata(file)?);
    if wanted.uid() == made.uid() {
        return Ok(());
    }
    chown(file, Some(wanted.uid()), Some(wanted.gid()))
}

/// Gives a file to whom another file or a folder belongs.
#[cfg(not(unix))]
pub(super) fn give_to_owner_of(_: &Path, _: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Length and SHA-256 of a file.
pub(super) fn digest(path: &Path) -> std::io::Result<(u64, String)> {
    let (mut file, mut context, mut bytes) = (File::open(path)?, Context::new(&SHA256), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        context.update(part);
        bytes += u64::try_from(read).unwrap_or_default();
    }
    Ok((bytes, hex(context.finish().as_ref())))
}
