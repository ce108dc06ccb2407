//! Files that are their owner's alone: read only where nobody else can, written so that nobody else can.

#[cfg(feature = "demo")]
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The text of a secret file, which others than its owner, and whoever the owner lets read by their group, must not be able to read or write.
///
/// # Errors
/// In words: it is missing, cannot be read, or is open to others, and what to do.
pub fn read(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let cannot = |error| format!("{shown} cannot be read: {error}");
    let mode = std::fs::metadata(path).map_err(cannot)?.permissions().mode();
    if mode & 0o027 != 0 {
        return Err(format!("{shown} can be read or changed by other users of this machine: chmod 600 {shown}"));
    }
    std::fs::read_to_string(path).map_err(cannot)
}

/// The secret on the first line of such a file.
///
/// # Errors
/// As [`read`], and where that line is empty.
pub fn secret(path: &Path) -> Result<String, String> {
    let text = read(path)?;
    match text.lines().next().unwrap_or_default() {
        "" => Err(format!("{}: its first line is empty, there the secret stands", path.display())),
        line => Ok(line.to_owned()),
    }
}

/// A new file for its owner alone, which must not be there yet.
///
/// # Errors
/// Those of the file system; one that is there already among them.
pub fn create(path: &Path) -> std::io::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Writes a file for its owner alone, whole or not at all, in the place of the one that is there.
///
/// # Errors
/// Those of the file system.
#[cfg(feature = "demo")]
pub fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    // What an interrupted run left there, or somebody put there, is not written into.
    match std::fs::remove_file(&aside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create(Path::new(&aside))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(aside, path)
}
