//! Calls whose value is known from declarations alone: `assert`, `column_names_of`, `iscolumnexists`, `bin_auto`.

use kql_functions::dynamic::ArrayWriter;
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Span};

use super::Row;
use crate::binder::{Bind, Binder, option_name};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::scope::find_column;
use crate::typed::Typed;

impl Binder<'_> {
    /// `assert(condition, message)`: both constant; a condition that does not hold refuses the query.
    pub(super) fn assertion(&mut self, condition: &ast::Expr, message: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        let typed = super::strict_bool(self.scalar_alone(condition, row.environment)?, condition.span)?;
        let text = self.scalar_alone(message, row.environment)?;
        let not_constant = |span| Diagnostic::error(codes::NOT_CONSTANT, span, "argument of `assert` is not constant");
        let text = text.as_text().ok_or_else(|| not_constant(message.span))?;
        match typed.constant {
            Some(Value::Bool(true)) => Ok(Typed::constant(Value::Bool(true))),
            Some(_) => {
                let message = format!("assert() has failed with message: `{text}`");
                Err(Diagnostic::error(codes::INVALID_USE, condition.span, message).into())
            }
            None => Err(not_constant(condition.span).into()),
        }
    }

    /// `column_names_of(table)`, which does not run the table.
    pub(super) fn column_names(&mut self, table: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        let relation = self.table(table, row.environment)?;
        let mut json = String::new();
        let mut names = ArrayWriter::new(&mut json);
        relation.visible().for_each(|column| names.push_text(&column.name));
        names.end();
        Ok(Typed::constant(Value::Dynamic(json)))
    }

    /// `iscolumnexists("name")`
    pub(super) fn is_column(&mut self, name: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        let is_there = match &name.kind {
            ExprKind::Name(name) if find_column(row.columns, name).is_some() => true,
            _ => {
                let typed = self.scalar_alone(name, row.environment)?;
                let Some(name) = typed.as_text() else {
                    let message = "name of the column is not a constant string";
                    return Err(Diagnostic::error(codes::NOT_CONSTANT, name.span, message).into());
                };
                find_column(row.columns, name).is_some()
            }
        };
        Ok(Typed::constant(Value::Bool(is_there)))
    }

    /// `bin_auto(x)`: bins of the size, and through the point, that `set` statements give.
    pub(super) fn bin_auto(&mut self, value: &ast::Expr, row: Row<'_>, span: Span) -> Bind<Typed> {
        let typed = self.scalar(value, row)?;
        let Some(size) = self.option("query_bin_auto_size", row.environment)? else {
            let message = "`bin_auto` takes its size from `set query_bin_auto_size`, which is missing";
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        };
        match self.option("query_bin_auto_at", row.environment)? {
            Some(point) => self.function_of("bin_at", vec![typed, size, point], span),
            None => self.function_of("bin", vec![typed, size], span),
        }
    }

    /// The value that a `set` statement gives an option.
    fn option(&mut self, name: &str, environment: &Environment) -> Bind<Option<Typed>> {
        let Some(Binding::Lazy(lazy)) = environment.get(&option_name(name)) else { return Ok(None) };
        let lazy = lazy.clone();
        let typed = self.scalar_alone(&lazy.expr, &lazy.environment)?;
        Ok(match &typed.constant {
            // Options may be given as texts.
            Some(Value::String(text)) => {
                let span = Value::String(text.clone()).cast(Type::TimeSpan);
                Some(if matches!(span, Value::Null(_)) { typed } else { Typed::constant(span) })
            }
            _ => Some(typed),
        })
    }
}
