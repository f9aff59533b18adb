//! `count`.

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use kql_functions::Type;
use kql_syntax::Ident;

use crate::binder::{Bind, Binder};
use crate::scope::{Relation, Repr, ScopeColumn};

impl Binder<'_> {
    /// One row: the number of rows.
    pub(super) fn count(&mut self, input: Relation, name: Option<&Ident>) -> Bind<Relation> {
        let name = name.map_or("Count", |name| name.name.as_str()).to_owned();
        let plan_name = self.unique(&name);
        let counted = count(lit(1_i64)).alias(plan_name.clone());
        let plan = LogicalPlanBuilder::from(input.plan).aggregate(Vec::<Expr>::new(), vec![counted])?.build()?;
        let column =
            ScopeColumn { name, plan_name, ty: Type::Long, repr: Repr::Engine, nullable: false, hidden: false };
        Ok(Relation::new(plan, vec![column]))
    }
}
