//! From a bound plan to a physical one.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{LogicalPlan, Sort};
use datafusion::optimizer::Optimizer;
use datafusion::physical_plan::ExecutionPlan;

use crate::optimizer_rules::is_worth_repeating;
use crate::result_form::ResultForm;
use crate::shared_union::with_shared_unions;

/// The plan as the session's optimizer leaves it.
pub(crate) fn optimized(state: &SessionState, plan: &LogicalPlan) -> Result<LogicalPlan> {
    with_rules(state, plan).or_else(|_| with_rules(&forgiving(state), plan))
}

/// How the session runs the plan.
pub(crate) async fn physical_plan(state: &SessionState, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    match planned(state, plan).await {
        Ok(plan) => Ok(plan),
        Err(_) => planned(&forgiving(state), plan).await,
    }
}

async fn planned(state: &SessionState, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>> {
    let mut plan = with_rules(state, plan)?;
    // Where a plan is made again, what may have failed is left out.
    if !state.optimizer().rules.is_empty() && !state.config_options().optimizer.skip_failed_rules {
        plan = with_shared_unions(plan)?;
    }
    state.query_planner().create_physical_plan(&plan, state).await
}

/// Each rule once, then those again that find more once filters have moved: DataFusion runs all of them three times.
fn with_rules(state: &SessionState, plan: &LogicalPlan) -> Result<LogicalPlan> {
    if let Some(plan) = below_result_form(state, plan)? {
        return Ok(plan);
    }
    let plan = state.analyzer().execute_and_check(plan.clone(), state.config_options(), |_, _| {})?;
    let rules = &state.optimizer().rules;
    if rules.is_empty() {
        return Ok(plan);
    }
    let plan = state.optimizer().optimize(plan, state, |_, _| {})?;
    let again = rules.iter().filter(|rule| is_worth_repeating(rule.name())).cloned().collect();
    Optimizer::with_rules(again).optimize(plan, state, |_, _| {})
}

/// The plan with what gives a wide result its form left as it is: for each rule, DataFusion copies all of a plan below a node
/// that is not its own.
fn below_result_form(state: &SessionState, plan: &LogicalPlan) -> Result<Option<LogicalPlan>> {
    Ok(match plan {
        LogicalPlan::Extension(node) => match ResultForm::of(node) {
            Some(form) => Some(form.over(with_rules(state, form.input().0)?)),
            None => None,
        },
        LogicalPlan::Sort(Sort { expr, input, fetch }) if matches!(input.as_ref(), LogicalPlan::Extension(_)) => {
            let input = Arc::new(with_rules(state, input)?);
            Some(LogicalPlan::Sort(Sort { expr: expr.clone(), input, fetch: *fetch }))
        }
        _ => None,
    })
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
