//! Log Analytics' query API, and the tables of a workspace in Azure Resource Manager.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/logs/api/overview>

mod batch;
mod error;
mod metadata;
mod prefer;
mod query_body;
mod request;
mod tables;

pub use batch::{BatchItem, MAX_BATCH_REQUESTS, batch_body, batch_item_head, parse_batch};
pub use error::error_body;
pub use metadata::{MetadataFunction, MetadataTable, metadata_body};
pub use prefer::Prefer;
pub use query_body::query_body;
pub use request::LogAnalyticsRequest;
pub use tables::{ArmTable, arm_table, arm_tables_body};
