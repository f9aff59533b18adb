//! From a bound plan to a physical one.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;

/// The plan as the session's optimizer leaves it.
pub(crate) fn optimized(state: &SessionState, plan: &LogicalPlan) -> Result<LogicalPlan> {
    state.optimize(plan).or_else(|_| forgiving(state).optimize(plan))
}

/// How the session runs the plan.
pub(crate) async fn physical_plan(state: &SessionState, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    match state.create_physical_plan(plan).await {
        Ok(plan) => Ok(plan),
        Err(_) => forgiving(state).create_physical_plan(plan).await,
    }
}

/// The same session, in which a rule that fails leaves the plan as it was: rules only make plans faster.
///
/// For that, DataFusion keeps the plan from before each rule, so that each rule has to copy all of it before it can change
/// anything. As rules hardly fail, plans are made again where one did.
fn forgiving(state: &SessionState) -> SessionState {
    let mut state = state.clone();
    state.config_mut().options_mut().optimizer.skip_failed_rules = true;
    state.mark_start_execution();
    state
}
