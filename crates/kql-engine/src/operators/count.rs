//! `count`.

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, lit};
use kql_functions::Type;
use kql_syntax::Ident;

use crate::binder::{Bind, Binder};
use crate::scope::{Relation, Repr, ScopeColumn};

impl Binder<'_> {
    /// One row: the number of rows.
    pub(super) fn count(&mut self, input: Relation, name: Option<&Ident>) -> Bind<Relation> {
        if let Some(outer) = super::mv_apply::outer_row(&input).cloned() {
            return self.count_of_each(input, &outer, name);
        }
        let name = name.map_or("Count", |name| name.name.as_str()).to_owned();
        let plan_name = self.unique(&name);
        let counted = count(lit(1_i64)).alias(plan_name.clone());
        let plan = crate::plan::aggregated(input.plan, Vec::<Expr>::new(), vec![counted])?;
        let column =
            ScopeColumn { name, plan_name, ty: Type::Long, repr: Repr::Engine, nullable: false, hidden: false };
        Ok(Relation::new(plan, vec![column]))
    }

    /// Inside of `mv-apply`: the number of rows of each outer row.
    fn count_of_each(&mut self, input: Relation, outer: &ScopeColumn, name: Option<&Ident>) -> Bind<Relation> {
        let name = name.map_or("Count", |name| name.name.as_str()).to_owned();
        let plan_name = self.unique(&name);
        let mut calls = vec![count(lit(1_i64)).alias(plan_name.clone())];
        let mut columns =
            vec![ScopeColumn { name, plan_name, ty: Type::Long, repr: Repr::Engine, nullable: false, hidden: false }];
        let (keys, kept) = self.carried_aggregates(&input, outer, &mut calls);
        columns.extend(kept);
        let plan = crate::plan::aggregated(input.plan, keys, calls)?;
        Ok(Relation::new(plan, columns))
    }
}
