//! Tables that count how often they are scanned.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use kql_engine::{Catalog, CatalogTable, TableMap};

use crate::surroundings::TestCatalog;
use crate::tables::catalog;

/// A table that counts how often it is scanned.
#[derive(Debug)]
struct Counted {
    inner: Arc<dyn TableProvider>,
    scans: Arc<AtomicUsize>,
}

#[async_trait::async_trait]
impl TableProvider for Counted {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // A plan asks for the time, the first column, to learn whether there are rows at all.
        if projection.is_none_or(|projection| *projection != [0]) {
            self.scans.fetch_add(1, Ordering::Relaxed);
        }
        self.inner.scan(state, projection, filters, limit).await
    }
}

/// The test's tables, their scans counted.
pub fn counted() -> (TestCatalog, Arc<AtomicUsize>) {
    let (mut tables, scans) = (TableMap::new(), Arc::<AtomicUsize>::default());
    for name in ["SigninLogs", "AuditLogs"] {
        let table = catalog().table(name).expect("a table");
        let provider = Arc::new(Counted { inner: table.provider, scans: Arc::clone(&scans) });
        tables.insert(CatalogTable { provider, ..table });
    }
    (TestCatalog { tables }, scans)
}
