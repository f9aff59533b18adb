//! Aggregates that give several columns: `arg_max`, `arg_min`, `take_any`, `percentiles`.

use kql_syntax as ast;

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;
use crate::typed::Typed;

impl Binder<'_> {
    /// Binds a call that gives several columns, each with its name and whether the query gave it; nothing for others.
    pub(crate) fn several_columns(
        &mut self,
        name: &str,
        _args: &[ast::Argument],
        item: &ast::NamedExpr,
        _input: &Relation,
        _environment: &Environment,
    ) -> Bind<Option<Vec<(String, Typed, bool)>>> {
        match name {
            "arg_max" | "arg_min" | "argmax" | "argmin" | "percentiles" => {
                Err(codes::unsupported(codes::UNSUPPORTED_FUNCTION, item.expr.span, name).into())
            }
            _ => Ok(None),
        }
    }
}
