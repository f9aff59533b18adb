//! `LAQueryLogs`: a row a query, as Microsoft's audit of queries has it.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/reference/tables/laquerylogs>

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use access::PrincipalKind;
use chrono::{DateTime, SecondsFormat, Utc};
use kql_functions::datetime::ticks_to_micros;
use serde_json::{Map, Value as Json, json};

use super::question::Question;
use crate::Error;
use crate::rows_from_json::rows_from_json;
use crate::service::app::App;

/// The table.
const TABLE: &str = "LAQueryLogs";
/// Most queries that wait to be written. They are written each second, so that more means that storage takes nothing.
const MAX_WAITING: usize = 50_000;
/// Most queries that are written in one step.
const MAX_BATCH: usize = 5_000;
/// Longest text of a query that is kept, in bytes, as in Log Analytics.
const MAX_TEXT_BYTES: usize = 32 << 10;

/// A query as it will be written.
#[derive(Debug, Clone)]
pub(crate) struct QueryRecord {
    time: DateTime<Utc>,
    caller: (PrincipalKind, String, String),
    correlation_id: String,
    text: String,
    time_range: Option<(i64, i64)>,
    client: String,
    target: &'static str,
    /// The HTTP status of the answer.
    pub(crate) response_code: u16,
    /// From the request to the result.
    pub(crate) duration: Duration,
    /// Rows of the result.
    pub(crate) rows: usize,
    /// Bytes of the files of the tables that it named.
    pub(crate) data_bytes: u64,
}

impl QueryRecord {
    /// The record of a query that begins.
    pub(crate) fn new(question: &Question) -> Self {
        Self {
            time: question.now,
            caller: (question.caller.kind, question.caller.id.clone(), question.caller.name.clone()),
            correlation_id: question.request_id.clone(),
            text: shortened(&question.text, MAX_TEXT_BYTES),
            time_range: question.time_range,
            client: shortened(&question.client, 1_000),
            target: question.target.name(),
            response_code: 0,
            duration: Duration::ZERO,
            rows: 0,
            data_bytes: 0,
        }
    }

    fn row(&self, workspace: &str) -> Map<String, Json> {
        let (kind, id, name) = &self.caller;
        let is_application = matches!(kind, PrincipalKind::Application | PrincipalKind::ManagedIdentity);
        let mut row = json!({
            "TimeGenerated": self.time.to_rfc3339_opts(SecondsFormat::Micros, true),
            "AADEmail": name,
            "AADObjectId": id,
            "CorrelationId": self.correlation_id,
            "IsBillableQuery": false,
            "QueryText": self.text,
            "RequestClientApp": self.client,
            "RequestContext": {"workspaces": [workspace]},
            "RequestTarget": self.target,
            "ResponseCode": self.response_code,
            "ResponseDurationMs": self.duration.as_secs_f64() * 1000.0,
            "ResponseRowCount": i32::try_from(self.rows).unwrap_or(i32::MAX),
            "StatsDataProcessedKB": self.data_bytes as f64 / 1024.0,
            "StatsRegionCount": 1,
            "StatsWorkspaceCount": 1,
            "SourceSystem": "Vedette",
            "TenantId": workspace,
            "_TimeReceived": self.time.to_rfc3339_opts(SecondsFormat::Micros, true),
        });
        if is_application {
            row["AADClientId"] = json!(id);
        }
        if let Some((start, end)) = self.time_range {
            row["QueryTimeRangeStart"] = time_text(start);
            row["QueryTimeRangeEnd"] = time_text(end);
        }
        match row {
            Json::Object(row) => row,
            _ => Map::new(),
        }
    }
}

/// A time in ticks as text; null where no calendar has it.
fn time_text(ticks: i64) -> Json {
    let time = DateTime::from_timestamp_micros(ticks_to_micros(ticks));
    time.map_or(Json::Null, |time| json!(time.to_rfc3339_opts(SecondsFormat::Micros, true)))
}

fn shortened(text: &str, most: usize) -> String {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// Queries that wait to be written.
#[derive(Debug, Default)]
pub(crate) struct QueryLog {
    waiting: Mutex<Vec<QueryRecord>>,
    lost: AtomicU64,
}

impl QueryLog {
    /// Takes a query. Where too many wait, it is counted as lost.
    pub(crate) fn push(&self, record: QueryRecord) {
        let mut waiting = self.lock();
        if waiting.len() >= MAX_WAITING {
            self.lose(1, "too many rows wait to be written");
            return;
        }
        waiting.push(record);
    }

    /// Queries whose rows could not be written.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Writes what waits. What storage does not take now waits on.
    pub(crate) async fn flush(&self, app: &App) {
        loop {
            let batch: Vec<QueryRecord> = {
                let mut waiting = self.lock();
                let count = waiting.len().min(MAX_BATCH);
                waiting.drain(..count).collect()
            };
            if batch.is_empty() {
                return;
            }
            let rows = match rows(&batch, &app.workspace_guid()) {
                Ok(rows) => rows,
                Err(error) => {
                    self.lose(batch.len(), &error.to_string());
                    continue;
                }
            };
            if let Err(error) = app.live().append(rows, None).await {
                tracing::warn!(%error, rows = batch.len(), "rows of `LAQueryLogs` are not written yet");
                self.put_back(batch);
                return;
            }
        }
    }

    /// Puts a batch that was not written in front of what came since.
    fn put_back(&self, mut batch: Vec<QueryRecord>) {
        let mut waiting = self.lock();
        batch.append(&mut waiting);
        if batch.len() > MAX_WAITING {
            self.lose(batch.len() - MAX_WAITING, "too many rows wait to be written");
            batch.truncate(MAX_WAITING);
        }
        *waiting = batch;
    }

    fn lose(&self, count: usize, why: &str) {
        self.lost.fetch_add(count as u64, Ordering::Relaxed);
        tracing::error!(count, why, "rows of `LAQueryLogs` are lost");
    }

    fn lock(&self) -> MutexGuard<'_, Vec<QueryRecord>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rows(
    batch: &[QueryRecord],
    workspace: &str,
) -> Result<Vec<(&'static schema::Table, arrow::array::RecordBatch)>, Error> {
    let table = schema::table(TABLE).ok_or_else(|| Error::new(format!("there is no table `{TABLE}`")))?;
    let rows: Vec<Map<String, Json>> = batch.iter().map(|record| record.row(workspace)).collect();
    Ok(vec![(table, rows_from_json(table, &rows)?)])
}
