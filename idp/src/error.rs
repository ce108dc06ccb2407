//! What goes wrong inside: logged once at the edge, never shown to a user as it is.

use std::borrow::Cow;

/// An internal failure. A person or a relying party sees a page or an OAuth error with a reference number instead.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database refused a statement.
    #[error("database: {0}")]
    Database(#[source] diesel::result::Error),
    /// The database's disk takes nothing more, or fails: the caller answers 503 with `Retry-After`. What only reads goes on.
    #[error("disk: {0}")]
    Disk(&'static str),
    /// Too much waits already, or transactions keep colliding: the caller answers 503 with `Retry-After`.
    #[error("busy: {0}")]
    Busy(&'static str),
    /// Something sealed cannot be opened: a wrong master key, or bytes that were moved or changed.
    #[error("sealed: {0}")]
    Sealed(&'static str),
    /// A stored row that no code of ours writes.
    #[error("impossible row: {0}")]
    ImpossibleRow(Cow<'static, str>),
    /// A setting that cannot be used; for the operator to read.
    #[error("settings: {0}")]
    Settings(String),
    /// Anything else.
    #[error("{0}")]
    Internal(Cow<'static, str>),
}

impl Failure {
    /// A failure in words.
    pub fn internal(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Internal(what.into())
    }

    /// A stored row that no code of ours writes.
    pub fn impossible(what: impl Into<Cow<'static, str>>) -> Self {
        Self::ImpossibleRow(what.into())
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        trouble_of(&error).unwrap_or(Self::Database(error))
    }
}

/// What passes without anybody's fault: told apart by the database's own words, because its code does not come through.
fn trouble_of(error: &diesel::result::Error) -> Option<Failure> {
    let diesel::result::Error::DatabaseError(kind, info) = error else { return None };
    if matches!(kind, diesel::result::DatabaseErrorKind::ClosedConnection) {
        return Some(Failure::Busy("the connection to the database was lost"));
    }
    let said = |words: &str| info.message().contains(words);
    if said("disk is full") || said("No space left on device") {
        Some(Failure::Disk("the database's disk is full"))
    } else if said("disk I/O error") || said("attempt to write a readonly database") {
        Some(Failure::Disk("the database's disk cannot be written"))
    } else if said("database is locked") {
        Some(Failure::Busy("another process holds the database"))
    } else {
        None
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        // Only where it broke: the message of serde may quote the data, which may be personal.
        Self::Internal(format!("JSON at line {} column {}", error.line(), error.column()).into())
    }
}

/// What a fallible step inside gives.
pub type Result<T, E = Failure> = std::result::Result<T, E>;
