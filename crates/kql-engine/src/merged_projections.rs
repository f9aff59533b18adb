//! Projections that stand on each other as one.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, Projection};

use crate::series_lists::{list_uses, series_of_text};

/// The projection with those right below it written into it, as long as nothing would be computed twice.
pub(crate) fn merged(mut projection: Projection) -> Result<Projection> {
    while let LogicalPlan::Projection(below) = projection.input.as_ref()
        && let Some(definitions) = Definitions::of(below, &projection)
    {
        let names = projection.schema.fields().iter().map(|field| field.name().as_str());
        let exprs = projection.expr.into_iter().zip(names);
        let exprs = exprs.map(|(expr, name)| definitions.written_into(expr, name)).collect::<Result<Vec<Expr>>>()?;
        let input = Arc::clone(&below.input);
        projection = Projection::try_new_with_schema(exprs, input, projection.schema)?;
    }
    Ok(projection)
}

/// What the columns of a projection are.
struct Definitions<'p>(HashMap<&'p str, &'p Expr>);

impl<'p> Definitions<'p> {
    /// Nothing where the projection above names a computed column twice.
    fn of(below: &'p Projection, above: &Projection) -> Option<Self> {
        let fields = below.schema.fields();
        let definitions: HashMap<&str, &Expr> =
            fields.iter().map(|field| field.name().as_str()).zip(&below.expr).collect();
        if definitions.len() != fields.len() {
            return None;
        }
        let mut uses = datafusion::common::HashMap::new();
        for expr in &above.expr {
            expr.add_column_ref_counts(&mut uses);
        }
        let as_lists = list_uses(&above.expr);
        let is_simple = |(column, count): (&Column, usize)| match definitions.get(column.name.as_str()) {
            // A series is not written as JSON where it is used as a list.
            Some(definition) if series_of_text(unaliased(definition)).is_some_and(is_copied) => {
                count.saturating_sub(as_lists.get(&column.name).copied().unwrap_or(0)) <= 1
            }
            Some(definition) => count == 1 || is_copied(definition),
            None => false,
        };
        uses.into_iter().all(is_simple).then_some(Self(definitions))
    }

    /// The expression, which gives a column of this name, over the columns below.
    fn written_into(&self, expr: Expr, name: &str) -> Result<Expr> {
        Ok(match expr {
            Expr::Column(column) => {
                let definition = self.definition(&column)?.clone();
                let is_named = match &definition {
                    Expr::Alias(alias) => alias.name == name,
                    Expr::Column(below) => *below == column,
                    _ => false,
                };
                if is_named { definition } else { unnamed(definition).alias(name) }
            }
            Expr::Alias(mut alias) => {
                *alias.expr = self.written_inside(*alias.expr)?;
                Expr::Alias(alias)
            }
            other => self.written_inside(other)?.alias(name),
        })
    }

    fn written_inside(&self, expr: Expr) -> Result<Expr> {
        let changed = expr.transform_up(|part| {
            Ok(match &part {
                Expr::Column(column) => Transformed::yes(unnamed(self.definition(column)?.clone())),
                _ => Transformed::no(part),
            })
        })?;
        Ok(changed.data)
    }

    fn definition(&self, column: &Column) -> Result<&'p Expr> {
        match self.0.get(column.name.as_str()) {
            Some(definition) => Ok(definition),
            None => internal_err!("plan has no column `{}`", column.name),
        }
    }
}

fn unaliased(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unaliased(&alias.expr),
        other => other,
    }
}

fn unnamed(mut expr: Expr) -> Expr {
    while let Expr::Alias(alias) = expr {
        expr = *alias.expr;
    }
    expr
}

/// Whether an expression costs nothing, however often it stands somewhere.
fn is_copied(expr: &Expr) -> bool {
    match expr {
        Expr::Column(_) | Expr::Literal(..) => true,
        Expr::Alias(alias) => is_copied(&alias.expr),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::logical_expr::{LogicalPlanBuilder, col, lit, table_scan};

    use super::*;

    fn table() -> LogicalPlanBuilder {
        let fields: Vec<Field> = ["a", "b"].map(|name| Field::new(name, DataType::Int64, true)).to_vec();
        table_scan(Some("t"), &Schema::new(fields), None).unwrap()
    }

    fn shown(builder: LogicalPlanBuilder) -> String {
        let plan = builder.build().unwrap();
        let expected = Arc::clone(plan.schema());
        let LogicalPlan::Projection(projection) = plan else { panic!("no projection") };
        let plan = LogicalPlan::Projection(merged(projection).unwrap());
        assert_eq!(plan.schema(), &expected);
        assert_eq!(plan.clone().recompute_schema().unwrap().schema().field_names(), expected.field_names());
        plan.display_indent().to_string()
    }

    #[test]
    fn renamed_columns_and_columns_used_once_are_written_into_the_projection_above() {
        let below = table().project([col("a").alias("x"), (col("b") + lit(1)).alias("y")]).unwrap();
        let above = below.project([col("x"), (col("x") * col("y")).alias("z"), col("x").alias("w")]).unwrap();
        let above = above.project([col("w"), col("z"), col("x")]).unwrap();
        let expected = "Projection: t.a AS w, t.a * (t.b + Int32(1)) AS z, t.a AS x\n  TableScan: t";
        assert_eq!(shown(above), expected);
    }

    #[test]
    fn what_is_used_twice_is_computed_once() {
        let below = table().project([(col("b") + lit(1)).alias("y")]).unwrap();
        let above = below.project([col("y"), (col("y") * lit(2)).alias("z")]).unwrap();
        assert!(shown(above).ends_with("Projection: t.b + Int32(1) AS y\n    TableScan: t"));
    }
}
