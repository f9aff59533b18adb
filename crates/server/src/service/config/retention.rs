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
    /// Days until they are removed; archived from `days` on.
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
    fn rows_are_archived_where_the_total_is_longer_and_a_shorter_one_is_refused() {
        let config =
            Config::parse("[retention]\ndays = 90\ntotal_days = 365\n[retention.tables.SigninLogs]\ndays = 365\n");
        let config = config.expect("is read");
        config.check().expect("can be used");
        let options = config.retention.options();
        assert_eq!((options.default.interactive_days, options.default.total_days), (Some(90), Some(365)));
        let own = options.tables["SigninLogs"];
        assert_eq!((own.interactive_days, own.total_days), (Some(365), None), "a table has both numbers of its own");
        let short = Config::parse("[retention]\ndays = 90\ntotal_days = 30\n").expect("is read");
        let error = short.check().expect_err("is refused");
        assert!(error.to_string().contains("is shorter than its interactive retention"), "{error}");
    }
}
