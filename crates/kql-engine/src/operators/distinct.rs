//! `distinct` and `sample-distinct`.

use datafusion::logical_expr::Expr;
use kql_functions::Type;
use kql_syntax::{self as ast, ExprKind};

use super::sort::dynamic_key;
use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::scope::{Relation, Repr, ScopeColumn};

impl Binder<'_> {
    /// The different combinations of values.
    pub(super) fn distinct(
        &mut self,
        input: Relation,
        items: &[ast::NamedExpr],
        environment: &Environment,
    ) -> Bind<Relation> {
        let all = matches!(items, [ast::NamedExpr { expr: ast::Expr { kind: ExprKind::Star, .. }, .. }]);
        let projected = if all {
            let columns = input
                .visible()
                .map(|column| (column.name.clone(), crate::typed::Typed::column(column), false))
                .collect();
            self.project(input, columns)?
        } else {
            self.project_columns(input, items, environment)?
        };
        let is_key = |column: &ScopeColumn| column.ty != Type::Dynamic || column.repr == Repr::Unknown;
        if let (Some(item), false) = (items.first(), projected.visible().all(is_key)) {
            return Err(dynamic_key("dynamic values have no `distinct`", item.expr.span).into());
        }
        self.distinct_rows(projected)
    }

    /// Some of the different values of one expression.
    pub(super) fn sample_distinct(
        &mut self,
        input: Relation,
        count: &ast::Expr,
        of: &ast::NamedExpr,
        environment: &Environment,
    ) -> Bind<Relation> {
        let distinct = self.distinct(input, std::slice::from_ref(of), environment)?;
        self.take(distinct, count, environment)
    }

    /// One row of those that are alike.
    pub(super) fn distinct_rows(&mut self, input: Relation) -> Bind<Relation> {
        let keys: Vec<Expr> = input
            .columns
            .iter()
            .map(|column| {
                let expr = column.expr();
                if column.ty == Type::Real {
                    super::summarize::one_zero(expr).alias(column.plan_name.clone())
                } else {
                    expr
                }
            })
            .collect();
        let mut unique: Vec<Expr> = Vec::new();
        for key in keys {
            if !unique.contains(&key) {
                unique.push(key);
            }
        }
        let plan = crate::plan::aggregated(input.plan, unique, Vec::<Expr>::new())?;
        Ok(Relation::new(plan, input.columns))
    }
}
