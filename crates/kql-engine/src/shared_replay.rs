//! Replays that read the same tables: what they read is scanned once for all of them, and each is planned once for all windows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::reset_plan_states;
use datafusion::prelude::SessionConfig;

use crate::collect::collect;
use crate::engine::{Engine, part_options, within_limits};
use crate::error::MEMORY;
use crate::functions::ticks::TICKS_PER_MICROSECOND;
use crate::functions::time_of_run::TimeOfRun;
use crate::now_parameter::{plan_uses_now, with_now};
use crate::partial::Partial;
use crate::planning::optimized;
use crate::repeated::PartRows;
use crate::replay::{Replay, ReplayPlan};
use crate::shared::{
    Leaf, Piece, SharedTables, ShownCatalog, WindowRows, gives_nothing, selections_of, with_window_tables,
};
use crate::stoppable_joins::stoppable;
use crate::{Catalog, Limits, QueryError, QueryOptions, QueryResult};

/// Most rows of an answer that is remembered for the next window.
const MAX_REMEMBERED_ROWS: usize = 1_000;

/// Rows, and why they are not all.
type Found = (Vec<RecordBatch>, Option<Partial>);

/// A replay that has joined [`SharedTables`].
#[derive(Debug)]
pub struct SharedReplay {
    replay: Replay,
    tables: Arc<SharedTables>,
    /// How far before a window's end its rows are looked at, in µs.
    reach: i64,
    /// Nothing where the query is planned anew for each window.
    plan: Option<SharedPlan>,
}

/// A physical plan over windows.
#[derive(Debug)]
struct SharedPlan {
    ready: Arc<ReplayPlan>,
    /// The parts that the plan repeats, which run first, and the plan itself as the last.
    physical: Vec<Arc<dyn ExecutionPlan>>,
    /// The same where they depend on the time of the run. What rows they need does not.
    timed: Option<Timed>,
    state: SessionState,
    /// What it reads.
    selections: Vec<usize>,
    /// The same rows give the same answer.
    is_repeatable: bool,
    /// What the last window showed, and the answer.
    last: Mutex<Option<(Vec<Vec<Piece>>, QueryResult)>>,
}

/// Plans that depend on the time of the run. Those that run have a time of their own.
#[derive(Debug)]
struct Timed {
    logical: Vec<LogicalPlan>,
    /// Made for runs that are over; a run that was stopped keeps its own.
    idle: Mutex<Vec<AtTime>>,
}

/// Plans with the time that they run at.
#[derive(Debug)]
struct AtTime {
    physical: Vec<Arc<dyn ExecutionPlan>>,
    time: TimeOfRun,
}

impl Engine {
    /// Tables that replays share, with as many bytes of memory for their rows.
    pub fn shared_tables(&self, memory_bytes: usize) -> Result<Arc<SharedTables>, QueryError> {
        let state = self.state(true, &QueryOptions::new(0))?;
        Ok(Arc::new(SharedTables::new(state, memory_bytes)))
    }

    /// Lets a replay share the rows of tables with others. Its windows begin at most `reach` ticks before they end; earlier rows are
    /// read again.
    ///
    /// All replays should join before the first one runs: what they read is then read in one go.
    pub async fn share_replay(
        &self,
        replay: Replay,
        tables: &Arc<SharedTables>,
        reach: i64,
        options: &QueryOptions,
    ) -> Result<SharedReplay, QueryError> {
        let reach = reach.saturating_add(TICKS_PER_MICROSECOND - 1).div_euclid(TICKS_PER_MICROSECOND);
        let plan = match replay.plan.as_ref().or(replay.timed.as_ref()) {
            // Rows in memory don't travel.
            Some(ready) if !self.encodes() => {
                let mut state = self.state(true, options)?;
                // A dynamic filter keeps what it learned from the window before.
                state.config_mut().options_mut().optimizer.enable_topk_dynamic_filter_pushdown = false;
                state.config_mut().options_mut().optimizer.enable_join_dynamic_filter_pushdown = false;
                state.config_mut().options_mut().optimizer.enable_aggregate_dynamic_filter_pushdown = false;
                state.config_mut().options_mut().optimizer.enable_dynamic_filter_pushdown = false;
                *state.config_mut() = tables.plan_settings(state.config());
                state.mark_start_execution();
                // What cannot be planned says so when it is run alone.
                SharedPlan::new(state, ready, tables, reach).await.ok()
            }
            _ => None,
        };
        Ok(SharedReplay { replay, tables: Arc::clone(tables), reach, plan })
    }

