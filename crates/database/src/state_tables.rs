//! Which tables the state has, and their columns as a database tells them.

use sqlx::{Any, Row, Transaction};

use crate::{DatabaseError, Engine};

/// All tables, those before that others refer to. A test fails where a migration makes one that is not here.
pub(crate) const STATE_TABLES: [&str; 19] = [
    "users",
    "groups",
    "memberships",
    "role_grants",
    "api_tokens",
    "clients",
    "sessions",
    "sign_in_attempts",
    "setup_links",
    "oidc_states",
    "settings",
    "secrets",
    "shared_keys",
    "ingestion_documents",
    "queued_messages",
    "ingestion_outcomes",
    "ingestion_statuses",
    "declared_tables",
    "ingestion_mappings",
];

/// A column: its name, and whether it holds numbers (else text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateColumn {
    pub(crate) name: String,
    pub(crate) is_number: bool,
}

/// The columns of a table, in its order; none where there is no such table.
pub(crate) async fn columns(
    transaction: &mut Transaction<'static, Any>,
    engine: Engine,
    table: &str,
) -> Result<Vec<StateColumn>, DatabaseError> {
    // The table's name is bound, not put into the text, so this reads any name safely.
    let statement = match engine {
        Engine::Sqlite => {
            "SELECT CAST(name AS TEXT) AS name, UPPER(CAST(type AS TEXT)) AS type FROM pragma_table_info($1) ORDER BY cid"
        }
        Engine::Postgres => {
            "SELECT CAST(column_name AS TEXT) AS name, UPPER(CAST(data_type AS TEXT)) AS type
             FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1
             ORDER BY ordinal_position"
        }
    };
    let rows = sqlx::query(statement).bind(table.to_owned()).fetch_all(&mut **transaction).await?;
    let column = |row: &sqlx::any::AnyRow| -> Result<StateColumn, DatabaseError> {
        let (name, ty): (String, String) = (row.try_get("name")?, row.try_get("type")?);
        let is_number = match ty.as_str() {
            "TEXT" => false,
            "BIGINT" => true,
            _ => {
                return Err(DatabaseError::Unreadable {
                    what: "type of a column",
                    value: format!("{table}.{name} {ty}"),
                });
            }
        };
        Ok(StateColumn { name, is_number })
    };
    rows.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{Database, DatabaseLocation};

    #[tokio::test(flavor = "multi_thread")]
    async fn every_table_that_migrations_make_is_listed_after_those_that_it_refers_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::open(&DatabaseLocation::Folder(folder.path().to_owned())).await.expect("opens");
        let made = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> '_sqlx_migrations'";
        let rows = sqlx::query(made).fetch_all(database.pool()).await.expect("lists");
        let made: BTreeSet<String> = rows.iter().map(|row| row.get("name")).collect();
        assert_eq!(made, STATE_TABLES.iter().map(|&name| name.to_owned()).collect());
        for (place, table) in STATE_TABLES.iter().enumerate() {
            let referred = "SELECT CAST(\"table\" AS TEXT) AS referred FROM pragma_foreign_key_list($1)";
            let rows = sqlx::query(referred).bind((*table).to_owned()).fetch_all(database.pool()).await.expect("lists");
            for row in rows {
                let referred: String = row.get("referred");
                assert!(STATE_TABLES[..place].contains(&referred.as_str()), "{table} refers to {referred}");
            }
        }
    }
}
