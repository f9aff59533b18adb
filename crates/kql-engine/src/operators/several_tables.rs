//! Queries that give several tables: several statements, `fork`, `facet`.

use kql_syntax::{self as ast, Argument, Diagnostic, ExprKind, Ident, NamedExpr, OperatorKind, StatementKind};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::naming;
use crate::scope::Relation;

/// Most tables of a result.
const MAX_TABLES: usize = 100;

/// A table of the result, by the name the query gives it.
type NamedTable = (Option<String>, Relation);

impl Binder<'_> {
    /// All tables that the statements give, in the engine's form: the first is the result, the others go beside it.
    pub(crate) fn result_tables(&mut self, query: &ast::Query, environment: &Environment) -> Bind<Relation> {
        let mut tables = Vec::new();
        let is_last =
            |at: usize| query.statements[at + 1..].iter().all(|s| !matches!(s.kind, StatementKind::Expression(_)));
        for (at, statement) in query.statements.iter().enumerate() {
            if let StatementKind::Expression(expr) = &statement.kind {
                // Tables that a statement only names for the statements after it are no result.
                if gives_graph_tables(expr).is_some() && !is_last(at) {
                    continue;
                }
                tables.extend(self.tables_of(expr, environment)?);
                if tables.len() > MAX_TABLES {
                    let message = format!("query gives more than {MAX_TABLES} tables");
                    return Err(Diagnostic::error(codes::TOO_MANY, statement.span, message).into());
                }
            }
        }
        let mut tables = tables.into_iter();
        let Some((_, first)) = tables.next() else {
            let message = "query has no tabular expression";
            return Err(Diagnostic::error(codes::WRONG_KIND, ast::Span::default(), message).into());
        };
        for (number, (name, relation)) in tables.enumerate() {
            let relation = self.in_engine_form(relation)?;
            self.more_tables.push((name.unwrap_or_else(|| format!("Result_{}", number + 1)), relation));
        }
        self.in_engine_form(first)
    }

    /// The tables of one statement: several where it ends in `fork` or `facet`.
    fn tables_of(&mut self, expr: &ast::Expr, environment: &Environment) -> Bind<Vec<NamedTable>> {
        if let ExprKind::Pipeline(pipeline) = &expr.kind
            && let [before @ .., last] = pipeline.stages.as_slice()
            && matches!(last.kind, OperatorKind::Fork(_) | OperatorKind::Facet { .. })
        {
            let before = ast::Pipeline { stages: before.to_vec() };
            let input = ast::Expr { kind: ExprKind::Pipeline(before), span: expr.span };
            let input = self.table(&input, environment)?;
            return match &last.kind {
                OperatorKind::Fork(legs) => self.fork(&input, legs, environment),
                OperatorKind::Facet { by, body } => self.facet(&input, by, body.as_ref(), environment),
                _ => Ok(Vec::new()),
            };
        }
        if let Some(outputs) = gives_graph_tables(expr) {
            let given = |output: &ast::GraphTable| output.name.as_ref().map(|name| name.name.clone());
            let tables = self.graph_tables(expr, outputs, environment)?;
            return Ok(outputs.iter().map(given).zip(tables).collect());
        }
        Ok(vec![(None, self.table(expr, environment)?)])
    }

    /// A table for each sub-query.
    fn fork(&mut self, input: &Relation, legs: &[ast::ForkLeg], environment: &Environment) -> Bind<Vec<NamedTable>> {
        let mut tables = Vec::with_capacity(legs.len());
        for leg in legs {
            let table = self.staged(input.clone(), &leg.body.stages, environment)?;
            // `as` at the end of a sub-query names it as well.
            let named = leg.body.stages.last().and_then(|stage| match &stage.kind {
                OperatorKind::As { name, .. } => Some(&name.name),
                _ => None,
            });
            let name = leg.name.as_ref().map(|name| &name.name).or(named).cloned();
            tables.push((name, table));
        }
        Ok(tables)
    }

    /// The table of the sub-query, then for each column how often it has each value.
    fn facet(
        &mut self,
        input: &Relation,
        by: &[NamedExpr],
        body: Option<&ast::Pipeline>,
        environment: &Environment,
    ) -> Bind<Vec<NamedTable>> {
        let mut tables = Vec::with_capacity(by.len() + 1);
        if let Some(body) = body {
            tables.push((None, self.staged(input.clone(), &body.stages, environment)?));
        }
        for column in by {
            let span = column.expr.span;
            let given = column.names.first().map(|name| name.name.clone());
            let Some(name) = given.or_else(|| naming::derived(&column.expr)).filter(|name| !name.is_empty()) else {
                let message = "`facet` takes names of columns";
                return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
            };
            let count = Ident { name: "count".to_owned(), span };
            let expr = ast::Expr { kind: ExprKind::Call { name: count, args: Vec::<Argument>::new() }, span };
            let counted = NamedExpr { names: vec![Ident { name: format!("count_{name}"), span }], expr };
            let by = std::slice::from_ref(column);
            tables.push((Some(name), self.summarize(input.clone(), &[counted], by, environment)?));
        }
        Ok(tables)
    }
}

/// The outputs of `graph-to-table nodes, edges` at the end of a statement.
pub(super) fn gives_graph_tables(expr: &ast::Expr) -> Option<&[ast::GraphTable]> {
    let ExprKind::Pipeline(pipeline) = &expr.kind else { return None };
    match &pipeline.stages.last()?.kind {
        OperatorKind::GraphToTable(outputs) if outputs.len() > 1 => Some(outputs),
        _ => None,
    }
}
