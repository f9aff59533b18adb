//! `mv-expand`.

use kql_syntax as ast;

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;

impl Binder<'_> {
    pub(super) fn mv_expand(
        &mut self,
        _input: Relation,
        _parameters: &[ast::OperatorParameter],
        items: &[ast::ExpandItem],
        _limit: Option<&ast::Expr>,
        _is_legacy: bool,
        _environment: &Environment,
    ) -> Bind<Relation> {
        let span = items.first().map_or(ast::Span::default(), |item| item.expr.span);
        Err(codes::unsupported(codes::UNSUPPORTED_OPERATOR, span, "mv-expand").into())
    }
}
