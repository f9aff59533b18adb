//! `invoke`.

use std::sync::Arc;

use kql_syntax::{self as ast, Diagnostic, ExprKind};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::expression::Row;
use crate::scope::Relation;

impl Binder<'_> {
    /// Calls a function with the input as its first argument.
    pub(super) fn invoke(&mut self, input: Relation, call: &ast::Expr, environment: &Environment) -> Bind<Relation> {
        let ExprKind::Call { name, args } = &call.kind else {
            let message = "`invoke` takes the call of a function";
            return Err(Diagnostic::error(codes::INVALID_USE, call.span, message).into());
        };
        let Some(Binding::Function(function, outer)) = environment.get(&name.name) else {
            return Err(self.unknown_function(&name.name, name.span).into());
        };
        let (function, outer) = (Arc::clone(function), outer.clone());
        let Some(first) = function.parameters.first() else {
            let message = format!("`{}` takes no table", name.name);
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, name.span, message).into());
        };
        let rest = ast::Function { parameters: function.parameters[1..].to_vec(), ..(*function).clone() };
        self.nested(call.span, |binder| {
            let inner = outer.with(&first.name.name, Binding::Relation(Arc::new(input)));
            let inner = binder.parameters(&rest, inner, args, call.span, Row::new(&[], environment))?;
            let (body, inner) = binder.body(&rest, inner)?;
            binder.table(body, &inner)
        })
    }
}
