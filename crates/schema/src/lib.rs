//! The built-in tables as data: names, columns, types, hot dynamic paths; custom tables by the same description.
//!
//! Table and column names are Microsoft's (see `data/README.md` for sources). Knows nothing of ours.

mod alert;
mod arrow;
mod column;
mod custom;
mod embedded;
mod entity;
mod entity_kind;
mod incident;
mod incident_settings;
mod severity;
mod table;
mod tables;
mod tactic;

pub use alert::{
    Alert, AlertEvent, AlertQuery, MAX_ALERT_EVENTS, RULE_PRODUCT_NAME, RULE_PROVIDER_NAME, RULE_VENDOR_NAME,
};
pub use arrow::stored_arrow_type;
pub use column::{Column, ColumnType};
pub use custom::{
    CUSTOM_SUFFIX, CustomColumn, MAX_CUSTOM_COLUMN_NAME_BYTES, MAX_CUSTOM_COLUMNS, MAX_CUSTOM_TABLE_NAME_BYTES,
    MAX_CUSTOM_TABLES, custom_column_name, custom_table, is_custom_table_name,
};
pub use entity::Entity;
pub use entity_kind::EntityKind;
pub use incident::Incident;
pub use incident_settings::{AlertDetail, Grouping, IncidentSettings, MatchingMethod};
pub use severity::Severity;
pub use table::{HotPath, Table};
pub use tables::{table, table_names, tables};
pub use tactic::Tactic;
