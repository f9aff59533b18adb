//! `invoke`.

use std::sync::Arc;

use kql_syntax::{self as ast, Diagnostic, ExprKind};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::expression::{Row, check_declared};
use crate::scope::Relation;
use crate::stored_function::invoked;

impl Binder<'_> {
    /// Calls a function with the input as its first argument.
    pub(super) fn invoke(&mut self, input: Relation, call: &ast::Expr, environment: &Environment) -> Bind<Relation> {
        let ExprKind::Call { name, args } = &call.kind else {
            let message = "`invoke` takes the call of a function";
            return Err(Diagnostic::error(codes::INVALID_USE, call.span, message).into());
        };
        let Some(Binding::Function(function, outer)) = environment.get(&name.name) else {
            return match self.stored_function(&name.name, name.span)? {
                Some(stored) => self.stored_table(&stored, Some(input), args, call.span, Row::new(&[], environment)),
                None => Err(self.unknown_function(&name.name, name.span).into()),
            };
        };
        self.used.insert(Arc::as_ptr(function).addr());
        if let Some(first) = function.parameters.first() {
            check_declared(&input, &first.ty, call.span)?;
        }
        let (rest, inner) = invoked(function, &name.name, outer.clone(), input, name.span)?;
        self.nested(call.span, |binder| {
            let inner = binder.parameters(&rest, inner, args, call.span, Row::new(&[], environment))?;
            let (body, inner) = binder.body(&rest, inner)?;
            binder.table(body, &inner)
        })
    }
}
