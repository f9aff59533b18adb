//! `evaluate`: plugins.

use kql_syntax as ast;

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;

impl Binder<'_> {
    pub(super) fn evaluate(
        &mut self,
        _input: Relation,
        _call: &ast::Expr,
        _schema: Option<&[ast::ColumnDeclaration]>,
        span: ast::Span,
        _environment: &Environment,
    ) -> Bind<Relation> {
        Err(codes::unsupported(codes::UNSUPPORTED_FUNCTION, span, "evaluate").into())
    }
}
