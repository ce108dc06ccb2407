//! A fresh PostgreSQL database for each test that wants one, on the server that the scripts started.

use std::{
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

/// The variable that names the server, as `scripts/postgres.sh start` prints it.
const SERVER: &str = "TEST_POSTGRES";

/// A database that this process made and that goes when this value goes.
pub struct FreshDatabase {
    server: String,
    name: String,
}

impl FreshDatabase {
    /// Makes an empty database; `None`, with a note, where no server was started.
    ///
    /// # Panics
    /// Where the server does not answer, and under `CI` where none was named.
    #[must_use]
    pub fn create() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = server()?;
        let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        psql(&server, &format!("CREATE DATABASE {name}")).expect("PostgreSQL makes a database");
        Some(Self { server, name })
    }

    /// The URL of this database.
    #[must_use]
    pub fn url(&self) -> String {
        with_database(&self.server, &self.name)
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        // A leftover goes with the server, whose folder is temporary.
        if let Err(why) = psql(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)) {
            eprintln!("note: {} stays behind: {why}", self.name);
        }
    }
}

/// The server's URL; `None`, with a note, where there is none.
#[expect(clippy::disallowed_methods, reason = "the test run is configured by its environment")]
fn server() -> Option<String> {
    if let Ok(url) = std::env::var(SERVER) {
        return Some(url);
    }
    assert!(std::env::var("CI").is_err(), "{SERVER} is not set: in CI every test runs on PostgreSQL too (make test sets it)");
    println!("note: {SERVER} is not set: this test ran on SQLite alone");
    None
}

/// The URL with another database name: `postgres:///a?host=/x` and `b` give `postgres:///b?host=/x`.
fn with_database(url: &str, name: &str) -> String {
    let (path, query) = url.split_once('?').map_or((url, String::new()), |(path, query)| (path, format!("?{query}")));
    let base = path.rsplit_once('/').map_or(path, |(base, _)| base);
    format!("{base}/{name}{query}")
}

fn psql(url: &str, statement: &str) -> Result<(), String> {
    let done = Command::new("psql").args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, url]).output();
    match done {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
        Err(why) => Err(format!("psql: {why}")),
    }
}

#[test]
fn another_database_on_the_same_server() {
    assert_eq!(with_database("postgres:///poterne?host=/tmp/x&user=poterne", "t_1"), "postgres:///t_1?host=/tmp/x&user=poterne");
    assert_eq!(with_database("postgres://u@localhost/poterne", "t_1"), "postgres://u@localhost/t_1");
}

#[test]
fn a_fresh_database_answers_and_goes() {
    let Some(fresh) = FreshDatabase::create() else { return };
    let url = fresh.url();
    psql(&url, "CREATE TABLE t (a int)").expect("it answers");
    drop(fresh);
    assert!(psql(&url, "SELECT 1").is_err(), "it is gone");
}
