//! `datatable`.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Span};

use crate::binder::{Bind, Binder};
use crate::computed::array_of;
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::column_type;
use crate::scope::Relation;
use crate::typed::Typed;

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
            let typed = match least_long(expr) {
                Some(value) => Typed::constant(value),
                None => self.scalar_alone(expr, environment)?,
            };
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

/// A datatable's values have signs of their own, so the least long can be written there and only there.
fn least_long(expr: &ast::Expr) -> Option<Value> {
    let ExprKind::Unary { op: ast::UnaryOp::Negate, operand } = &expr.kind else { return None };
    let ExprKind::Literal(ast::Literal::Long(Some(digits))) = &operand.kind else { return None };
    (digits == "9223372036854775808").then_some(Value::Long(i64::MIN))
}
