//! Where the state lies.

use std::path::{Path, PathBuf};

use crate::DatabaseError;

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in the workspace.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where the state lies.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseLocation {
    /// `database.sqlite` in this folder, which is made where it is absent.
    Folder(PathBuf),
    /// `postgres://…`.
    Postgres(String),
}

/// The file of the state in a workspace.
pub(crate) const FILE_NAME: &str = "database.sqlite";

impl DatabaseLocation {
    /// The place that configuration names: a URL, or nothing for the workspace's own file.
    ///
    /// # Errors
    /// `DatabaseError::Location` for a URL of another kind.
    pub fn new(url: Option<&str>, workspace: &Path) -> Result<Self, DatabaseError> {
        match url {
            None => Ok(DatabaseLocation::Folder(workspace.to_owned())),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(DatabaseLocation::Postgres(url.to_owned()))
            }
            Some(url) => {
                let scheme = url.split(':').next().unwrap_or_default();
                let reason = "only `postgres://` URLs are known".to_owned();
                Err(DatabaseError::Location { url: format!("{scheme}:…"), reason })
            }
        }
    }

    /// Which kind of database it is.
    pub fn engine(&self) -> Engine {
        match self {
            DatabaseLocation::Folder(_) => Engine::Sqlite,
            DatabaseLocation::Postgres(_) => Engine::Postgres,
        }
    }

    /// The file of the state, where it is one.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            DatabaseLocation::Folder(folder) => Some(folder.join(FILE_NAME)),
            DatabaseLocation::Postgres(_) => None,
        }
    }

    /// The URL that `sqlx` opens.
    pub(crate) fn url(&self) -> String {
        match self {
            DatabaseLocation::Folder(folder) => {
                format!("sqlite://{}?mode=rwc", percent_encoded(&folder.join(FILE_NAME)))
            }
            DatabaseLocation::Postgres(url) => url.clone(),
        }
    }
}

/// Without the password, which must reach no log.
impl std::fmt::Display for DatabaseLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DatabaseLocation::Folder(folder) => write!(f, "{}", folder.join(FILE_NAME).display()),
            DatabaseLocation::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                // A password may come in the query too.
                let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
                match place.rsplit_once('@') {
                    Some((_, place)) => write!(f, "{scheme}://{place}"),
                    // Perhaps the question mark was the password's.
                    None if query.contains('@') => write!(f, "{scheme}://…"),
                    None => write!(f, "{scheme}://{place}"),
                }
            }
        }
    }
}

impl std::fmt::Debug for DatabaseLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

fn percent_encoded(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_reaches_no_message() {
        let location =
            DatabaseLocation::new(Some("postgres://vedette:s3cr@t@db.example/state?password=s3cret"), Path::new("/w"));
        assert_eq!(format!("{:?}", location.expect("a location")), "postgres://db.example/state");
        let refused = DatabaseLocation::new(Some("mysql://root:s3cret@db/x"), Path::new("/w")).expect_err("not known");
        assert!(!refused.to_string().contains("s3cret"), "{refused}");
    }
}
