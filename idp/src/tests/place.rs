//! A database and a folder of a test's own, which go with it.

use crate::store::DatabaseUrl;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database, not migrated yet, and a folder.
pub(crate) struct Place {
    pub(crate) url: DatabaseUrl,
    pub(crate) folder: PathBuf,
    /// The server and the name of the database on it.
    on_server: Option<(String, String)>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = folder();
        Self { url: DatabaseUrl::Sqlite(folder.join("poterne.sqlite")), folder, on_server: None }
    }

    /// One of each kind there is.
    pub(crate) fn all() -> Vec<Self> {
        [Self::sqlite()].into_iter().chain(Self::postgres()).collect()
    }

    /// A fresh database on the server that the scripts started, if they did and this program knows PostgreSQL.
    #[expect(clippy::disallowed_methods, reason = "the test run is configured by its environment")]
    fn postgres() -> Option<Self> {
        if cfg!(not(feature = "postgres")) {
            return None;
        }
        let server = std::env::var("TEST_POSTGRES").ok()?;
        let name = format!("idp_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        psql(&server, &format!("CREATE DATABASE {name}"));
        let (path, query) = server.split_once('?').unwrap_or((&server, ""));
        let base = path.rsplit_once('/').map_or(path, |(base, _)| base);
        let url = DatabaseUrl::Postgres(format!("{base}/{name}?{query}"));
        Some(Self { url, folder: folder(), on_server: Some((server, name)) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
        if let Some((server, name)) = &self.on_server {
            psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn folder() -> PathBuf {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("poterne-test-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn psql(server: &str, statement: &str) {
    let done = Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, server]).output();
    let done = done.expect("psql is there");
    assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
}
