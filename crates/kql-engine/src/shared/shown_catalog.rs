//! A catalog whose tables show the shared rows of a window: for queries that are planned anew for each window.
//!
//! Their filters may differ from window to window, so all rows of a table are kept for them, with the columns that they read.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;

use super::tables::SharedTables;
use super::window_scan::batches;
use crate::ranged_table::RangedTable;
use crate::{Catalog, CatalogTable, Surroundings};

/// See the module.
pub(crate) struct ShownCatalog<'c> {
    /// The tables as they are stored.
    pub stored: &'c dyn Catalog,
    /// Where their rows are kept.
    pub shared: &'c Arc<SharedTables>,
    /// The window `[start, end)` in ticks.
    pub range: (i64, i64),
    /// How far before its end the window begins, in µs.
    pub reach: i64,
}

impl Catalog for ShownCatalog<'_> {
    fn table(&self, name: &str) -> Option<CatalogTable> {
        let table = self.stored.table(name)?;
        let Some(time) = &table.time_column else { return Some(table) };
        let stored = Arc::new(RangedTable::new(Arc::clone(&table.provider), time, None));
        let (shared, range, reach) = (Arc::clone(self.shared), self.range, self.reach);
        let provider = Arc::new(ShownTable { name: table.name.clone(), stored, shared, range, reach });
        Some(CatalogTable { provider, ..table })
    }

    fn table_names(&self) -> Vec<String> {
        self.stored.table_names()
    }

    fn surroundings(&self) -> &dyn Surroundings {
        self.stored.surroundings()
    }
}

#[derive(Debug)]
struct ShownTable {
    name: String,
    stored: Arc<RangedTable>,
    shared: Arc<SharedTables>,
    range: (i64, i64),
    reach: i64,
}

#[async_trait]
impl TableProvider for ShownTable {
    fn schema(&self) -> SchemaRef {
        self.stored.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.stored.supports_filters_pushdown(filters)
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let stored = self.stored.unbounded();
        if !self.stored.has_time() || !self.shared.has_rows(&self.name, &self.stored, state).await? {
            return stored.scan(state, projection, filters, limit).await;
        }
        let schema = self.schema();
        let columns: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect());
        let selection = self.shared.select(&self.name, &self.stored, &[], &columns, self.reach)?;
        // Filters stay above: the table takes over none of them.
        match self.shared.rows(&[selection], self.range).await?.and_then(|mut rows| rows.pop()) {
            Some(pieces) => {
                let schema = Arc::new(schema.project(&columns)?);
                let batches = batches(&pieces, &columns, &schema, state.config().batch_size())?;
                Ok(MemorySourceConfig::try_new_exec(&[batches], schema, None)?)
            }
            None => stored.scan(state, projection, filters, limit).await,
        }
    }
}
