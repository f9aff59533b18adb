//! Parses, binds, plans and runs queries.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNode;
use datafusion::config::ConfigOptions;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionConfig;
use kql_functions::{GeoDatabase, Type};
use kql_syntax::{Diagnostic, Query, Severity};

use crate::answer::{Answer, Question};
use crate::binder::{Binder, Stop};
use crate::catalog::Catalog;
use crate::collect::collect;
use crate::computed::Watch;
use crate::diagnostics as codes;
use crate::error::{MEMORY, QueryError};
use crate::external::{ExternalQuestion, answer};
use crate::first_rows::asks_for_first_rows;
use crate::functions::geo_database_option::GeoDatabaseOption;
use crate::now_parameter::plan_uses_now;
use crate::options::{EngineOptions, QueryOptions};
use crate::partial::Partial;
use crate::plan_codec::PlanCodec;
use crate::planning::physical_plan;
use crate::ranged_table::reads_range;
use crate::repeated::Parted;
use crate::result::{QueryResult, ResultColumn, ResultTable};
use crate::result_form::KqlPlanner;
use crate::scope::Relation;
use crate::shared_groups::{GivingKeys, KeyedScans, may_share_groups};
use crate::stoppable_joins::{RunEnd, stoppable};
use crate::time_window_join::TextsApart;

/// Most parts of one query that have to run before the rest (`toscalar`, `in (table)`, plugins).
const MAX_QUESTIONS: usize = 200;

/// The share of a query's memory that the rows of a repeated part may take, so that the rest has some to work with.
const PART_SHARE: usize = 4;

/// Runs queries; one per process, used by all.
#[derive(Debug, Clone)]
pub struct Engine {
    parallel: SessionState,
    ordered: SessionState,
    encode: bool,
}

/// A query that is parsed, to be run often.
#[derive(Debug, Clone)]
pub struct Prepared {
    query: Arc<Query>,
}

/// A bound query.
pub(crate) struct Bound {
    pub relation: Relation,
    pub is_ordered: bool,
    /// The plan is the same whatever `now()` and the time range are.
    pub is_timeless: bool,
    /// The plan with repeated parts taken out, where there are any.
    pub parted: Option<Parted>,
    visualization: Option<serde_json::Value>,
    warnings: Vec<Diagnostic>,
    more_tables: Vec<(String, Relation)>,
}

impl Prepared {
    /// The parsed query.
    pub(crate) fn tree(&self) -> &Query {
        &self.query
    }
}

impl Engine {
    /// An engine. Fails only where temporary files cannot be set up.
    pub fn new(options: &EngineOptions) -> Result<Self, QueryError> {
        let runtime = RuntimeEnvBuilder::new()
            .with_max_temp_directory_size(options.spill_bytes)
            .build_arc()
            .map_err(|error| QueryError::Execution(error.strip_backtrace()))?;
        let state = |partitions| session_state(options, partitions, Arc::clone(&runtime));
        Ok(Self { parallel: state(options.threads.max(1)), ordered: state(1), encode: options.encode })
    }

    /// The same engine with a database of places, which `geo_info_from_ip_address` reads.
    #[must_use]
    pub fn with_geo_database(self, database: Arc<dyn GeoDatabase>) -> Self {
        let option = GeoDatabaseOption(database);
        let with_option = |state: SessionState| {
            let config = state.config().clone().with_option_extension(option.clone());
            SessionStateBuilder::new_from_existing(state).with_config(config).build()
        };
        Self { parallel: with_option(self.parallel), ordered: with_option(self.ordered), ..self }
    }

    /// The same engine, in which the rules of whoever brings the tables see a physical plan after all others but that which carries on what they
    /// do. The functions that they put into plans are found by name where a plan is decoded.
    #[must_use]
    pub fn with_scan_rules(
        self,
        rules: &[Arc<dyn PhysicalOptimizerRule + Send + Sync>],
        functions: &[Arc<ScalarUDF>],
    ) -> Self {
        let with_rules = |state: SessionState| {
            let mut all: Vec<_> = state.physical_optimizers().iter().chain(rules).cloned().collect();
            all.push(Arc::new(TextsApart));
            let functions = state.scalar_functions().values().chain(functions).cloned().collect();
            SessionStateBuilder::new_from_existing(state)
                .with_physical_optimizer_rules(all)
                .with_scalar_functions(functions)
                .build()
        };
        Self { parallel: with_rules(self.parallel), ordered: with_rules(self.ordered), ..self }
    }

