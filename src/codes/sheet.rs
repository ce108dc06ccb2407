//! The file that codes are printed from: CSV (RFC 4180, UTF-8), its owner's alone, each batch on the disk before it counts.

use crate::private_file;
use poterne_idp::manage::PrintedCode;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A file of codes being written.
pub struct Sheet {
    file: File,
    path: PathBuf,
}

impl Sheet {
    /// A new file with its headings.
    ///
    /// # Errors
    /// In words: it is there already, or cannot be written.
    pub fn create(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let cannot = |error: std::io::Error| format!("{shown} cannot be written: {error}");
        let mut file = private_file::create(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => format!("{shown} is there already: name another file, it may hold codes that count"),
            _ => cannot(error),
        })?;
        file.write_all(b"registry_no,name,language,population,code,expires_on\r\n").map_err(cannot)?;
        file.sync_all().map_err(cannot)?;
        // The name in its folder must last as long as the rows.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(cannot)?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Adds rows; they are on the disk when this returns.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&mut self, codes: &[PrintedCode]) -> std::io::Result<()> {
        let rows: String = codes.iter().map(row).collect();
        self.file.write_all(rows.as_bytes())?;
        self.file.sync_data()
    }

    /// Takes the file away: nothing stands in it.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn discard(self) -> std::io::Result<()> {
        std::fs::remove_file(self.path)
    }
}

fn row(printed: &PrintedCode) -> String {
    let (whom, expires) = (&printed.whom, printed.expires_on.to_string());
    let cells =
        [&whom.registry_no, &whom.name, printed.language.tag(), &whom.population, printed.code.expose(), &expires].map(cell);
    cells.join(",") + "\r\n"
}

/// A value as a cell: quoted where it must be (RFC 4180 section 2), and never taken for a formula by a spreadsheet.
fn cell(value: &str) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let safe = if formula { format!("'{value}") } else { value.to_owned() };
    if formula || safe.contains([',', ';', '"', '\r', '\n']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        for (value, written) in [
            ("Marie Favre", "Marie Favre"),
            ("Muster, Söhne & Co.", "\"Muster, Söhne & Co.\""),
            ("Garage \"Zum Rad\"", "\"Garage \"\"Zum Rad\"\"\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+41", "\"'+41\""),
            ("-5", "\"'-5\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("a\nb", "\"a\nb\""),
            ("", ""),
        ] {
            assert_eq!(cell(value), written, "{value}");
        }
    }
}
