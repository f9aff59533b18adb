//! `sort` and `top`.

use datafusion::functions::math::expr_fn::isnan;
use datafusion::logical_expr::{LogicalPlanBuilder, SortExpr};
use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic, Span};

use super::filter::{rest, row_of};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::{Relation, Repr};
use crate::typed::Typed;

impl Binder<'_> {
    /// Orders rows: descending unless told otherwise, nulls first when ascending and last when descending.
    pub(super) fn sort(
        &mut self,
        input: Relation,
        keys: &[ast::SortKey],
        fetch: Option<usize>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let mut values = Vec::new();
        let mut directions = Vec::new();
        for key in keys {
            let value = self.scalar(&key.expr, row_of(&input, environment))?;
            if value.ty == Type::Dynamic && value.repr != Repr::Unknown {
                return Err(dynamic_key("rows cannot be ordered by a dynamic value", key.expr.span).into());
            }
            let ascending = key.ascending.unwrap_or(false);
            let nulls_first = key.nulls_first.unwrap_or(ascending);
            // NaN stands beside null at whichever end; DataFusion takes it for the greatest number.
            if value.ty == Type::Real && ascending == nulls_first {
                values.push(Typed::new(isnan(value.expr.clone()), Type::Bool));
                directions.push((!ascending, nulls_first));
            }
            values.push(value);
            directions.push((ascending, nulls_first));
        }
        let (input, values) = self.as_columns(input, values)?;
        let order: Vec<SortExpr> = values
            .into_iter()
            .zip(directions)
            .map(|(value, (ascending, nulls_first))| value.expr.sort(ascending, nulls_first))
            .collect();
        if let Some(outer) = super::mv_apply::outer_row(&input).cloned() {
            return match fetch {
                Some(rows) => self.first_of_each(input, &outer, order, rows),
                None => Ok(Relation { order, serialized: true, ..input }),
            };
        }
        let plan = LogicalPlanBuilder::from(input.plan).sort_with_limit(order.clone(), fetch)?.build()?;
        Ok(Relation { plan, ..rest(input.columns, order, true) })
    }

    /// Computes values once, as columns that are not in scope; columns stay what they are.
    pub(super) fn as_columns(&mut self, input: Relation, values: Vec<Typed>) -> Bind<(Relation, Vec<Typed>)> {
        use datafusion::logical_expr::Expr;
        if values.iter().all(|value| matches!(value.expr, Expr::Column(_))) {
            return Ok((input, values));
        }
        let mut exprs: Vec<Expr> = input
            .plan
            .schema()
            .iter()
            .map(|(qualifier, field)| Expr::Column(datafusion::common::Column::new(qualifier.cloned(), field.name())))
            .collect();
        let mut named = Vec::new();
        for value in values {
            if matches!(value.expr, Expr::Column(_)) {
                named.push(value);
                continue;
            }
            let name = self.unique("key");
            exprs.push(value.expr.clone().alias(name.clone()));
            let expr = Expr::Column(datafusion::common::Column::new_unqualified(name));
            named.push(Typed { expr, constant: None, ..value });
        }
        let order = input.order.clone();
        let plan = crate::plan::projected(input.plan, exprs)?;
        Ok((Relation { plan, ..rest(input.columns, order, input.serialized) }, named))
    }
}

/// Dynamic values have no order and are no keys.
pub(super) fn dynamic_key(message: &str, span: Span) -> Diagnostic {
    let hint = "cast it first, such as with `tostring(..)`";
    Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint)
}
