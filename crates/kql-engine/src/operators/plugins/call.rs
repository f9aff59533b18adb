//! `evaluate plugin(…)`: finds the plugin and applies it.

use kql_syntax::{self as ast, Diagnostic, ExprKind};

use super::{PLUGINS, refused};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;

/// The call of a plugin.
pub(in crate::operators) struct PluginCall<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is in the parentheses.
    pub args: &'a [ast::Argument],
    /// The output that the query declares.
    pub schema: Option<&'a ast::OutputSchema>,
    /// Name and parentheses.
    pub span: ast::Span,
    /// The names that arguments may use.
    pub environment: &'a Environment,
}

impl Binder<'_> {
    /// Calls a plugin.
    pub(in crate::operators) fn evaluate(
        &mut self,
        input: Relation,
        call: &ast::Expr,
        schema: Option<&ast::OutputSchema>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let ExprKind::Call { name, args } = &call.kind else {
            let message = "`evaluate` takes the call of a plugin";
            return Err(Diagnostic::error(codes::INVALID_USE, call.span, message).into());
        };
        let Some((_, apply)) = PLUGINS.iter().find(|(plugin, _)| *plugin == name.name) else {
            return Err(unavailable(name).into());
        };
        let call = PluginCall { name: &name.name, args, schema, span: call.span, environment };
        self.nested(call.span, |binder| apply(binder, input, &call))
    }
}

/// A plugin that is refused, or none.
fn unavailable(name: &ast::Ident) -> Diagnostic {
    match refused::reason(&name.name) {
        Some(reason) => {
            let what = format!("evaluate {}", name.name);
            codes::unsupported(codes::UNSUPPORTED_FUNCTION, name.span, &what).with_hint(reason)
        }
        None => {
            let known = PLUGINS.iter().map(|(plugin, _)| *plugin);
            codes::unknown(codes::UNKNOWN_FUNCTION, name.span, "plugin", &name.name, known)
        }
    }
}
