//! A stored table whose rows come from [`SharedTables`].

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::project_schema;
use datafusion::common::tree_node::Transformed;
use datafusion::datasource::{TableType, provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use super::tables::SharedTables;
use super::window_scan::WindowScanExec;
use crate::now_parameter::uses_now;
use crate::ranged_table::RangedTable;
use crate::wide_union::WideUnion;

/// See the module.
#[derive(Debug)]
struct WindowTable {
    name: String,
    stored: Arc<RangedTable>,
    shared: Arc<SharedTables>,
    /// How far before a window's end rows are looked at, in µs.
    reach: i64,
}

#[async_trait]
impl TableProvider for WindowTable {
    fn schema(&self) -> SchemaRef {
        self.stored.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Filters are evaluated once for all windows, so they must say the same of a row each time.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match filter.is_volatile() || uses_now(filter) {
            true => TableProviderFilterPushDown::Unsupported,
            false => TableProviderFilterPushDown::Exact,
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.schema();
        let projected = project_schema(&schema, projection)?;
        if !self.shared.has_rows(&self.name, &self.stored, state).await? {
            return Ok(Arc::new(EmptyExec::new(projected)));
        }
        let columns = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect());
        let selection = self.shared.select(&self.name, &self.stored, filters, &columns, self.reach)?;
        Ok(Arc::new(WindowScanExec::new(selection, columns, projected)))
    }
}

/// The plan with the rows of stored tables taken from the shared ones, looked at up to `reach` µs before a window's end.
pub(crate) fn with_window_tables(plan: &LogicalPlan, shared: &Arc<SharedTables>, reach: i64) -> Result<LogicalPlan> {
    let changed = plan.clone().transform_up_with_subqueries(|node| {
        let LogicalPlan::TableScan(mut scan) = node else { return Ok(Transformed::no(node)) };
        let provider = source_as_provider(&scan.source)?;
        if let Some(union) = provider.downcast_ref::<WideUnion>() {
            let union = union.with_plans(|plan| with_window_tables(plan, shared, reach))?;
            scan.source = provider_as_source(Arc::new(union));
            return Ok(Transformed::yes(LogicalPlan::TableScan(scan)));
        }
        let Some(stored) = provider.downcast_ref::<RangedTable>() else {
            return Ok(Transformed::no(LogicalPlan::TableScan(scan)));
        };
        let table = WindowTable {
            name: scan.table_name.table().to_owned(),
            stored: Arc::new(stored.clone()),
            shared: Arc::clone(shared),
            reach,
        };
        scan.source = provider_as_source(Arc::new(table));
        Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
    })?;
    Ok(changed.data)
}
