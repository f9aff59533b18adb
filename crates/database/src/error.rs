//! What can go wrong with the state.

use sqlx::error::ErrorKind;

/// An operation on the state that failed.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The location names no database that is known here.
    #[error(
        "cannot use the database `{url}`: {reason}\na location is a folder for SQLite, or `postgres://user:password@host/name`"
    )]
    Location {
        /// The location, without its password.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The database could not be opened.
    #[error("cannot open the database `{url}`")]
    Open {
        /// The location, without its password.
        url: String,
        /// Why not.
        #[source]
        source: sqlx::Error,
    },
    /// The tables could not be brought up to date.
    #[error(
        "cannot bring the tables of the database up to date\na database that a newer version has used cannot be opened by an older one"
    )]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// The database is not there just now. Each request tries again.
    #[error("the database cannot be reached\nconnections are made anew as soon as it answers")]
    Unavailable(#[source] sqlx::Error),
    /// Something of that name is there already.
    #[error("there is already a {kind} `{name}`")]
    Taken {
        /// What: `user`, `group`, …
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Somebody else changed it in between.
    #[error("`{name}` was changed in between: its version is {found}, not {expected}")]
    Changed {
        /// Its name.
        name: String,
        /// The version that the caller read.
        expected: i64,
        /// The version that it has, 0 where it is absent.
        found: i64,
    },
    /// A stored value is not what the tables promise.
    #[error("the database holds a {what} that cannot be read: `{value}`")]
    Unreadable {
        /// What it should be.
        what: &'static str,
        /// The stored value.
        value: String,
    },
    /// An export cannot become the state.
    #[error("the exported state cannot be imported: {reason}")]
    Import {
        /// Why not.
        reason: String,
    },
    /// An export could not be written or read.
    #[error("the exported state could not be written or read")]
    Io(#[source] std::io::Error),
    /// A statement failed otherwise.
    #[error("the database refused a statement")]
    Statement(#[source] sqlx::Error),
}

impl DatabaseError {
    /// Names what is taken, where the statement failed for that.
    pub(crate) fn taken(error: sqlx::Error, kind: &'static str, name: &str) -> Self {
        let unique = error.as_database_error().is_some_and(|error| error.kind() == ErrorKind::UniqueViolation);
        if unique { DatabaseError::Taken { kind, name: name.to_owned() } } else { error.into() }
    }
}

/// PostgreSQL's classes of errors that pass by themselves: connection exceptions, and operator intervention (shutting down, starting up).
///
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const PASSING_CLASSES: [&str; 2] = ["08", "57"];

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Tls(_) => true,
            sqlx::Error::Database(error) => error
                .code()
                .is_some_and(|code| code.len() == 5 && PASSING_CLASSES.iter().any(|class| code.starts_with(class))),
            _ => false,
        };
        if passing { DatabaseError::Unavailable(error) } else { DatabaseError::Statement(error) }
    }
}
