//! `evaluate pivot`: the values of a column as columns.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Literal};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::Relation;

/// Most columns that `pivot` makes.
const MAX_COLUMNS: usize = 1_000;

impl Binder<'_> {
    /// Groups by the other columns and aggregates once for each value of the first.
    pub(super) fn pivot(
        &mut self,
        input: Relation,
        args: &[ast::Argument],
        span: ast::Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        let Some(ExprKind::Name(pivoted)) = args.first().map(|arg| &arg.value.kind) else {
            let message = "`pivot` takes a column";
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        };
        if input.column(pivoted).is_none() {
            let known = input.columns.iter().map(|column| column.name.as_str());
            return Err(codes::unknown(codes::UNKNOWN_NAME, span, "column", pivoted, known).into());
        }
        let (aggregate, aggregate_args) = match args.get(1).map(|arg| &arg.value.kind) {
            None => ("count".to_owned(), Vec::new()),
            Some(ExprKind::Call { name, args }) => (name.name.clone(), args.clone()),
            Some(_) => {
                let message = "the second argument of `pivot` is an aggregate";
                return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
            }
        };
        let used: Vec<&str> = aggregate_args.iter().filter_map(|arg| plain(&arg.value)).collect();
        let keys: Vec<String> = if args.len() > 2 {
            args[2..].iter().filter_map(|arg| plain(&arg.value)).map(str::to_owned).collect()
        } else {
            input
                .visible()
                .map(|column| column.name.clone())
                .filter(|name| name != pivoted && !used.contains(&name.as_str()))
                .collect()
        };
        let answer = self.ask(input)?;
        let Some(at) = answer.columns.iter().position(|column| column.name == *pivoted) else {
            let message = format!("column `{pivoted}` is hidden");
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        };
        let mut values: Vec<String> = answer.values(at).map(|value| text(&value)).collect();
        values.sort();
        values.dedup();
        if values.len() > MAX_COLUMNS {
            let message = format!("`pivot` would make more than {MAX_COLUMNS} columns");
            return Err(Diagnostic::error("KQL302", span, message).into());
        }
        let aggregates: Vec<ast::NamedExpr> =
            values.into_iter().map(|value| conditional(&aggregate, &aggregate_args, pivoted, value, span)).collect();
        let by: Vec<ast::NamedExpr> = keys
            .into_iter()
            .map(|name| ast::NamedExpr { names: Vec::new(), expr: ast::Expr { kind: ExprKind::Name(name), span } })
            .collect();
        let relation = answer.relation()?;
        self.summarize(relation, &aggregates, &by, environment)
    }
}

/// `['value'] = aggregateif(.., tostring(column) == 'value')`.
fn conditional(
    aggregate: &str,
    args: &[ast::Argument],
    pivoted: &str,
    value: String,
    span: ast::Span,
) -> ast::NamedExpr {
    let expr = |kind| ast::Expr { kind, span };
    let argument = |kind| ast::Argument { name: None, value: expr(kind) };
    let ident = |name: &str| ast::Ident { name: name.to_owned(), span };
    let column = argument(ExprKind::Name(pivoted.to_owned()));
    let condition = ExprKind::Binary {
        op: ast::BinaryOp::Equal,
        op_span: span,
        left: Box::new(expr(ExprKind::Call { name: ident("tostring"), args: vec![column] })),
        right: Box::new(expr(ExprKind::Literal(Literal::String(value.clone())))),
    };
    let function = match aggregate {
        "make_set" | "make_list" | "make_bag" => format!("{aggregate}_if"),
        "any" => "take_anyif".to_owned(),
        other => format!("{other}if"),
    };
    let mut args: Vec<ast::Argument> = args.to_vec();
    let at = args.len().min(1);
    args.insert(at, argument(condition));
    let call = ExprKind::Call { name: ident(&function), args };
    ast::NamedExpr { names: vec![ident(&value)], expr: expr(call) }
}

fn plain(expr: &ast::Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    }
}

fn text(value: &Value) -> String {
    match value.cast(Type::String) {
        Value::String(text) => text,
        _ => String::new(),
    }
}
