//! The numbered statements that make the tables.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};

/// A migration: its number, what it makes, its statements. One that was ever released is never changed.
///
/// Numbers: access 1–99, ingestion 100–199, queries 200–299, upkeep 300–399.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "users", include_str!("../migrations/0001_users.sql")),
    (2, "groups", include_str!("../migrations/0002_groups.sql")),
    (3, "role_grants", include_str!("../migrations/0003_role_grants.sql")),
    (4, "api_tokens", include_str!("../migrations/0004_api_tokens.sql")),
    (5, "clients", include_str!("../migrations/0005_clients.sql")),
    (6, "sessions", include_str!("../migrations/0006_sessions.sql")),
    (7, "sign_in_attempts", include_str!("../migrations/0007_sign_in_attempts.sql")),
    (8, "setup_links", include_str!("../migrations/0008_setup_links.sql")),
    (9, "oidc_states", include_str!("../migrations/0009_oidc_states.sql")),
    (10, "settings", include_str!("../migrations/0010_settings.sql")),
    (11, "shared_keys", include_str!("../migrations/0011_shared_keys.sql")),
    (100, "ingestion_documents", include_str!("../migrations/0100_ingestion_documents.sql")),
    (101, "ingestion_outcomes", include_str!("../migrations/0101_ingestion_outcomes.sql")),
    (200, "declared_tables", include_str!("../migrations/0200_declared_tables.sql")),
    (201, "ingestion_mappings", include_str!("../migrations/0201_ingestion_mappings.sql")),
];

/// All migrations, each run in a transaction of its own, under a lock.
pub(crate) fn migrator() -> Migrator {
    migrator_where(|_| true)
}

/// Only those of these numbers; `None` where one is not known here.
pub(crate) fn migrator_of(numbers: &[i64]) -> Option<Migrator> {
    let is_known = |number: &i64| MIGRATIONS.iter().any(|(known, _, _)| known == number);
    numbers.iter().all(is_known).then(|| migrator_where(|number| numbers.contains(&number)))
}

/// The numbers of all.
pub(crate) fn numbers() -> Vec<i64> {
    MIGRATIONS.iter().map(|(number, _, _)| *number).collect()
}

fn migrator_where(is_wanted: impl Fn(i64) -> bool) -> Migrator {
    let wanted = MIGRATIONS.iter().filter(|(number, _, _)| is_wanted(*number));
    let migrations = wanted.map(|(number, name, statements)| {
        Migration::new(*number, Cow::Borrowed(*name), MigrationType::Simple, Cow::Borrowed(*statements), false)
    });
    Migrator { migrations: migrations.collect::<Vec<_>>().into(), ..Migrator::DEFAULT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_types_are_the_two_that_mean_the_same_everywhere() {
        assert!(MIGRATIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (_, name, statements) in MIGRATIONS {
            for word in
                ["BOOLEAN", "TIMESTAMP", "INTEGER", "SERIAL", "JSONB", "BYTEA", "BLOB", "REAL", "NUMERIC", "VARCHAR"]
            {
                assert!(!statements.to_uppercase().contains(word), "{word} in {name}");
            }
        }
    }
}