    /// The same engine, whose groups and semi joins by texts ask scans for the keys of those: see [`GivingKeys`].
    #[must_use]
    pub fn with_keyed_scans(self, giving_keys: GivingKeys) -> Self {
        let scans = Arc::new(KeyedScans(giving_keys));
        let with_scans = |state: SessionState| {
            let config = state.config().clone().with_extension(Arc::clone(&scans));
            SessionStateBuilder::new_from_existing(state).with_config(config).build()
        };
        Self { parallel: with_scans(self.parallel), ordered: with_scans(self.ordered), ..self }
    }

    /// What plans run with: object stores that tables need are registered here.
    pub fn runtime(&self) -> &Arc<RuntimeEnv> {
        self.parallel.runtime_env()
    }

    /// Parses a query.
    pub fn prepare(&self, text: &str) -> Result<Prepared, QueryError> {
        let parsed = kql_syntax::parse(text);
        if parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(QueryError::Invalid(parsed.diagnostics));
        }
        Ok(Prepared { query: Arc::new(parsed.query) })
    }

    /// Runs a query.
    pub async fn query(
        &self,
        text: &str,
        catalog: &dyn Catalog,
        options: &QueryOptions,
    ) -> Result<QueryResult, QueryError> {
        let prepared = self.prepare(text)?;
        self.run(&prepared, catalog, options).await
    }

    /// Runs a parsed query.
    pub async fn run(
        &self,
        prepared: &Prepared,
        catalog: &dyn Catalog,
        options: &QueryOptions,
    ) -> Result<QueryResult, QueryError> {
        let run = async {
            let bound = self.bind(&prepared.query, catalog, options).await?;
            let columns = result_columns(&bound.relation);
            let (plan, parted) = (&bound.relation.plan, bound.parted.as_ref());
            let (batches, partial) = self.run_parted(plan, parted, bound.is_ordered, options).await?;
            let mut more = Vec::with_capacity(bound.more_tables.len());
            for (name, table) in &bound.more_tables {
                let (batches, partial) = self.run_plan(&table.plan, bound.is_ordered, options).await?;
                more.push(ResultTable { name: name.clone(), columns: result_columns(table), batches, partial });
            }
            let Bound { visualization, warnings, .. } = bound;
            Ok(QueryResult { columns, batches, partial, visualization, warnings, more })
        };
        within_limits(options, run).await
    }

    /// Binds a query, running the parts that have to run first.
    pub(crate) async fn bind(
        &self,
        query: &Query,
        catalog: &dyn Catalog,
        options: &QueryOptions,
    ) -> Result<Bound, QueryError> {
        self.bind_at(query, catalog, options, Time::Known).await
    }

    /// The same for a plan that will be run at many times, on which no part that runs first may depend.
    pub(crate) async fn bind_at(
        &self,
        query: &Query,
        catalog: &dyn Catalog,
        options: &QueryOptions,
        time: Time,
    ) -> Result<Bound, QueryError> {
        let mut answers: Vec<Answer> = Vec::new();
        // What an inner part holds is memory of the query, not its result.
        let deadline = Instant::now().checked_add(options.limits.duration);
        let mut inner = options.clone();
        inner.limits.result_bytes = options.limits.memory_bytes;
        inner.limits.rows = usize::MAX;
        loop {
            // What the next round of binding needs: an external file, or the rows of a part of the query.
            let question = match self.bind_once(query, catalog, options, &answers, (deadline, time)) {
                Ok(bound) => return Ok(bound),
                Err(Stop::Invalid(diagnostics)) => return Err(QueryError::Invalid(diagnostics)),
                Err(Stop::OutOfTime) if options.cancel.is_cancelled() => return Err(QueryError::Cancelled),
                Err(Stop::OutOfTime) => return Err(out_of_time(options.limits.duration)),
                Err(Stop::Pending(question)) => Ask::Rows(question),
                Err(Stop::External(question)) => Ask::Files(question),
            };
            if answers.len() >= MAX_QUESTIONS {
                let message = format!("query has more than {MAX_QUESTIONS} parts that have to run first");
                let problem = Diagnostic::error(codes::TOO_DEEP, kql_syntax::Span::default(), message);
                return Err(QueryError::Invalid(vec![problem]));
            }
            answers.push(match question {
                Ask::Rows(question) => {
                    let Question { relation, parted, is_ordered } = *question;
                    if time.is_open() && (reads_range(&relation.plan) || plan_uses_now(&relation.plan)) {
                        let message = "a part that runs first depends on the time of the run";
                        return Err(QueryError::Execution(message.to_owned()));
                    }
                    match self.run_parted(&relation.plan, parted.as_ref(), is_ordered, &inner).await? {
                        (batches, None) => Answer { columns: relation.columns, batches },
                        (_, Some(partial)) => return Err(partial.into()),
                    }
                }
                Ask::Files(question) => {
                    let watch = Watch::new(deadline, &options.cancel);
                    match answer(&question, catalog, watch).await {
                        Ok(answer) => answer,
                        Err(Stop::Invalid(diagnostics)) => return Err(QueryError::Invalid(diagnostics)),
                        Err(_) => return Err(out_of_time(options.limits.duration)),
                    }
                }
            });
        }
    }

    /// Binding is one synchronous step, so that nothing of it lives across an await.
    fn bind_once(
        &self,
        query: &Query,
        catalog: &dyn Catalog,
        options: &QueryOptions,
        answers: &[Answer],
        (deadline, time): (Option<Instant>, Time),
    ) -> Result<Bound, Stop> {
        let mut binder = Binder::new(catalog, options, answers, false);
        binder.now_is_parameter = time == Time::Parameter;
        binder.time_is_open = time.is_open();
        binder.watch = Watch::new(deadline, &options.cancel);
        binder.session = Some(self.settings());
        let relation = binder.query(query)?;
        let is_timeless = !binder.used_now && binder.more_tables.is_empty();
        let Binder { is_ordered, visualization, mut warnings, more_tables, parted, .. } = binder;
        warnings.retain(|found| found.severity == Severity::Warning);
        Ok(Bound { relation, is_ordered, is_timeless, parted, visualization, warnings, more_tables })
    }

    /// What constants are folded with.
    pub(crate) fn settings(&self) -> Arc<ConfigOptions> {
        Arc::clone(self.parallel.config_options())
    }

    /// The session of one query: its own memory pool over the shared rest.
    pub(crate) fn state(&self, is_ordered: bool, options: &QueryOptions) -> Result<SessionState, QueryError> {
        let base = if is_ordered { &self.ordered } else { &self.parallel };
        let pool = Arc::new(FairSpillPool::new(options.limits.memory_bytes));
        let runtime = RuntimeEnvBuilder::from_runtime_env(base.runtime_env())
            .with_memory_pool(pool)
            .build_arc()
            .map_err(|error| QueryError::Execution(error.strip_backtrace()))?;
        let mut state = SessionStateBuilder::new_from_existing(base.clone()).with_runtime_env(runtime).build();
        // What each sort sets aside for its final merge; a dozen of them must fit into a small memory.
        let reserved = (options.limits.memory_bytes / 64).min(10 << 20);
        state.config_mut().options_mut().execution.sort_spill_reservation_bytes = reserved;
        // Else each function of a plan gets default options of its own, and two of them are compared entry by entry.
        state.mark_start_execution();
        Ok(state)
    }

    /// The plan, as another node would get it where the options ask for that.
    fn travelled(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        state: &SessionState,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        if !self.encode {
            return Ok(plan);
        }
        PlanCodec::decode(&PlanCodec::encode(plan)?, &state.task_ctx())
    }

    /// Runs a plan, the parts that it repeats first; the plan as it is where their rows take too much memory.
    async fn run_parted(
        &self,
        plan: &LogicalPlan,
        parted: Option<&Parted>,
        is_ordered: bool,
        options: &QueryOptions,
    ) -> Result<(Vec<RecordBatch>, Option<Partial>), QueryError> {
        let Some(parted) = parted else { return self.run_plan(plan, is_ordered, options).await };
        let inner = part_options(options);
        let mut rows = Vec::with_capacity(parted.parts.len());
        for part in &parted.parts {
            match self.run_plan(part, is_ordered, &inner).await {
                Ok((batches, None)) => rows.push(batches),
                Ok((_, Some(_))) | Err(QueryError::Limit { unit: MEMORY, .. } | QueryError::Execution(_)) => break,
                Err(error) => return Err(error),
            }
        }
        match parted.over(rows) {
            Ok(Some(rest)) => self.run_plan(&rest, is_ordered, options).await,
            _ => self.run_plan(plan, is_ordered, options).await,
        }
    }

    async fn run_plan(
        &self,
        plan: &LogicalPlan,
        is_ordered: bool,
        options: &QueryOptions,
    ) -> Result<(Vec<RecordBatch>, Option<Partial>), QueryError> {
        self.run_as(plan, Readiness::Bound, is_ordered, options).await
    }

    /// Runs a plan that was optimized before.
    pub(crate) async fn run_optimized(
        &self,
        plan: &LogicalPlan,
        is_ordered: bool,
        options: &QueryOptions,
    ) -> Result<(Vec<RecordBatch>, Option<Partial>), QueryError> {
        self.run_as(plan, Readiness::Optimized, is_ordered, options).await
    }

    async fn run_as(
        &self,
        plan: &LogicalPlan,
        readiness: Readiness,
        is_ordered: bool,
        options: &QueryOptions,
    ) -> Result<(Vec<RecordBatch>, Option<Partial>), QueryError> {
        let state = self.state(is_ordered, options)?;
        match self.run_in(plan, readiness, state, options).await {
            // Hash joins keep one side in memory, first rows their keys and shared groups all of them; sort-merge joins and
            // DataFusion's groups can spill. In one partition, so that the memory has to serve few sorts.
            Err(QueryError::Limit { unit: MEMORY, .. }) if may_spill_more(plan) => {
                let mut state = self.state(true, options)?;
                state.config_mut().options_mut().optimizer.prefer_hash_join = false;
                state.mark_start_execution();
                self.run_in(plan, readiness, state, options).await
            }
            outcome => outcome,
        }
    }

    async fn run_in(
        &self,
        plan: &LogicalPlan,
        readiness: Readiness,
        state: SessionState,
        options: &QueryOptions,
    ) -> Result<(Vec<RecordBatch>, Option<Partial>), QueryError> {
        let failed = |error: DataFusionError| QueryError::from_execution(&error, options.limits.memory_bytes);
        let physical = match readiness {
            Readiness::Bound => physical_plan(&state, plan).await,
            Readiness::Optimized => state.query_planner().create_physical_plan(plan, &state).await,
        };
        let physical = self.travelled(physical.map_err(failed)?, &state).map_err(failed)?;
        let physical = stoppable(physical, Some(&RunEnd::of(options))).map_err(failed)?;
        collect(physical, state.task_ctx(), &options.limits).await
    }

    /// Whether plans are sent through their wire form.
    pub(crate) fn encodes(&self) -> bool {
        self.encode
    }
}

