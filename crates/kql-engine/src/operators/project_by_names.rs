//! `project-by-names`.

use kql_functions::dynamic::{elements, unquote};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::{Relation, ScopeColumn, matches_pattern};
use crate::typed::Typed;

impl Binder<'_> {
    /// Keeps the columns of these names, in the order of the names; names of no column are passed over.
    pub(super) fn project_by_names(
        &mut self,
        input: Relation,
        items: &[ast::Expr],
        environment: &Environment,
    ) -> Bind<Relation> {
        let mut kept: Vec<&ScopeColumn> = Vec::new();
        for item in items {
            let patterns = self.constant_names(item, environment)?;
            for pattern in &patterns {
                let is_wild = pattern.contains('*');
                for column in &input.columns {
                    let fits = if is_wild {
                        !column.hidden && matches_pattern(pattern, &column.name)
                    } else {
                        column.name == *pattern
                    };
                    if fits && !kept.iter().any(|other| other.name == column.name) {
                        kept.push(column);
                    }
                }
            }
        }
        let mut columns: Vec<(String, Typed, bool)> =
            kept.iter().map(|column| (column.name.clone(), Typed::column(column), false)).collect();
        for column in input.columns.iter().filter(|column| super::mv_apply::is_carried(column)) {
            columns.push((column.name.clone(), Typed::column(column), true));
        }
        self.project(input, columns)
    }

    /// The texts of a constant string or array.
    fn constant_names(&mut self, item: &ast::Expr, environment: &Environment) -> Bind<Vec<String>> {
        let value = self.scalar_alone(item, environment)?;
        match value.constant {
            Some(Value::String(name)) => Ok(vec![name]),
            Some(Value::Dynamic(json)) => Ok(elements(&json).map(|name| unquote(name).into_owned()).collect()),
            Some(Value::Null(Type::Dynamic)) => Ok(Vec::new()),
            _ => {
                let message = "names of columns are not a constant string or array of strings";
                Err(Diagnostic::error(codes::NOT_CONSTANT, item.span, message).into())
            }
        }
    }
}
