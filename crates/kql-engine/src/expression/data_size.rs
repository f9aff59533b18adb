//! `estimate_data_size`: how many bytes the values of some columns take.
//!
//! <https://learn.microsoft.com/kusto/query/estimate-data-size-function>

use datafusion::logical_expr::lit;
use kql_functions::Type;
use kql_syntax::{self as ast, ExprKind, Span};

use super::Row;
use crate::binder::{Bind, Binder};
use crate::typed::Typed;

/// Bytes of a value of a type of fixed size; nothing for texts.
fn bytes_of(ty: Type) -> Option<i64> {
    match ty {
        Type::Bool => Some(1),
        Type::Int => Some(4),
        Type::Long | Type::Real | Type::DateTime | Type::TimeSpan => Some(8),
        Type::Decimal | Type::Guid => Some(16),
        Type::String | Type::Dynamic => None,
    }
}

impl Binder<'_> {
    /// The sum over the columns: a number has the size of its type, a text its length in UTF-8, a dynamic that of its text.
    pub(super) fn data_size(&mut self, args: &[ast::Argument], span: Span, row: Row<'_>) -> Bind<Typed> {
        let mut columns = Vec::new();
        for arg in args {
            match &arg.value.kind {
                ExprKind::Star => columns.extend(row.columns.iter().filter(|column| !column.hidden).map(Typed::column)),
                _ => columns.push(self.scalar(&arg.value, row)?),
            }
        }
        let mut fixed = 0_i64;
        let mut sum = None;
        for column in columns {
            match bytes_of(column.ty) {
                Some(bytes) => fixed += bytes,
                None => {
                    let text = self.cast(column, Type::String)?;
                    let size = self.function_of("string_size", vec![text], span)?.expr;
                    sum = Some(match sum {
                        Some(sum) => sum + size,
                        None => size,
                    });
                }
            }
        }
        let fixed = lit(fixed);
        Ok(Typed::non_null(sum.map_or(fixed.clone(), |sum| sum + fixed), Type::Long))
    }
}
