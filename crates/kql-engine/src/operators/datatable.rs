//! `datatable`.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, Span};

use crate::binder::{Bind, Binder};
use crate::computed::array_of;
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::column_type;
use crate::scope::Relation;

impl Binder<'_> {
    /// A table written into the query, value by value.
    pub(crate) fn datatable(
        &mut self,
        columns: &[ast::ColumnDeclaration],
        values: &[ast::Expr],
        span: Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        if columns.is_empty() || !values.len().is_multiple_of(columns.len()) {
            let message = format!("{} values do not fill rows of {} columns", values.len(), columns.len());
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        }
        let mut cells: Vec<Vec<Value>> = vec![Vec::new(); columns.len()];
        for (index, expr) in values.iter().enumerate() {
            let column = index % columns.len();
            let ty = column_type(columns[column].ty);
            let typed = self.scalar_alone(expr, environment)?;
            let typed = self.cast(typed, ty)?;
            match typed.constant {
                Some(value) => cells[column].push(value),
                None => {
                    let message = "value in a `datatable` is not constant";
                    return Err(Diagnostic::error(codes::NOT_CONSTANT, expr.span, message).into());
                }
            }
        }
        self.constant_table(columns.iter().map(|c| (c.name.name.clone(), column_type(c.ty))).collect(), &cells)
    }

    /// A table of constants, column by column.
    pub(crate) fn constant_table(&mut self, columns: Vec<(String, Type)>, cells: &[Vec<Value>]) -> Bind<Relation> {
        let arrays = columns.iter().zip(cells).map(|((_, ty), values)| array_of(*ty, values)).collect::<Bind<_>>()?;
        self.table_of(&columns, arrays)
    }
}
