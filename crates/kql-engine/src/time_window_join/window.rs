//! The window of time that the filter of a join leaves.

use std::fmt;
use std::sync::Arc;

use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use datafusion::physical_plan::joins::utils::JoinFilter;

use super::difference::BoundedDifference;
use kql_functions::timespan::format_timespan;

/// A time of each side and the bounds of their difference: no pair of rows beyond them passes the join's filter, those within
/// may.
#[derive(Debug, Clone)]
pub(crate) struct TimeWindow {
    /// Over the left input: a stored datetime or ticks.
    pub left: Arc<dyn PhysicalExpr>,
    /// Over the right input, the same.
    pub right: Arc<dyn PhysicalExpr>,
    /// Least ticks from the left time to the right one.
    pub low: Option<i64>,
    /// Most ticks from the left time to the right one.
    pub high: Option<i64>,
}

impl TimeWindow {
    /// The window in a filter; the narrowest where there are several pairs of times, and nothing where there is none.
    pub fn of(filter: &JoinFilter) -> Option<Self> {
        let mut found: Vec<BoundedDifference> = Vec::new();
        for condition in split_conjunction(filter.expression()) {
            let Some(next) = BoundedDifference::of(condition, filter) else { continue };
            match found.iter_mut().find(|known| same(&known.left, &next.left) && same(&known.right, &next.right)) {
                Some(known) => {
                    let (low, high) = known.bounds;
                    known.bounds = (either(low, next.bounds.0, i128::max), either(high, next.bounds.1, i128::min));
                }
                None => found.push(next),
            }
        }
        let width = |difference: &BoundedDifference| match difference.bounds {
            (Some(low), Some(high)) => high.saturating_sub(low),
            _ => i128::MAX,
        };
        let BoundedDifference { left, right, bounds: (low, high) } = found.into_iter().min_by_key(width)?;
        // Bounds beyond those of ticks are cut to them: all differences of two times lie within.
        let ticks = |bound: i128| bound.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        Some(Self { left, right, low: low.map(ticks), high: high.map(ticks) })
    }
}

/// Whether two expressions are the same.
fn same(a: &Arc<dyn PhysicalExpr>, b: &Arc<dyn PhysicalExpr>) -> bool {
    a.as_ref() == b.as_ref()
}

fn either(a: Option<i128>, b: Option<i128>, both: fn(i128, i128) -> i128) -> Option<i128> {
    match (a, b) {
        (Some(a), Some(b)) => Some(both(a, b)),
        (bound, None) | (None, bound) => bound,
    }
}

impl fmt::Display for TimeWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = |bound: Option<i64>| bound.map_or_else(|| "..".to_owned(), format_timespan);
        write!(f, "{} - {} in [{}, {}]", self.right, self.left, span(self.low), span(self.high))
    }
}
