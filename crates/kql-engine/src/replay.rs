//! A query that is run over many time ranges of the same tables, as the schedule of a rule does.

use datafusion::logical_expr::LogicalPlan;

use crate::engine::Prepared;
use crate::result::ResultColumn;

/// A parsed query with, where its plan depends on neither `now()` nor on parts that run first, the plan optimized once.
/// It belongs to the catalog it was made with.
#[derive(Debug, Clone)]
pub struct Replay {
    pub(crate) prepared: Prepared,
    pub(crate) plan: Option<ReplayPlan>,
}

/// An optimized plan whose tables still take a time range.
#[derive(Debug, Clone)]
pub(crate) struct ReplayPlan {
    pub plan: LogicalPlan,
    pub columns: Vec<ResultColumn>,
    pub is_ordered: bool,
}
