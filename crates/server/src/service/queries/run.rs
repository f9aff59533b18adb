//! From a question to an answer.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use access::Permission;
use api::{Answer, CutOff, Failure, FailureKind, QueryStatistics, ResultSet, WireColumn};
use arrow::array::RecordBatch;
use kql_engine::{CancelToken, Limits, Partial, QueryError, QueryOptions, QueryResult, ResultColumn, RetainedBytes};
use tokio::task::JoinHandle;

use super::admission::Turn;
use super::asked_tables::{AskedTables, AskedTotals};
use super::failure::failure_of;
use super::parameters;
use super::query_log::QueryRecord;
use super::question::Question;
use crate::datascope::archive_set_in;
use crate::service::app::App;
use crate::service::config::LEAST_QUERY_MEMORY;
use crate::ticks::to_ticks;

/// An answer, with the memory that it holds.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What the query gave.
    pub(crate) answer: Answer,
    /// Given back when the body is written or its client is gone.
    pub(crate) turn: Turn,
}

/// Runs a query: waits for its turn, runs it on the threads of queries, notes it in `LAQueryLogs`. Whoever drops the future cancels it.
///
/// # Errors
/// Why there is no result.
pub(crate) async fn ask(app: &App, question: Question) -> Result<Outcome, Failure> {
    // A client that goes away is noted, too: what it asked for may be why.
    let mut note = Note { app, record: Some(QueryRecord::new(&question)), started: Instant::now() };
    let outcome = run(app, &question, note.started).await;
    match &outcome {
        Ok((outcome, totals)) => {
            let rows = outcome.answer.tables.iter().map(ResultSet::row_count).sum();
            note.done(200, rows, *totals);
        }
        Err(failure) => note.done(failure.status(), 0, AskedTotals::default()),
    }
    outcome.map(|(outcome, _)| outcome)
}

/// Notes a query when it is done, or when its client left before.
struct Note<'a> {
    app: &'a App,
    record: Option<QueryRecord>,
    started: Instant,
}

impl Note<'_> {
    fn done(&mut self, response_code: u16, rows: usize, totals: AskedTotals) {
        if let Some(mut record) = self.record.take() {
            record.response_code = response_code;
            record.duration = self.started.elapsed();
            record.rows = rows;
            record.data_bytes = totals.bytes;
            self.app.queries().log().push(record);
        }
    }
}

impl Drop for Note<'_> {
    fn drop(&mut self) {
        let status = Failure::new(FailureKind::Cancelled, "").status();
        self.done(status, 0, AskedTotals::default());
    }
}

