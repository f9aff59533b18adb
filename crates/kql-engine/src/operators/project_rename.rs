//! `project-rename`.

use kql_syntax::{Diagnostic, ExprKind, NamedExpr};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::scope::Relation;

impl Binder<'_> {
    /// Gives columns other names; nothing is computed.
    pub(super) fn project_rename(&mut self, mut input: Relation, items: &[NamedExpr]) -> Bind<Relation> {
        let mut renamed = Vec::new();
        for item in items {
            let (ExprKind::Name(old), [new]) = (&item.expr.kind, item.names.as_slice()) else {
                let message = "`project-rename` takes `new = old`";
                return Err(Diagnostic::error(codes::INVALID_USE, item.expr.span, message).into());
            };
            let Some(at) = input.columns.iter().position(|column| column.name == *old) else {
                let known = input.columns.iter().map(|column| column.name.as_str());
                return Err(codes::unknown(codes::UNKNOWN_NAME, item.expr.span, "column", old, known).into());
            };
            renamed.push((at, new));
        }
        for (at, new) in renamed {
            if input.columns.iter().enumerate().any(|(i, column)| i != at && column.name == new.name && !column.hidden)
            {
                let message = format!("column `{}` exists already", new.name);
                return Err(Diagnostic::error(codes::DUPLICATE_NAME, new.span, message).into());
            }
            input.columns[at].name.clone_from(&new.name);
            input.columns[at].hidden = false;
        }
        Ok(input)
    }
}
