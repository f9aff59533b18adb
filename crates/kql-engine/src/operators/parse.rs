//! `parse` and `parse-where`.

use kql_syntax as ast;

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;

/// How a pattern is applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'a> {
    pub is_where: bool,
    pub kind: ast::ParseKind,
    pub flags: Option<&'a str>,
}

impl Binder<'_> {
    pub(super) fn parse(
        &mut self,
        _input: Relation,
        _rule: &Rule<'_>,
        expr: &ast::Expr,
        _pattern: &[ast::ParseItem],
        _environment: &Environment,
    ) -> Bind<Relation> {
        Err(codes::unsupported(codes::UNSUPPORTED_OPERATOR, expr.span, "parse").into())
    }
}
