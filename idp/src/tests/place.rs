//! A database of a test's own, which goes with it: a SQLite file, or a database on the server that the scripts started.

use crate::store::DatabaseUrl;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database of a test's own, which goes with it.
pub(crate) enum Place {
    Sqlite(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres {
        server: String,
        name: String,
    },
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let name = format!("poterne-test-{}-{}.db", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self::Sqlite(std::env::temp_dir().join(name))
    }

    /// One of each kind there is.
    pub(crate) fn all() -> Vec<Self> {
        #[cfg_attr(not(feature = "postgres"), expect(unused_mut, reason = "there is only one"))]
        let mut places = vec![Self::sqlite()];
        #[cfg(feature = "postgres")]
        places.extend(Self::postgres());
        places
    }

    /// A fresh database on the server that the scripts started, if they did and this program knows PostgreSQL.
    #[cfg(feature = "postgres")]
    #[expect(clippy::disallowed_methods, reason = "the test run is configured by its environment")]
    fn postgres() -> Option<Self> {
        let server = std::env::var("POTERNE_TEST_POSTGRES").ok()?;
        let name = format!("s_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        psql(&server, &format!("CREATE DATABASE {name}"));
        Some(Self::Postgres { server, name })
    }

    pub(crate) fn url(&self) -> DatabaseUrl {
        match self {
            Self::Sqlite(path) => DatabaseUrl::Sqlite(path.clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres { server, name } => {
                let (path, query) = server.split_once('?').unwrap_or((server, ""));
                let base = path.rsplit_once('/').map_or(path, |(base, _)| base);
                DatabaseUrl::Postgres(format!("{base}/{name}?{query}"))
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::Sqlite(path) => {
                for end in ["", "-wal", "-shm"] {
                    drop(std::fs::remove_file(format!("{}{end}", path.display())));
                }
            }
            #[cfg(feature = "postgres")]
            Self::Postgres { server, name } => psql(server, &format!("DROP DATABASE {name} WITH (FORCE)")),
        }
    }
}

#[cfg(feature = "postgres")]
fn psql(server: &str, statement: &str) {
    let done = std::process::Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, server]).output();
    let done = done.expect("psql is there");
    assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
}
