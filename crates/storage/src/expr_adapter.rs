//! What a file does not hold: string columns that it left out read as `""`, all other columns as null.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, case, is_null, lit};
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapterFactory, PhysicalExprAdapter, PhysicalExprAdapterFactory,
};

/// Adapts expressions over a table's columns to the columns that one file has.
#[derive(Debug)]
pub(crate) struct LogFileAdapterFactory;

/// The adapter of one file.
#[derive(Debug)]
struct LogFileAdapter {
    /// The table's.
    logical: SchemaRef,
    /// The file's.
    physical: SchemaRef,
    /// Casts and supplies nulls.
    default: Arc<dyn PhysicalExprAdapter>,
}

impl PhysicalExprAdapterFactory for LogFileAdapterFactory {
    fn create(&self, logical: SchemaRef, physical: SchemaRef) -> Result<Arc<dyn PhysicalExprAdapter>> {
        let relaxed = Arc::new(relaxed(&logical, &physical));
        let default = DefaultPhysicalExprAdapterFactory.create(relaxed, Arc::clone(&physical))?;
        Ok(Arc::new(LogFileAdapter { logical, physical, default }))
    }
}

/// The table's columns as the default adapter may see them: nullable where the file's column is, because the null
/// is replaced around its cast.
fn relaxed(logical: &Schema, physical: &Schema) -> Schema {
    let fields: Vec<Field> = logical
        .fields()
        .iter()
        .map(|field| {
            let nullable = physical.field_with_name(field.name()).map_or(true, Field::is_nullable);
            field.as_ref().clone().with_nullable(field.is_nullable() || nullable)
        })
        .collect();
    Schema::new_with_metadata(fields, logical.metadata().clone())
}

impl PhysicalExprAdapter for LogFileAdapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        let expr = expr.transform_up(|expr| self.fill(expr)).data()?;
        self.default.rewrite(expr)
    }
}

impl LogFileAdapter {
    /// Replaces a never-null column by `""` where the file lacks it, or where the file has a null.
    fn fill(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Transformed<Arc<dyn PhysicalExpr>>> {
        let Some(column) = expr.downcast_ref::<Column>() else { return Ok(Transformed::no(expr)) };
        let Ok(field) = self.logical.field_with_name(column.name()) else { return Ok(Transformed::no(expr)) };
        let Some(absent) = absent_value(field) else { return Ok(Transformed::no(expr)) };
        match self.physical.field_with_name(column.name()) {
            Err(_) => Ok(Transformed::yes(lit(absent))),
            Ok(stored) if stored.is_nullable() => {
                let is_absent = is_null(Arc::clone(&expr))?;
                Ok(Transformed::yes(case(None, vec![(is_absent, lit(absent))], Some(expr))?))
            }
            Ok(_) => Ok(Transformed::no(expr)),
        }
    }
}

/// `""` in the column's type; `None` for a column that may be null or has no absent value (the time).
fn absent_value(field: &Field) -> Option<ScalarValue> {
    if field.is_nullable() {
        return None;
    }
    ScalarValue::new_default(field.data_type()).ok().filter(|value| value.try_as_str().is_some())
}
