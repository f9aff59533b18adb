//! Parts of a query that have to run before the rest can be bound.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use datafusion::catalog::MemTable;
use datafusion::common::tree_node::TreeNode;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use kql_functions::Value;

use crate::repeated::Parted;
use crate::scope::{Relation, ScopeColumn};

/// What tables of rows that are there already are called in plans.
const ANSWER: &str = "answer";

/// Whether a plan reads nothing but rows that are there already, as `datatable` has them.
pub(crate) fn is_in_memory(plan: &LogicalPlan) -> bool {
    let is_stored =
        |node: &LogicalPlan| Ok(matches!(node, LogicalPlan::TableScan(scan) if scan.table_name.table() != ANSWER));
    !plan.exists(is_stored).unwrap_or(true)
}

/// A relation whose rows are needed first.
#[derive(Debug)]
pub(crate) struct Question {
    /// In the engine's form.
    pub relation: Relation,
    /// Its plan with repeated parts taken out, where there are any.
    pub parted: Option<Parted>,
    /// See [`crate::binder::Binder::is_ordered`].
    pub is_ordered: bool,
}

/// The rows of a [`Question`].
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// As the question named them.
    pub columns: Vec<ScopeColumn>,
    /// In the engine's form, columns in the same order.
    pub batches: Vec<RecordBatch>,
}

impl Answer {
    /// No rows.
    pub fn empty(columns: Vec<ScopeColumn>) -> Self {
        Self { columns, batches: Vec::new() }
    }

    /// The values of a column, row by row.
    pub fn values(&self, column: usize) -> impl Iterator<Item = Value> {
        let ty = self.columns[column].ty;
        self.batches.iter().flat_map(move |batch| {
            let array = batch.column(column);
            (0..batch.num_rows()).map(move |row| Value::from_array(array, row, ty))
        })
    }

    /// The rows as the input of another plan.
    pub fn relation(&self) -> Result<Relation> {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| Field::new(format!("c{index}"), column.ty.arrow(), true))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let batches = self
            .batches
            .iter()
            .map(|batch| Ok(RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec())?))
            .collect::<Result<Vec<_>>>()?;
        let table = MemTable::try_new(schema, vec![batches])?;
        let source = provider_as_source(Arc::new(table));
        let plan = LogicalPlanBuilder::scan(ANSWER, source, None)?;
        let exprs: Vec<_> = plan
            .schema()
            .iter()
            .zip(&self.columns)
            .map(|((qualifier, field), column)| {
                let stored = datafusion::common::Column::new(qualifier.cloned(), field.name());
                datafusion::logical_expr::Expr::Column(stored).alias(&column.plan_name)
            })
            .collect();
        Ok(Relation::new(crate::plan::projected(plan.build()?, exprs)?, self.columns.clone()))
    }
}