async fn run(app: &App, question: &Question, started: Instant) -> Result<(Outcome, AskedTotals), Failure> {
    let limits = app.config().queries.clone();
    let allowed = limits.duration.0;
    let duration = question.duration.map_or(allowed, |asked| asked.min(allowed));
    let (rows, bytes) = if question.wants_all {
        (question.rows.unwrap_or(usize::MAX), limits.whole_result.0)
    } else {
        (question.rows.unwrap_or(limits.rows).min(limits.rows), limits.result.0)
    };
    let bytes = question.bytes.map_or(bytes, |asked| bytes.min(asked as u64));
    let prepared = app.engine().prepare(&question.text).map_err(|error| failure_of(error, &question.text, duration))?;
    let mut options = QueryOptions::new(to_ticks(question.now));
    let query = kql_syntax::parse(&question.text).query;
    options.parameters = parameters::values(&query, &question.parameters_by_name())?;
    let includes_archive = includes_archive(&query, question)?;
    options.time_range = question.time_range;

    let lane = app.queries().lane(question);
    let turn = tokio::time::timeout(duration, lane.turn(&question.caller.id, bytes + LEAST_QUERY_MEMORY));
    let turn = turn.await.map_err(|_| timed_out(duration))??;
    options.limits = Limits {
        // What waiting took is not given again.
        duration: duration.saturating_sub(started.elapsed()),
        memory_bytes: usize::try_from(turn.memory() - bytes).unwrap_or(usize::MAX),
        rows,
        result_bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
    };
    let memory_bytes = turn.memory();
    let catalog = app.queries().catalog(app, &question.caller.tables).await?;
    let catalog = Arc::new(AskedTables::new(if includes_archive { catalog.with_archive() } else { catalog }));
    let (engine, cancel, asked) = (Arc::clone(app.engine()), options.cancel.clone(), Arc::clone(&catalog));
    let begun = Instant::now();
    let task = app.queries().threads().spawn(async move {
        let result = engine.run(&prepared, asked.as_ref(), &options).await;
        // The turn ends with the task: one that is being cancelled still holds memory.
        result.map(|result| (result, turn))
    });
    let (result, mut turn) = Running { task, cancel }.await.map_err(|error| match error {
        QueryError::Limit { unit: "seconds", .. } => timed_out(duration),
        other => failure_of(other, &question.text, duration),
    })?;
    let totals = catalog.totals();
    let statistics = QueryStatistics {
        execution: begun.elapsed(),
        rows_total: totals.rows,
        extents_total: totals.files,
        memory_bytes,
    };
    let answer = answer_of(result, statistics);
    let mut kept = RetainedBytes::default();
    answer.tables.iter().flat_map(|table| &table.batches).for_each(|batch| {
        kept.add(batch);
    });
    turn.keep_only(kept.total() as u64);
    Ok((Outcome { answer, turn }, totals))
}

/// Whether archived rows are asked for, by somebody who may.
fn includes_archive(query: &kql_syntax::Query, question: &Question) -> Result<bool, Failure> {
    let set = archive_set_in(query).map_err(Failure::bad_request)?;
    let is_asked = set.unwrap_or(question.includes_archive);
    if is_asked && !question.caller.may(Permission::Respond) {
        let message = "archived rows are for the role Responder and those above it\nleave `query_datascope` out to ask of the others";
        return Err(Failure::new(FailureKind::Forbidden, message));
    }
    Ok(is_asked)
}

/// The failure of a query of ours over what a command gave.
pub(crate) fn failure_in_words(error: QueryError, text: &str) -> Failure {
    failure_of(error, text, Duration::ZERO)
}

fn timed_out(limit: Duration) -> Failure {
    let message = format!("query needs more than its limit of {} seconds", limit.as_secs_f64());
    Failure::new(FailureKind::Timeout { limit }, message)
}

/// A query on the threads of queries; it is cancelled when this is dropped before it is done.
struct Running {
    task: JoinHandle<Result<(QueryResult, Turn), QueryError>>,
    cancel: CancelToken,
}

impl Future for Running {
    type Output = Result<(QueryResult, Turn), QueryError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.task).poll(context).map(|joined| {
            joined.unwrap_or_else(|error| Err(QueryError::Execution(format!("the query's task ended: {error}"))))
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The token stops what computes without awaiting, the abort what awaits.
        self.cancel.cancel();
        self.task.abort();
    }
}

/// The engine's result as the surfaces write it.
pub(crate) fn answer_of(result: QueryResult, statistics: QueryStatistics) -> Answer {
    let cut_off = result.partial.or_else(|| result.more.iter().find_map(|table| table.partial));
    let mut tables = vec![set_of("PrimaryResult".to_owned(), result.columns, result.batches)];
    tables.extend(result.more.into_iter().map(|table| set_of(table.name, table.columns, table.batches)));
    Answer { tables, cut_off: cut_off.map(cut_off_of), visualization: result.visualization, statistics }
}

fn set_of(name: String, columns: Vec<ResultColumn>, batches: Vec<RecordBatch>) -> ResultSet {
    let columns = columns.into_iter().map(|column| WireColumn { name: column.name, ty: column.ty }).collect();
    ResultSet { name, columns, batches: VecDeque::from(batches) }
}

fn cut_off_of(partial: Partial) -> CutOff {
    CutOff { limit: partial.limit, is_rows: partial.unit == "rows" }
}
