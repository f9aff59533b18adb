//! `assert-schema`.

use kql_syntax::{self as ast, Diagnostic};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::expression::column_type;
use crate::scope::Relation;

impl Binder<'_> {
    /// Lets the input through if it has these columns, with these types.
    pub(super) fn assert_schema(&mut self, input: Relation, columns: &[ast::ColumnDeclaration]) -> Bind<Relation> {
        for column in columns {
            let (name, span) = (&column.name.name, column.name.span);
            let ty = column_type(column.ty);
            match input.column(name) {
                Some(found) if found.ty == ty => {}
                Some(found) => {
                    let message = format!("column `{name}` is a {}, not a {}", found.ty.name(), ty.name());
                    return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into());
                }
                None => {
                    let known = input.visible().map(|column| column.name.as_str());
                    return Err(codes::unknown(codes::UNKNOWN_NAME, span, "column or variable", name, known).into());
                }
            }
        }
        Ok(input)
    }
}
