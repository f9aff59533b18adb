//! `print`.

use datafusion::logical_expr::LogicalPlanBuilder;
use kql_syntax as ast;

use crate::binder::{Bind, Binder, Stop};
use crate::environment::Environment;
use crate::expression::{Row, Unnamed};
use crate::naming;
use crate::scope::Relation;

impl Binder<'_> {
    /// One row of computed values.
    pub(crate) fn print(&mut self, items: &[ast::NamedExpr], environment: &Environment) -> Bind<Relation> {
        let mut columns = Vec::new();
        let mut problems = Vec::new();
        let mut names = naming::Names::default();
        for (position, item) in items.iter().enumerate() {
            match self.several_results(item, Row::new(&[], environment), Unnamed::Dropped, &mut names) {
                Ok(None) => {}
                Ok(Some(results)) => {
                    columns.extend(results.into_iter().map(|(name, value)| (name, value, false)));
                    continue;
                }
                Err(Stop::Invalid(diagnostics)) => {
                    problems.extend(diagnostics);
                    continue;
                }
                Err(stop) => return Err(stop),
            }
            let value = match self.scalar_alone(&item.expr, environment) {
                Ok(value) => value,
                Err(Stop::Invalid(diagnostics)) => {
                    problems.extend(diagnostics);
                    continue;
                }
                Err(stop) => return Err(stop),
            };
            match item.names.as_slice() {
                [] => columns.push((names.fresh(&format!("print_{position}")), value, false)),
                [name] => columns.push((names.fresh(&name.name), value, false)),
                several => {
                    for (index, name) in (0_i64..).zip(several) {
                        columns.push((names.fresh(&name.name), self.element(value.clone(), index), false));
                    }
                }
            }
        }
        if !problems.is_empty() {
            return Err(Stop::Invalid(problems));
        }
        let one_row = Relation::new(LogicalPlanBuilder::empty(true).build()?, Vec::new());
        self.project(one_row, columns)
    }
}
