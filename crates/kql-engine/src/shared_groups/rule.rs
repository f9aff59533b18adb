//! Places the operator.

use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::{ExecutionPlan, InputOrderMode};

use super::exec::SharedGroupsExec;
use super::source::{is_chosen, is_of_scan};

/// Most partitions that share a table. To put the rows of a batch that pass a filter into it takes about a fifth of what reading the batch does
/// (failures among 2 million sign-ins, by profile), so that more would wait for each other.
const MOST_PARTITIONS: usize = 4;
/// Most columns of a key. Each is numbered on its own, which pays where values come again.
const MOST_KEYS: usize = 8;

/// Replaces aggregations by text of rows that a filter or a search for partners leaves, in two steps over several partitions, by one step of
/// all. Of unfiltered rows each partition has so many that they would wait for each other: those are grouped so where they are by a time and texts
/// of a scan, of which there are few, in a table for each partition. Where memory did not suffice (no hash joins, see
/// the engine), they stay: they can go to disk.
#[derive(Debug, Default)]
pub(crate) struct SharedGroups;

impl PhysicalOptimizerRule for SharedGroups {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let partitions = config.execution.target_partitions;
        if !config.optimizer.prefer_hash_join || partitions > MOST_PARTITIONS {
            return Ok(plan);
        }
        let shared = plan.transform_down(|node| {
            Ok(match node.downcast_ref::<AggregateExec>().map(in_one_step).transpose()?.flatten() {
                Some(groups) => Transformed::yes(groups),
                None => Transformed::no(node),
            })
        })?;
        if !shared.transformed {
            return Ok(shared.data);
        }
        shared
            .data
            .transform_down(|node| Ok(counted(&node)?.map_or_else(|| Transformed::no(node), Transformed::yes)))
            .data()
    }

    fn name(&self) -> &str {
        "SharedGroups"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether a node may be replaced by the rule.
pub(crate) fn may_share_groups(node: &LogicalPlan) -> bool {
    let LogicalPlan::Aggregate(aggregate) = node else { return false };
    aggregate.schema.fields().iter().take(aggregate.group_expr.len()).any(|key| *key.data_type() == DataType::Utf8View)
}

fn in_one_step(whole: &AggregateExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if !matches!(whole.mode(), AggregateMode::Final | AggregateMode::FinalPartitioned) {
        return Ok(None);
    }
    let Some(partial) = whole.input().downcast_ref::<AggregateExec>() else { return Ok(None) };
    if !is_plain(whole) || !is_plain(partial) || *partial.mode() != AggregateMode::Partial {
        return Ok(None);
    }
    let (keys, input) = (partial.group_expr(), partial.input());
    if !is_chosen(input) && !is_histogram(partial)? {
        return Ok(None);
    }
    let types = keys.expr().iter().map(|(key, _)| key.data_type(&input.schema())).collect::<Result<Vec<_>>>()?;
    if types.len() > MOST_KEYS || !types.contains(&DataType::Utf8View) {
        return Ok(None);
    }
    let calls = partial.aggr_expr();
    let can_be_shared = |groups: &AggregateExec| {
        groups
            .aggr_expr()
            .iter()
            .all(|call| !call.is_distinct() && call.order_bys().is_empty() && call.groups_accumulator_supported())
    };
    // The least or greatest value by one key: a limit above may reach into that.
    let may_be_limited = calls.len() == 1 && partial.get_minmax_desc().is_some();
    if !can_be_shared(partial) || may_be_limited {
        return Ok(None);
    }
    let one_step = AggregateExec::try_new(
        AggregateMode::Single,
        keys.clone(),
        calls.to_vec(),
        partial.filter_expr().to_vec(),
        Arc::clone(input),
        input.schema(),
    )?;
    if one_step.schema() != whole.schema() {
        return Ok(None);
    }
    Ok(Some(Arc::new(SharedGroupsExec::new(one_step))))
}

/// Whether all rows of a scan are grouped by times, mostly of an hour or a day, and texts.
fn is_histogram(groups: &AggregateExec) -> Result<bool> {
    let (input, mut has_time) = (groups.input(), false);
    for (key, _) in groups.group_expr().expr() {
        match key.data_type(&input.schema())? {
            DataType::Timestamp(TimeUnit::Microsecond, _) => has_time |= key.downcast_ref::<Column>().is_none(),
            DataType::Utf8View if key.downcast_ref::<Column>().is_some() => {}
            _ => return Ok(false),
        }
    }
    Ok(has_time && is_of_scan(input))
}

/// The aggregation with groups below that are only counted; nothing where it asks for more of them (`distinct User | count`).
fn counted(node: &Arc<dyn ExecutionPlan>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let Some(aggregate) = node.downcast_ref::<AggregateExec>() else { return Ok(None) };
    let Some(groups) = aggregate.input().downcast_ref::<SharedGroupsExec>() else { return Ok(None) };
    let arguments = aggregate.aggr_expr().iter().flat_map(|call| call.expressions());
    let mut exprs = arguments.chain(aggregate.filter_expr().iter().flatten().cloned());
    let asks_for_columns = exprs.any(|expr| !collect_columns(&expr).is_empty());
    let is_first_step = matches!(aggregate.mode(), AggregateMode::Partial | AggregateMode::Single);
    if !aggregate.group_expr().expr().is_empty() || asks_for_columns || !is_first_step {
        return Ok(None);
    }
    let groups: Arc<dyn ExecutionPlan> = Arc::new(groups.counted());
    let counted = AggregateExec::try_new(
        *aggregate.mode(),
        aggregate.group_expr().clone(),
        aggregate.aggr_expr().to_vec(),
        aggregate.filter_expr().to_vec(),
        Arc::clone(&groups),
        groups.schema(),
    )?;
    Ok((counted.schema() == aggregate.schema()).then(|| Arc::new(counted) as Arc<dyn ExecutionPlan>))
}

/// Keys are there, and neither sets of them, nor a limit, nor an order of the rows by them.
fn is_plain(groups: &AggregateExec) -> bool {
    groups.group_expr().is_single()
        && !groups.group_expr().expr().is_empty()
        && groups.limit_options().is_none()
        && *groups.input_order_mode() == InputOrderMode::Linear
}
