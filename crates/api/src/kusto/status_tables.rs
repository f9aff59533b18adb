//! What Kusto's answers say of the run beside its rows.

use crate::answer::{Answer, CutOff};
use crate::request_context::RequestContext;
use crate::text::quoted;

/// Severities of Kusto's status rows: below [`LEVEL_INFO`] counts as an error.
pub(super) const LEVEL_ERROR: u8 = 2;
pub(super) const LEVEL_INFO: u8 = 4;
pub(super) const LEVEL_STATS: u8 = 6;

/// A row of the status of a query.
pub(super) struct StatusRow {
    pub level: u8,
    pub level_name: &'static str,
    pub status_code: i32,
    pub status_name: String,
    pub event_type: u8,
    pub event_name: &'static str,
    /// What v1 prints of it.
    pub description: String,
    /// JSON text.
    pub payload: String,
}

/// The rows: that it is complete or cut off, and what it took.
pub(super) fn status_rows(answer: &Answer) -> Vec<StatusRow> {
    let mut rows = Vec::with_capacity(3);
    if let Some(cut_off) = answer.cut_off {
        let text = cut_off.kusto_message();
        rows.push(StatusRow {
            level: LEVEL_ERROR,
            level_name: "Error",
            status_code: CutOff::CODE,
            status_name: "E_QUERY_RESULT_SET_TOO_LARGE (80DA0003)".to_owned(),
            event_type: 5,
            event_name: "QueryLimitsExceeded",
            payload: format!("{{\"Count\":1,\"Text\":{}}}", quoted(&text)),
            description: text,
        });
    }
    let completed = "Query completed successfully";
    rows.push(StatusRow {
        level: LEVEL_INFO,
        level_name: "Info",
        status_code: 0,
        status_name: "S_OK (0)".to_owned(),
        event_type: 4,
        event_name: "QueryInfo",
        description: completed.to_owned(),
        payload: format!("{{\"Count\":1,\"Text\":{}}}", quoted(completed)),
    });
    let consumption = consumption(answer);
    rows.push(StatusRow {
        level: LEVEL_STATS,
        level_name: "Stats",
        status_code: 0,
        status_name: "S_OK (0)".to_owned(),
        event_type: 0,
        event_name: "QueryResourceConsumption",
        description: consumption.clone(),
        payload: consumption,
    });
    rows
}

/// What the query took, in the members that clients read. What is not measured is left out rather than made up.
fn consumption(answer: &Answer) -> String {
    let statistics = &answer.statistics;
    let tables: Vec<String> = answer
        .tables
        .iter()
        .map(|table| format!("{{\"table_row_count\":{},\"table_size\":{}}}", table.row_count(), table.byte_size()))
        .collect();
    format!(
        "{{\"ExecutionTime\":{:.7},\"resource_usage\":{{\"memory\":{{\"peak_per_node\":{}}}}},\"input_dataset_statistics\":{{\"extents\":{{\"total\":{}}},\
         \"rows\":{{\"total\":{}}}}},\"dataset_statistics\":[{}]}}",
        statistics.execution.as_secs_f64(),
        statistics.memory_bytes,
        statistics.extents_total,
        statistics.rows_total,
        tables.join(",")
    )
}

/// The first five cells of a status row in v2: when, and the ids.
pub(super) fn ids(context: &RequestContext) -> String {
    let activity = quoted(&context.activity_id);
    format!("{},{},{activity},{activity},{activity}", quoted(&context.timestamp()), quoted(&context.client_request_id))
}
