//! The parsers of each way in: from a body's bytes to [`crate::Records`]. No I/O, no clock.
//!
//! | module | way |
//! |---|---|
//! | `json_array` | Logs Ingestion and HTTP Data Collector: a JSON array of records |
//! | `elastic_bulk` | Elasticsearch's `_bulk`: lines of actions and documents |
//! | `otlp_logs` | OpenTelemetry logs, protobuf and JSON |
//! | `kusto_format`, `kusto_mapping`, `kusto_records` | Kusto ingestion: the formats, the mappings, and the records of a body |
//! | `syslog_frames` | syslog over TCP: octet counting and lines |

mod elastic_bulk;
mod json_array;
mod kusto_format;
mod kusto_mapping;
mod kusto_records;
mod otlp_logs;
mod otlp_value;
mod syslog_frames;

pub use elastic_bulk::{Bulk, BulkAction, BulkItem, table_of_index};
pub use json_array::{Damage, JsonArray};
pub use kusto_format::KustoFormat;
pub use kusto_mapping::{ColumnMapping, KustoMapping, MappingError, PathStep, Transform};
pub use kusto_records::{KustoBodyError, kusto_records};
pub use otlp_logs::{OTLP_TABLE, OtlpEncoding, OtlpError, otlp_partial_success, otlp_records};
pub use syslog_frames::{Frame, FrameSplitter, MESSAGE_BYTES, message_record};
