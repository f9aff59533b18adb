//! A stored table seen within a time range.
//!
//! The range is part of the table and not of the plan, so that a plan optimized once can be run over many ranges.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema};
use datafusion::datasource::{TableType, provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExecBuilder;

use crate::functions::ticks::{ceil_us, us_literal};
use crate::wide_union::WideUnion;

/// A time range in ticks, `[start, end)`.
pub(crate) type TimeRange = Option<(i64, i64)>;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct RangedTable {
    inner: Arc<dyn TableProvider>,
    time_column: String,
    range: TimeRange,
}

impl RangedTable {
    /// `inner` within the range; `time_column` is a stored datetime of it.
    pub fn new(inner: Arc<dyn TableProvider>, time_column: &str, range: TimeRange) -> Self {
        Self { inner, time_column: time_column.to_owned(), range }
    }

    /// The table whatever the range.
    pub fn unbounded(&self) -> &Arc<dyn TableProvider> {
        &self.inner
    }

    /// Whether the table has the time column.
    pub fn has_time(&self) -> bool {
        self.time_index().is_ok()
    }

    /// The position of the time column.
    pub fn time_index(&self) -> Result<usize> {
        Ok(self.inner.schema().index_of(&self.time_column)?)
    }

    /// The conditions of a range `[start, end)` of microseconds since 1970.
    pub fn bounds(&self, (start, end): (i64, i64)) -> [Expr; 2] {
        let time = || Expr::Column(Column::new_unqualified(&self.time_column));
        [time().gt_eq(us_literal(start)), time().lt(us_literal(end))]
    }
}

#[async_trait]
impl TableProvider for RangedTable {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }

    fn table_type(&self) -> TableType {
        self.inner.table_type()
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.inner.supports_filters_pushdown(filters)
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(range) = self.range else {
            return self.inner.scan(state, projection, filters, limit).await;
        };
        let schema = self.inner.schema();
        let time = schema.index_of(&self.time_column)?;
        let mut columns: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect());
        let wanted = columns.len();
        if !columns.contains(&time) {
            columns.push(time);
        }
        let bounds = self.bounds((ceil_us(range.0), ceil_us(range.1)));
        let filters: Vec<Expr> = filters.iter().chain(&bounds).cloned().collect();
        // Rows are filtered after the scan, so the scan must not stop at the limit.
        let scan = self.inner.scan(state, Some(&columns), &filters, None).await?;
        let [first, last] = bounds;
        let predicate =
            state.create_physical_expr(first.and(last), &DFSchema::try_from(scan.schema().as_ref().clone())?)?;
        let filter = FilterExecBuilder::new(predicate, scan).apply_projection(Some((0..wanted).collect()))?;
        Ok(Arc::new(filter.build()?))
    }
}

/// Whether a plan reads a table within a time range.
pub(crate) fn reads_range(plan: &LogicalPlan) -> bool {
    let is_ranged = |node: &LogicalPlan| {
        let LogicalPlan::TableScan(scan) = node else { return Ok(false) };
        let provider = source_as_provider(&scan.source)?;
        Ok(match provider.downcast_ref::<WideUnion>() {
            Some(union) => union.plans().any(reads_range),
            None => provider.downcast_ref::<RangedTable>().is_some(),
        })
    };
    plan.exists(is_ranged).unwrap_or(true)
}

/// The same plan over another time range.
pub(crate) fn with_range(plan: &LogicalPlan, range: TimeRange) -> Result<LogicalPlan> {
    let changed = plan.clone().transform_up_with_subqueries(|node| {
        let LogicalPlan::TableScan(mut scan) = node else { return Ok(Transformed::no(node)) };
        let provider = source_as_provider(&scan.source)?;
        if let Some(union) = provider.downcast_ref::<WideUnion>() {
            let union = union.with_plans(|plan| with_range(plan, range))?;
            scan.source = provider_as_source(Arc::new(union));
            return Ok(Transformed::yes(LogicalPlan::TableScan(scan)));
        }
        let Some(table) = provider.downcast_ref::<RangedTable>() else {
            return Ok(Transformed::no(LogicalPlan::TableScan(scan)));
        };
        let table = RangedTable::new(Arc::clone(&table.inner), &table.time_column, range);
        scan.source = provider_as_source(Arc::new(table));
        Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
    })?;
    Ok(changed.data)
}
