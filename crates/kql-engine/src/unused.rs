//! What a query writes but does not use is looked at, too: a `let` that nothing names, and all but the last result.

use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic};

use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::expression::column_type;
use crate::scope::{Relation, ScopeColumn};
use crate::typed::{Typed, scalar_of};

/// What is reported of parts that are not used. Other problems may come from parameters that have no value yet.
const REPORTED: [&str; 3] = [codes::UNKNOWN_NAME, codes::TYPE_MISMATCH, codes::ARGUMENT_COUNT];

impl Binder<'_> {
    /// What is wrong with bindings that nothing used.
    pub(crate) fn problems_of_unused(&mut self) -> Vec<Diagnostic> {
        let written = std::mem::take(&mut self.written);
        let (is_check, is_ordered, used_now) = (self.is_check, self.is_ordered, self.used_now);
        let visualization = self.visualization.take();
        (self.is_check, self.is_sketch) = (true, true);
        let mut problems = Vec::new();
        for binding in &written {
            let outcome = match binding {
                Binding::Lazy(lazy) if !self.used.contains(&Arc::as_ptr(lazy).addr()) => {
                    if self.is_tabular(&lazy.expr, &lazy.environment, &[]) {
                        self.table(&lazy.expr, &lazy.environment).map(drop)
                    } else {
                        self.scalar_alone(&lazy.expr, &lazy.environment).map(drop)
                    }
                }
                Binding::Function(function, environment)
                    if declares_columns(function) || !self.used.contains(&Arc::as_ptr(function).addr()) =>
                {
                    self.uncalled(function, environment.clone())
                }
                _ => Ok(()),
            };
            if let Err(Stop::Invalid(found)) = outcome {
                problems.extend(found.into_iter().filter(|problem| REPORTED.contains(&problem.code)));
            }
        }
        (self.is_check, self.is_sketch) = (is_check, false);
        (self.is_ordered, self.used_now, self.visualization) = (is_ordered, used_now, visualization);
        problems
    }

    /// Binds a function's body with parameters that have types but no values.
    fn uncalled(&mut self, function: &ast::Function, mut environment: Environment) -> Bind<()> {
        for parameter in &function.parameters {
            let binding = match &parameter.ty {
                ast::ParameterType::Scalar(ty) => Binding::Scalar(without_value(column_type(*ty))),
                ast::ParameterType::Table(columns) => {
                    let columns: Vec<(String, Type)> =
                        columns.iter().map(|column| (column.name.name.clone(), column_type(column.ty))).collect();
                    Binding::Relation(Arc::new(self.table_of(&columns, Vec::new())?))
                }
                ast::ParameterType::AnyTable => Binding::Relation(Arc::new(self.open_table()?)),
            };
            environment = environment.with(&parameter.name.name, binding);
        }
        let (body, inner) = self.body(function, environment)?;
        let is_table = self.is_tabular(body, &inner, &[]);
        if is_table { self.table(body, &inner).map(drop) } else { self.scalar_alone(body, &inner).map(drop) }
    }

    /// A table of which nothing is known, as `table(parameter)` while the parameter has no value.
    pub(crate) fn open_table(&mut self) -> Bind<Relation> {
        let empty: LogicalPlan = LogicalPlanBuilder::empty(true).build()?;
        self.opened(Relation::new(empty, Vec::new()))
    }

    /// The same relation with more columns than are known.
    pub(crate) fn opened(&mut self, relation: Relation) -> Bind<Relation> {
        let marker = self.open_columns();
        let nothing = lit(scalar_of(&Value::Null(Type::Dynamic)));
        let mut exprs: Vec<_> = relation.columns.iter().map(ScopeColumn::expr).collect();
        exprs.extend(marker.iter().map(|column| nothing.clone().alias(column.plan_name.clone())));
        let plan = crate::plan::projected(relation.plan, exprs)?;
        let mut columns = relation.columns;
        columns.extend(marker);
        Ok(Relation::new(plan, columns))
    }
}

/// Whether a parameter is a table of certain columns: the body may name only those, whatever table it is called with.
fn declares_columns(function: &ast::Function) -> bool {
    function.parameters.iter().any(|parameter| matches!(parameter.ty, ast::ParameterType::Table(_)))
}

/// A scalar of which only the type is known.
fn without_value(ty: Type) -> Typed {
    let field = Field::new("parameter", ty.arrow(), true);
    let placeholder = Placeholder::new_with_field("$parameter".to_owned(), Some(Arc::new(field)));
    Typed::new(Expr::Placeholder(placeholder), ty)
}
