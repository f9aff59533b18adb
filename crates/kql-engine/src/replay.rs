//! A query that is run over many time ranges of the same tables, as the schedule of a rule does.

use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::LogicalPlan;

use crate::engine::{Bound, Engine, Prepared, Time, result_columns, within_limits};
use crate::planning::optimized;
use crate::ranged_table::with_range;
use crate::repeated::Parted;
use crate::{Catalog, QueryError, QueryOptions, QueryResult, ResultColumn};

/// A parsed query with, where its plan depends on neither `now()` nor on parts that run first, the plan made once.
/// It belongs to the catalog it was made with.
#[derive(Debug, Clone)]
pub struct Replay {
    pub(crate) prepared: Prepared,
    pub(crate) plan: Option<Arc<ReplayPlan>>,
    /// Where the plan depends on `now()` and on nothing else: the plan with the time of the run as its parameter.
    pub(crate) timed: Option<Arc<ReplayPlan>>,
}

/// A plan whose tables still take a time range.
#[derive(Debug)]
pub(crate) struct ReplayPlan {
    /// As it was bound.
    pub bound: LogicalPlan,
    /// The same with repeated parts taken out, where there are any.
    pub parted: Option<Parted>,
    optimized: OnceLock<LogicalPlan>,
    pub columns: Vec<ResultColumn>,
    pub is_ordered: bool,
}

impl ReplayPlan {
    fn new(bound: Bound) -> Arc<Self> {
        let columns = result_columns(&bound.relation);
        let Bound { relation, parted, is_ordered, .. } = bound;
        Arc::new(Self { bound: relation.plan, parted, optimized: OnceLock::new(), columns, is_ordered })
    }

    /// The rows of a repeated part as the plan reads them.
    pub fn part_rows(&self, part: usize, batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>, DataFusionError> {
        self.parted.as_ref().map_or(Ok(Vec::new()), |parted| parted.rows(part, batches))
    }
}

impl Engine {
    /// Makes a query ready to be run over many time ranges of this catalog.
    pub async fn prepare_replay(
        &self,
        text: &str,
        catalog: &dyn Catalog,
        options: &QueryOptions,
    ) -> Result<Replay, QueryError> {
        let prepared = self.prepare(text)?;
        let bound = match self.bind_at(prepared.tree(), catalog, options, Time::AnyRange).await {
            Ok(bound) => bound,
            // A part that runs first needs the range.
            Err(QueryError::Execution(_)) => return Ok(Replay { prepared, plan: None, timed: None }),
            Err(error) => return Err(error),
        };
        if bound.is_timeless {
            return Ok(Replay { prepared, plan: Some(ReplayPlan::new(bound)), timed: None });
        }
        // Where a constant is needed, a time that is not known yet won't do.
        let timed = self.bind_at(prepared.tree(), catalog, options, Time::Parameter).await.ok();
        let timed = timed.filter(|bound| bound.is_timeless).map(ReplayPlan::new);
        Ok(Replay { prepared, plan: None, timed })
    }

    /// Runs a query of [`Engine::prepare_replay`] over the options' time range; the catalog must be the same.
    pub async fn run_replay(
        &self,
        replay: &Replay,
        catalog: &dyn Catalog,
        options: &QueryOptions,
    ) -> Result<QueryResult, QueryError> {
        let Some(ready) = &replay.plan else {
            return self.run(&replay.prepared, catalog, options).await;
        };
        let run = async {
            let failed = |error: DataFusionError| QueryError::from_execution(&error, options.limits.memory_bytes);
            let plan = with_range(self.optimized_once(ready, options)?, options.time_range).map_err(failed)?;
            let (batches, partial) = self.run_optimized(&plan, ready.is_ordered, options).await?;
            Ok(QueryResult::of(ready.columns.clone(), batches, partial))
        };
        within_limits(options, run).await
    }

    fn optimized_once<'p>(&self, ready: &'p ReplayPlan, options: &QueryOptions) -> Result<&'p LogicalPlan, QueryError> {
        if let Some(plan) = ready.optimized.get() {
            return Ok(plan);
        }
        let state = self.state(ready.is_ordered, options)?;
        let plan = optimized(&state, &ready.bound)
            .map_err(|error| QueryError::from_execution(&error, options.limits.memory_bytes))?;
        Ok(ready.optimized.get_or_init(|| plan))
    }
}
