//! When a table has rows: a histogram of its time column.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, TimeDelta, Utc};
use datafusion::catalog::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use crate::{StorageError, VedetteTable};

/// The start of each bucket that holds rows, sorted, with their number.
pub type Buckets = Vec<(DateTime<Utc>, u64)>;

/// The buckets of this length.
pub(crate) async fn of(table: &VedetteTable, length: TimeDelta) -> Result<Arc<Buckets>, StorageError> {
    let microseconds = length.num_microseconds().unwrap_or(i64::MAX);
    if microseconds <= 0 {
        return Err(StorageError::EmptyBucket { microseconds });
    }
    let stored = of_stored(table, microseconds).await?;
    let Some(fresh) = table.fresh() else { return Ok(stored) };
    let start = |bucket: &(DateTime<Utc>, u64)| (bucket.0.timestamp_micros().div_euclid(microseconds), bucket.1);
    let mut counts: BTreeMap<i64, u64> = stored.iter().map(start).collect();
    for run in &fresh.runs {
        if let Some(times) = run.batch.column_by_name(&table.table().time_column) {
            add(&mut counts, times, microseconds);
        }
    }
    Ok(Arc::new(buckets(counts, microseconds)))
}

/// Of files: counted once a version and length.
async fn of_stored(table: &VedetteTable, microseconds: i64) -> Result<Arc<Buckets>, StorageError> {
    let Some(cached) = table.cached() else { return Ok(Arc::default()) };
    let key = (microseconds, table.days_from());
    let known = cached.buckets.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(buckets) = known {
        return Ok(buckets);
    }
    let buckets = count(table, microseconds).await.map_err(StorageError::scan(&table.table().name))?;
    let buckets = Arc::new(buckets);
    cached.buckets.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&buckets));
    Ok(buckets)
}

async fn count(table: &VedetteTable, length: i64) -> Result<Buckets, DataFusionError> {
    let context = SessionContext::new();
    let column = table.schema().index_of(&table.table().time_column)?;
    let plan = table.scan_stored(&context.state(), Some(&vec![column]), &[], None, None).await?;
    let Some(plan) = plan else { return Ok(Buckets::new()) };
    let mut batches = execute_stream(plan, context.task_ctx())?;
    let mut counts = BTreeMap::new();
    while let Some(batch) = batches.try_next().await? {
        add(&mut counts, batch.column(0), length);
    }
    Ok(buckets(counts, length))
}

fn buckets(counts: BTreeMap<i64, u64>, length: i64) -> Buckets {
    let start = |bucket: i64| DateTime::from_timestamp_micros(bucket.saturating_mul(length));
    counts.into_iter().filter_map(|(bucket, rows)| Some((start(bucket)?, rows))).collect()
}

/// Rows are nearly sorted, so runs of one bucket are counted before the map is touched.
fn add(counts: &mut BTreeMap<i64, u64>, times: &ArrayRef, length: i64) {
    let Some(times) = times.as_primitive_opt::<TimestampMicrosecondType>() else { return };
    let buckets = times.values().iter().map(|time| time.div_euclid(length));
    let mut run: Option<(i64, u64)> = None;
    for bucket in buckets {
        match &mut run {
            Some((current, rows)) if *current == bucket => *rows += 1,
            _ => {
                if let Some((current, rows)) = run.replace((bucket, 1)) {
                    *counts.entry(current).or_default() += rows;
                }
            }
        }
    }
    if let Some((current, rows)) = run {
        *counts.entry(current).or_default() += rows;
    }
}