    /// Runs a shared replay over the options' time range, as [`Engine::run_replay`] does, from which the answer does not differ.
    pub async fn run_shared(
        &self,
        shared: &SharedReplay,
        catalog: &dyn Catalog,
        options: &QueryOptions,
    ) -> Result<QueryResult, QueryError> {
        if let (Some(plan), Some(range)) = (&shared.plan, options.time_range) {
            let run = self.run_window(shared, plan, range, options);
            match within_limits(options, run).await {
                Ok(Some(result)) => return Ok(result),
                // Rows that do not fit into the shared memory are scanned; a join that does not fit into the query's may be run
                // in another way; and what fails is told by the scan.
                Ok(None) | Err(QueryError::Limit { unit: MEMORY, .. } | QueryError::Execution(_)) => {}
                Err(error) => return Err(error),
            }
        }
        match options.time_range {
            Some(range) if shared.plan.is_none() && !self.encodes() => {
                let catalog = ShownCatalog { stored: catalog, shared: &shared.tables, range, reach: shared.reach };
                self.run(&shared.replay.prepared, &catalog, options).await
            }
            _ => self.run_replay(&shared.replay, catalog, options).await,
        }
    }

    /// Nothing where the rows are not shared.
    async fn run_window(
        &self,
        shared: &SharedReplay,
        plan: &SharedPlan,
        range: (i64, i64),
        options: &QueryOptions,
    ) -> Result<Option<QueryResult>, QueryError> {
        let pieces = shared.tables.rows(&plan.selections, range).await;
        let failed = |error: DataFusionError| QueryError::from_execution(&error, options.limits.memory_bytes);
        let Some(pieces) = pieces.map_err(failed)? else { return Ok(None) };
        if let Some(known) = plan.remembered(&pieces) {
            return Ok(Some(known));
        }
        let found = plan.found(pieces.clone(), options).await?;
        let Some((batches, partial)) = found else { return Ok(None) };
        let result = QueryResult::of(plan.ready.columns.clone(), batches, partial);
        plan.remember(pieces, &result);
        Ok(Some(result))
    }
}

/// Runs a plan in a task of its own: a plan of one partition over rows in memory hardly waits for anything, and whoever wants to
/// stop it would not be heard.
async fn apart(plan: Arc<dyn ExecutionPlan>, context: Arc<TaskContext>, limits: Limits) -> Result<Found, QueryError> {
    let run = SpawnedTask::spawn(async move { collect(plan, context, &limits).await });
    run.join().await.unwrap_or_else(|error| Err(QueryError::Execution(error.to_string())))
}

/// Plans as they run in that session.
async fn physical(state: &SessionState, plans: &[LogicalPlan]) -> Result<Vec<Arc<dyn ExecutionPlan>>, DataFusionError> {
    let mut physical = Vec::with_capacity(plans.len());
    for plan in plans {
        // These run more than once, each time with another end.
        physical.push(stoppable(state.query_planner().create_physical_plan(plan, state).await?, None)?);
    }
    Ok(physical)
}

impl AtTime {
    async fn new(state: &SessionState, plans: &[LogicalPlan]) -> Result<Self, DataFusionError> {
        let time = TimeOfRun::default();
        let now = time.expr();
        let plans = plans.iter().map(|plan| with_now(plan, &now)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { physical: physical(state, &plans).await?, time })
    }
}

impl Timed {
    /// Plans that nobody else runs, at that time (ticks).
    async fn at(&self, now: i64, state: &SessionState) -> Result<AtTime, DataFusionError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let plans = match idle {
            Some(plans) => plans,
            None => AtTime::new(state, &self.logical).await?,
        };
        plans.time.set(now);
        Ok(plans)
    }

    fn give_back(&self, plans: AtTime) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(plans);
    }
}

impl SharedPlan {
    async fn new(
        state: SessionState,
        ready: &Arc<ReplayPlan>,
        tables: &Arc<SharedTables>,
        reach: i64,
    ) -> Result<Self, DataFusionError> {
        let is_volatile = ready.bound.exists(|node| Ok(node.expressions().iter().any(|expr| expr.is_volatile())))?;
        let uses_now = plan_uses_now(&ready.bound);
        let parts = match &ready.parted {
            Some(parted) => parted.parts.iter().chain([&parted.plan]).collect(),
            None => vec![&ready.bound],
        };
        let optimize = |plan: &&LogicalPlan| optimized(&state, &with_window_tables(plan, tables, reach)?);
        let logical = parts.iter().map(optimize).collect::<Result<Vec<_>, _>>()?;
        let (physical, timed) = if uses_now {
            let first = AtTime::new(&state, &logical).await?;
            (first.physical.clone(), Some(Timed { logical, idle: Mutex::new(vec![first]) }))
        } else {
            (physical(&state, &logical).await?, None)
        };
        let mut selections: Vec<usize> = physical.iter().flat_map(selections_of).collect();
        selections.sort_unstable();
        selections.dedup();
        let (ready, is_repeatable) = (Arc::clone(ready), !uses_now && !is_volatile);
        Ok(Self { ready, physical, timed, state, selections, is_repeatable, last: Mutex::default() })
    }