/// With what a repeated part of a query runs: its rows may take a share of the query's memory.
pub(crate) fn part_options(options: &QueryOptions) -> QueryOptions {
    let mut inner = options.clone();
    inner.limits.rows = usize::MAX;
    inner.limits.result_bytes = options.limits.memory_bytes / PART_SHARE;
    inner
}

/// What is known of the time of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// The options say it.
    Known,
    /// `now()` is what the options say, the range of rows is not known.
    AnyRange,
    /// The range is not known, and `now()` is a parameter of the plan.
    Parameter,
}

impl Time {
    fn is_open(self) -> bool {
        self != Time::Known
    }
}

/// What was done to a plan.
#[derive(Debug, Clone, Copy)]
enum Readiness {
    /// It was bound.
    Bound,
    /// It went through the optimizer.
    Optimized,
}

/// What has to be known before binding can go on.
enum Ask {
    Rows(Box<Question>),
    Files(Box<ExternalQuestion>),
}

fn session_state(options: &EngineOptions, partitions: usize, runtime: Arc<RuntimeEnv>) -> SessionState {
    let mut config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_batch_size(options.batch_rows.max(1))
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false);
    // What is worth a second pass is in `planning`.
    config.options_mut().optimizer.max_passes = 1;
    // The optimizer and the physical planner do not always agree on what can be null; it does no harm.
    config.options_mut().execution.skip_physical_aggregate_schema_check = true;
    let builder = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_query_planner(Arc::new(KqlPlanner));
    let rules = if options.optimize { crate::optimizer_rules::rules() } else { Vec::new() };
    builder.with_optimizer_rules(rules).with_physical_optimizer_rules(crate::optimizer_rules::physical_rules()).build()
}

