//! Plan nodes from expressions that are already resolved: the builder's own checks look every name up again,
//! which is slow for tables of a hundred columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::FieldRef;
use datafusion::common::{Column, DFSchema, ExprSchema, TableReference, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, Filter, LogicalPlan, Projection};

/// From how many columns on a projection is typed by [`types_of`].
const MANY_COLUMNS: usize = 16;

/// Computes columns.
pub(crate) fn projected(input: LogicalPlan, exprs: Vec<Expr>) -> Result<LogicalPlan> {
    let known = if exprs.len() < MANY_COLUMNS { None } else { types_of(&input, &exprs)? };
    let input = Arc::new(input);
    match known {
        Some(schema) => Projection::try_new_with_schema(exprs, input, Arc::new(schema)),
        None => Projection::try_new(exprs, input),
    }
    .map(LogicalPlan::Projection)
}

/// What DataFusion finds as the schema of a projection, with one walk over the input where it makes one for each column.
/// Nothing where that would not be the same.
fn types_of(input: &LogicalPlan, exprs: &[Expr]) -> Result<Option<DFSchema>> {
    let schema = input.schema();
    if !schema.functional_dependencies().is_empty() {
        return Ok(None);
    }
    let mut fields: HashMap<&str, &FieldRef> = HashMap::with_capacity(schema.fields().len());
    for field in schema.fields() {
        if fields.insert(field.name(), field).is_some() {
            return Ok(None);
        }
    }
    let mut typed: Vec<(Option<TableReference>, FieldRef)> = Vec::with_capacity(exprs.len());
    let indexed = Indexed(&fields);
    for expr in exprs {
        let known = match expr {
            Expr::Column(column) => {
                fields.get(column.name.as_str()).map(|field| (column.relation.clone(), Arc::clone(field)))
            }
            Expr::Alias(alias) if alias.relation.is_none() && alias.metadata.is_none() => match alias.expr.as_ref() {
                Expr::Column(column) => fields
                    .get(column.name.as_str())
                    .map(|field| (None, Arc::new(field.as_ref().clone().with_name(&alias.name)))),
                _ => None,
            },
            _ => None,
        };
        typed.push(match known {
            Some(known) => known,
            None => expr.to_field(&indexed)?,
        });
    }
    DFSchema::new_with_metadata(typed, schema.as_ref().metadata().clone()).map(Some)
}

/// Fields by name: expressions of a plan name a column by its name alone, but for those right above a scan, which is of one table.
#[derive(Debug)]
struct Indexed<'f>(&'f HashMap<&'f str, &'f FieldRef>);

impl ExprSchema for Indexed<'_> {
    fn field_from_column(&self, column: &Column) -> Result<&FieldRef> {
        match self.0.get(column.name.as_str()) {
            Some(field) => Ok(field),
            None => internal_err!("plan has no column `{}`", column.name),
        }
    }
}

/// Keeps rows for which the condition is true.
pub(crate) fn filtered(input: LogicalPlan, condition: Expr) -> Result<LogicalPlan> {
    Filter::try_new(condition, Arc::new(input)).map(LogicalPlan::Filter)
}

/// Groups and aggregates.
pub(crate) fn aggregated(input: LogicalPlan, group: Vec<Expr>, calls: Vec<Expr>) -> Result<LogicalPlan> {
    Aggregate::try_new(Arc::new(input), group, calls).map(LogicalPlan::Aggregate)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::logical_expr::{col, lit, table_scan};

    use super::*;

    #[test]
    fn a_wide_projection_has_the_schema_that_datafusion_gives_it() {
        let fields: Vec<Field> = (0..40).map(|n| Field::new(format!("c{n}"), DataType::Int64, n % 2 == 0)).collect();
        let input = table_scan(Some("t"), &Schema::new(fields), None).unwrap().build().unwrap();
        let mut exprs: Vec<Expr> = (0..40).map(|n| col(format!("t.c{n}")).alias(format!("x{n}"))).collect();
        exprs.push(col("t.c7"));
        exprs.push((col("t.c1") + lit(1_i64)).alias("sum"));
        let expected = Projection::try_new(exprs.clone(), Arc::new(input.clone())).unwrap();
        assert!(types_of(&input, &exprs).unwrap().is_some());
        assert_eq!(projected(input, exprs).unwrap().schema(), &expected.schema);
    }
}
