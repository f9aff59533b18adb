//! How long tables keep their rows.

use std::collections::BTreeMap;

use serde::Deserialize;
use storage::{Retention, RetentionOptions};

use super::ConfigError;

/// Retention of all tables and of single ones. Without it rows are kept for ever.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RetentionConfig {
    /// Days in which queries see the rows of a table that is not listed.
    pub(crate) days: Option<u32>,
    /// Days until they are removed; no more than `days`, as there is no archive.
    pub(crate) total_days: Option<u32>,
    /// By table name.
    pub(crate) tables: BTreeMap<String, TableRetentionConfig>,
}

/// Retention of one table.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TableRetentionConfig {
    /// Days in which queries see its rows; for ever without it.
    pub(crate) days: Option<u32>,
    /// Days until they are removed.
    pub(crate) total_days: Option<u32>,
}

impl RetentionConfig {
    /// As storage takes it.
    pub(crate) fn options(&self) -> RetentionOptions {
        let tables = self.tables.iter().map(|(name, table)| {
            (name.clone(), Retention { interactive_days: table.days, total_days: table.total_days })
        });
        RetentionOptions {
            default: Retention { interactive_days: self.days, total_days: self.total_days },
            tables: tables.collect(),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.options().check().map_err(|error| {
            let hint = error.hint().map(|hint| format!("\n{hint}")).unwrap_or_default();
            ConfigError::new("retention", format!("{error}{hint}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::service::config::Config;

    #[test]
    fn an_archive_is_refused_when_the_service_starts() {
        let config = Config::parse("[retention]\ndays = 90\n[retention.tables.SigninLogs]\ndays = 365\n");
        let options = config.expect("can be used").retention.options();
        assert_eq!(options.default.interactive_days, Some(90));
        assert_eq!(options.tables["SigninLogs"].interactive_days, Some(365));
        let archive = Config::parse("[retention]\ndays = 90\ntotal_days = 365\n").expect("is read");
        let error = archive.check().expect_err("is refused");
        assert!(error.to_string().contains("archived rows are not supported"), "{error}");
    }
}