pub(crate) fn result_columns(relation: &Relation) -> Vec<ResultColumn> {
    let column = |name: &String, ty: Type| ResultColumn { name: name.clone(), ty };
    relation.columns.iter().map(|c| column(&c.name, c.ty)).collect()
}

/// Whether a plan may run in ways that keep in memory what another plan could have on disk.
fn may_spill_more(plan: &LogicalPlan) -> bool {
    let keeps = |node: &LogicalPlan| {
        matches!(node, LogicalPlan::Join(_)) || asks_for_first_rows(node) || may_share_groups(node)
    };
    plan.exists(|node| Ok(keeps(node))).unwrap_or(false)
}

/// Ends a run when its time is over or when it is cancelled, whichever is first.
pub(crate) async fn within_limits<T>(
    options: &QueryOptions,
    run: impl Future<Output = Result<T, QueryError>>,
) -> Result<T, QueryError> {
    if options.cancel.is_cancelled() {
        return Err(QueryError::Cancelled);
    }
    tokio::select! {
        biased;
        () = options.cancel.cancelled() => Err(QueryError::Cancelled),
        outcome = tokio::time::timeout(options.limits.duration, run) => {
            outcome.unwrap_or_else(|_| Err(out_of_time(options.limits.duration)))
        }
    }
}

/// The error of a run that took longer than it may.
pub(crate) fn out_of_time(duration: Duration) -> QueryError {
    QueryError::Limit { limit: duration.as_secs(), unit: "seconds" }
}
