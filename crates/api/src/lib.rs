//! Wire forms of every HTTP surface: requests, results, errors. No handlers, no I/O.
//!
//! | to find | look in |
//! |---|---|
//! | what a query gave, whatever the surface | [`Answer`], [`ResultSet`], [`Failure`] |
//! | bodies written piece by piece | [`Chunks`] |
//! | Kusto REST v1 and v2, management commands | [`kusto`] |
//! | Log Analytics' query API, `$batch`, metadata, Azure Resource Manager's tables | [`log_analytics`] |
//! | Microsoft Graph's hunting query | [`graph`] |
//! | ISO 8601 durations and time ranges | [`timespan`] |

mod answer;
mod body;
mod cell;
mod chunks;
mod failure;
#[doc(hidden)]
pub mod fuzzing;
pub mod graph;
pub mod kusto;
pub mod log_analytics;
mod openapi;
mod request_context;
mod rows;
mod text;
pub mod timespan;
mod wire_type;

pub use answer::{Answer, CutOff, QueryStatistics, ResultSet, WireColumn};
pub use body::BodyError;
pub use cell::CellForm;
pub use chunks::{CHUNK_BYTES, Chunks, RowForm};
pub use failure::{Failure, FailureKind, Place};
pub use openapi::schemas;
pub use request_context::RequestContext;
pub use wire_type::{arm_type, graph_type, kusto_data_type, system_type};
