//! `top-hitters`: the values that occur most often, or with the largest sums. Kusto estimates them; here they are exact.

use datafusion::logical_expr::LogicalPlanBuilder;
use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic};

use super::filter::row_of;
use crate::aggregation::{Aggregation, CallSite};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::naming;
use crate::scope::{Relation, ScopeColumn};
use crate::typed::Typed;

impl Binder<'_> {
    /// The first values by the number of their rows, or by a sum over these.
    pub(super) fn top_hitters(
        &mut self,
        input: Relation,
        count: &ast::Expr,
        of: &ast::NamedExpr,
        by: Option<&ast::NamedExpr>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let rows = self.row_count(count, environment)?;
        let key = self.scalar(&of.expr, row_of(&input, environment))?;
        let derived = naming::derived(&of.expr).filter(|name| !name.is_empty());
        let given = of.names.first().map(|name| name.name.clone());
        let key_name = given.or(derived).unwrap_or_else(|| "Column1".to_owned());
        let summed = match by {
            Some(by) => Some((self.summed(&input, by, environment)?, by)),
            None => None,
        };
        let value_name = match &summed {
            Some((_, by)) => {
                let given = by.names.first().map(|name| name.name.clone());
                let name = given.or_else(|| naming::derived(&by.expr)).unwrap_or_default();
                format!("approximate_sum_{name}")
            }
            None => format!("approximate_count_{key_name}"),
        };
        let (input, key) = self.one_column(input, key)?;
        let mut aggregation = Aggregation { order: Vec::new(), ..Aggregation::new(&input, Vec::new(), true) };
        let site = CallSite { args: &[], span: of.expr.span };
        let (total, ty) = match summed {
            Some((value, _)) => {
                let ty = value.ty;
                (self.aggregate_of(&mut aggregation, "sum", vec![value], None, site)?, ty)
            }
            None => (self.aggregate_of(&mut aggregation, "count", Vec::new(), None, site)?, Type::Long),
        };
        let plan = crate::plan::aggregated(input.plan, vec![key.expr.clone()], aggregation.calls)?;
        let total = self.cast(total, ty)?;
        let (grouped, total) = self.one_column(Relation::new(plan, Vec::<ScopeColumn>::new()), total)?;
        let order = vec![total.expr.clone().sort(false, false), key.expr.clone().sort(false, false)];
        let plan = LogicalPlanBuilder::from(grouped.plan).sort_with_limit(order.clone(), Some(rows))?.build()?;
        let top = Relation { order, ..Relation::new(plan, Vec::new()) };
        self.project(top, vec![(key_name, key, false), (value_name, total, false)])
    }

    fn summed(&mut self, input: &Relation, by: &ast::NamedExpr, environment: &Environment) -> Bind<Typed> {
        let value = self.scalar(&by.expr, row_of(input, environment))?;
        if value.ty.is_numeric() {
            return Ok(value);
        }
        let message = format!("`top-hitters` adds up numbers, not a {}", value.ty.name());
        Err(Diagnostic::error(codes::TYPE_MISMATCH, by.expr.span, message).into())
    }
}