    /// The answer over these rows; nothing where the rows of a repeated part take too much memory.
    async fn found(&self, pieces: Vec<Vec<Piece>>, options: &QueryOptions) -> Result<Option<Found>, QueryError> {
        let Some(whole) = self.physical.len().checked_sub(1) else { return Ok(None) };
        let mut is_empty: Vec<bool> = Vec::with_capacity(whole);
        for part in &self.physical {
            is_empty.push(gives_nothing(part, &|leaf| self.has_none(leaf, &pieces, &is_empty)));
        }
        if is_empty[whole] {
            return Ok(Some((Vec::new(), None)));
        }
        let Some(timed) = &self.timed else {
            return self.run(&self.physical, pieces, is_empty, options).await;
        };
        let failed = |error: DataFusionError| QueryError::from_execution(&error, options.limits.memory_bytes);
        let plans = timed.at(options.now, &self.state).await.map_err(failed)?;
        let found = self.run(&plans.physical, pieces, is_empty, options).await;
        timed.give_back(plans);
        found
    }

    /// Runs the parts that may give rows, and the plan over them.
    async fn run(
        &self,
        plans: &[Arc<dyn ExecutionPlan>],
        pieces: Vec<Vec<Piece>>,
        mut is_empty: Vec<bool>,
        options: &QueryOptions,
    ) -> Result<Option<Found>, QueryError> {
        let Some((plan, parts)) = plans.split_last() else { return Ok(None) };
        let failed = |error: DataFusionError| QueryError::from_execution(&error, options.limits.memory_bytes);
        let window = WindowRows::new(self.selections.iter().copied().zip(pieces.iter().cloned()));
        let mut config = self.state.config().clone().with_extension(Arc::new(window));
        let mut rows = PartRows::default();
        let inner = part_options(options);
        for (at, part) in parts.iter().enumerate() {
            let mut batches = Vec::new();
            if !is_empty[at] {
                let part = reset_plan_states(Arc::clone(part)).map_err(failed)?;
                let (found, partial) = apart(part, self.context(&config, options), inner.limits).await?;
                if partial.is_some() {
                    return Ok(None);
                }
                is_empty[at] = found.is_empty();
                batches = self.ready.part_rows(at, found).map_err(failed)?;
            }
            rows.0.push(batches.into());
            config.set_extension(Arc::new(rows.clone()));
        }
        if gives_nothing(plan, &|leaf| self.has_none(leaf, &pieces, &is_empty)) {
            return Ok(Some((Vec::new(), None)));
        }
        let plan = reset_plan_states(Arc::clone(plan)).map_err(failed)?;
        apart(plan, self.context(&config, options), options.limits).await.map(Some)
    }

    /// What a plan runs with: these settings, and memory of its own.
    fn context(&self, config: &SessionConfig, options: &QueryOptions) -> Arc<TaskContext> {
        let pool = Arc::new(FairSpillPool::new(options.limits.memory_bytes));
        let runtime = RuntimeEnv { memory_pool: pool, ..RuntimeEnv::clone(self.state.runtime_env()) };
        // Functions are found when a plan is made.
        Arc::new(TaskContext::new(
            None,
            self.state.session_id().to_owned(),
            config.clone(),
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            Arc::new(runtime),
        ))
    }

    /// Whether a selection shows no row of these, or a part has none.
    fn has_none(&self, leaf: Leaf, pieces: &[Vec<Piece>], parts: &[bool]) -> bool {
        match leaf {
            Leaf::Selection(selection) => {
                let at = self.selections.binary_search(&selection);
                at.is_ok_and(|at| pieces.get(at).is_some_and(Vec::is_empty))
            }
            Leaf::Part(part) => parts.get(part).copied().unwrap_or_default(),
        }
    }

    /// The answer of the last window, where this one shows the same rows.
    fn remembered(&self, pieces: &[Vec<Piece>]) -> Option<QueryResult> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (shown, result) = last.as_ref()?;
        let is_same = |(one, other): (&Vec<Piece>, &Vec<Piece>)| {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.is_same(other))
        };
        shown.iter().zip(pieces).all(is_same).then(|| result.clone())
    }

    fn remember(&self, pieces: Vec<Vec<Piece>>, result: &QueryResult) {
        let is_small = result.partial.is_none() && result.row_count() <= MAX_REMEMBERED_ROWS;
        let kept = (self.is_repeatable && is_small).then(|| (pieces, result.clone()));
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }
}
