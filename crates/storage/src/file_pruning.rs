//! Which files of a table can hold rows that a filter wants, by their statistics.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;

use crate::document_read::DocumentReader;
use crate::expr_adapter::{StoredLeaf, from_leaves};
use crate::file_statistics::ColumnBounds;
use crate::leaf_column::{Absent, Leaf};
use crate::table_files::{TableFile, TableFiles, lower_bound, upper_bound};

/// The files that may hold rows for which the filter is true. A filter that statistics cannot decide keeps all of them.
pub(crate) fn matching<'a>(
    files: &'a TableFiles,
    filter: Option<Arc<dyn PhysicalExpr>>,
    schema: &SchemaRef,
    documents: Option<&DocumentReader>,
) -> Vec<&'a TableFile> {
    let all = || files.files.iter().collect();
    let Some(filter) = filter else { return all() };
    let Ok((filter, schema)) = over_leaves(filter, schema, documents) else { return all() };
    let Ok(predicate) = PruningPredicateBuilder::new().with_file_schema(Arc::clone(&schema)).try_build(filter) else {
        return all();
    };
    let statistics = FilesStatistics { files: &files.files, schema: &schema };
    match predicate.prune(&statistics) {
        Ok(keep) => files.files.iter().zip(keep).filter_map(|(file, keep)| keep.then_some(file)).collect(),
        Err(_) => all(),
    }
}

/// The filter over leaf columns, and the schema with them: text that is absent counts as `""`, as queries read it. Of a read that
/// goes through text only the file itself tells whether the leaf is the same.
fn over_leaves(
    filter: Arc<dyn PhysicalExpr>,
    schema: &SchemaRef,
    documents: Option<&DocumentReader>,
) -> Result<(Arc<dyn PhysicalExpr>, SchemaRef)> {
    let Some(documents) = documents else { return Ok((filter, Arc::clone(schema))) };
    let columns = documents.leaves().iter().map(|leaf| leaf.field_of_statistics());
    let fields: Vec<Field> = schema.fields().iter().map(|field| field.as_ref().clone()).chain(columns).collect();
    let schema = Arc::new(Schema::new(fields));
    let stored = |leaf: &Leaf| {
        let index = schema.index_of(&leaf.name).ok()?;
        Some(StoredLeaf { index, absent: Absent::Never, survives_text: false })
    };
    let filter = from_leaves(filter, documents, stored)?;
    Ok((filter, schema))
}

struct FilesStatistics<'a> {
    files: &'a [TableFile],
    schema: &'a SchemaRef,
}

impl FilesStatistics<'_> {
    fn field(&self, column: &Column) -> Option<&Field> {
        self.schema.field_with_name(&column.name).ok()
    }

    fn bounds(
        &self,
        column: &Column,
        bound: impl Fn(&ColumnBounds, u64, &DataType, bool) -> Option<ScalarValue>,
    ) -> Option<ArrayRef> {
        let field = self.field(column)?;
        let null = ScalarValue::try_from(field.data_type()).ok()?;
        let values = self.files.iter().map(|file| {
            let known = file.statistics.as_ref().and_then(|statistics| {
                let column = statistics.columns.get(&column.name)?;
                bound(column, statistics.rows, field.data_type(), field.is_nullable())
            });
            known.unwrap_or_else(|| null.clone())
        });
        ScalarValue::iter_to_array(values).ok()
    }
}

impl PruningStatistics for FilesStatistics<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, |column, _, ty, nullable| lower_bound(column, ty, nullable))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.bounds(column, upper_bound)
    }

    fn num_containers(&self) -> usize {
        self.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let nullable = self.field(column)?.is_nullable();
        let counts = self.files.iter().map(|file| {
            let nulls = file.statistics.as_ref()?.columns.get(&column.name)?.nulls;
            if nullable { nulls } else { Some(0) }
        });
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let rows = self.files.iter().map(|file| Some(file.statistics.as_ref()?.rows));
        Some(Arc::new(rows.collect::<UInt64Array>()))
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
