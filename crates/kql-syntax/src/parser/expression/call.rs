//! Calls.

use crate::parser::Parser;
use crate::{Argument, Expr, ExprKind, Ident};

impl Parser<'_> {
    /// `f( … )`, the parenthesis being here.
    pub(super) fn call(&mut self, name: Ident) -> ExprKind {
        ExprKind::Call { name, args: self.arguments() }
    }

    /// `cluster("c").database("d")`: a call with its qualifier as an unnamed-by-position argument called `$of`.
    pub(super) fn method(&mut self, base: Expr, name: Ident) -> ExprKind {
        let qualifier = Argument { name: Some(Ident { name: QUALIFIER.to_owned(), span: base.span }), value: base };
        let mut args = vec![qualifier];
        args.extend(self.arguments());
        ExprKind::Call { name, args }
    }
}

/// Name of the first argument of a call written after a dot; `$` keeps it apart from real names.
pub const QUALIFIER: &str = "$of";
