//! `pivot`: the values of a column as columns.
//!
//! <https://learn.microsoft.com/kusto/query/pivot-plugin>

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Literal};

use super::arguments::inner;
use super::bag_unpack::shown;
use super::{Arguments, PluginCall, Wanted};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::expression::column_type;
use crate::scope::Relation;
use crate::typed::Typed;

/// Most columns that `pivot` makes.
const MAX_COLUMNS: usize = 1_000;

/// The aggregates that `pivot` takes, each with its form that counts only rows of one value.
const AGGREGATES: &[(&str, &str)] = &[
    ("count", "countif"),
    ("min", "minif"),
    ("max", "maxif"),
    ("take_any", "take_anyif"),
    ("any", "take_anyif"),
    ("sum", "sumif"),
    ("dcount", "dcountif"),
    ("avg", "avgif"),
    ("stdev", "stdevif"),
    ("variance", "varianceif"),
    ("make_list", "make_list_if"),
    ("make_bag", "make_bag_if"),
    ("make_set", "make_set_if"),
];

/// What is in the parentheses of `pivot`.
struct Pivoting {
    /// The column whose values become columns.
    column: String,
    /// The conditional form of the aggregate.
    aggregate: &'static str,
    /// What it aggregates.
    aggregated: Vec<ast::Argument>,
    /// The columns to group by.
    keys: Vec<String>,
    span: ast::Span,
}

impl Binder<'_> {
    /// Groups by the other columns and aggregates once for each value of the first.
    pub(super) fn pivot(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let pivoting = pivoting(&input, call)?;
        // What is wrong with the aggregate shows whatever values there are.
        let probe = self.pivoted(input.clone(), &pivoting, vec![String::new()], call)?;
        if let Some(schema) = call.schema {
            return self.pivot_declared(input, &pivoting, &probe, schema, call);
        }
        if self.is_check {
            return self.pivot_unknown(input, &pivoting, call);
        }
        let answer = self.ask(pivoting.used_columns(input))?;
        let Some(at) = answer.columns.iter().position(|column| column.name == pivoting.column) else {
            let message = format!("no column is named `{}`", pivoting.column);
            return Err(Diagnostic::error(codes::UNKNOWN_NAME, call.span, message).into());
        };
        let mut values = std::collections::BTreeSet::new();
        for value in answer.values(at) {
            values.insert(text(&value));
            if values.len() > MAX_COLUMNS {
                let message = format!("`pivot` would make more than {MAX_COLUMNS} columns");
                let hint = "declare those you need: `: (Key:string, Value:long)`";
                return Err(Diagnostic::error(codes::TOO_MANY, call.span, message).with_hint(hint).into());
            }
        }
        let relation = answer.relation()?;
        self.pivoted(relation, &pivoting, values.into_iter().collect(), call)
    }

    /// One row a group of keys, one column a value.
    fn pivoted(
        &mut self,
        input: Relation,
        pivoting: &Pivoting,
        values: Vec<String>,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let aggregates: Vec<ast::NamedExpr> = values.into_iter().map(|value| pivoting.conditional(value)).collect();
        let by: Vec<ast::NamedExpr> = pivoting
            .keys
            .iter()
            .map(|name| ExprKind::Name(name.clone()))
            .map(|kind| ast::NamedExpr { names: Vec::new(), expr: ast::Expr { kind, span: call.span } })
            .collect();
        self.summarize(input, &aggregates, &by, call.environment)
    }

    /// The keys, and whatever values there may be.
    fn pivot_unknown(&mut self, input: Relation, pivoting: &Pivoting, call: &PluginCall<'_>) -> Bind<Relation> {
        let keys = self.pivoted(input, pivoting, Vec::new(), call)?;
        let mut answer = self.ask(keys)?;
        answer.columns.retain(|column| !column.hidden);
        answer.columns.extend(self.open_columns());
        Ok(answer.relation()?)
    }

    /// The declared columns: keys by their name, all others are values.
    fn pivot_declared(
        &mut self,
        input: Relation,
        pivoting: &Pivoting,
        probe: &Relation,
        schema: &ast::OutputSchema,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let cell = probe.columns.last().map(|column| column.ty);
        let mut values = Vec::new();
        for column in &schema.columns {
            let (name, wanted) = (&column.name, column_type(column.ty));
            let found = match probe.column(&name.name).filter(|_| pivoting.keys.contains(&name.name)) {
                Some(key) => Some(key.ty),
                None => {
                    values.push(name.name.clone());
                    cell
                }
            };
            if let Some(found) = found.filter(|found| *found != wanted) {
                let message = format!("`{}` is a {}, not a {}", name.name, found.name(), wanted.name());
                return Err(Diagnostic::error(codes::TYPE_MISMATCH, name.span, message).into());
            }
        }
        let output = self.pivoted(input, pivoting, values, call)?;
        let mut columns: Vec<(String, Typed, bool)> = Vec::new();
        let keys = if schema.keeps_input { pivoting.keys.as_slice() } else { &[] };
        for name in keys.iter().chain(schema.columns.iter().map(|column| &column.name.name)) {
            if let Some(column) = output.column(name)
                && !columns.iter().any(|(existing, ..)| existing == name)
            {
                columns.push((name.clone(), Typed::column(column), false));
            }
        }
        self.project(output, columns)
    }
}

fn pivoting(input: &Relation, call: &PluginCall<'_>) -> Bind<Pivoting> {
    let mut args = Arguments::new(call);
    let column = args.column("pivotColumn", input, Wanted::NOT_DYNAMIC)?;
    let (aggregate, aggregated) = match args.optional("aggregationFunction") {
        None => ("countif", Vec::new()),
        Some(expr) => aggregate_of(expr)?,
    };
    let given = args.columns("column", input, Wanted::NOT_DYNAMIC)?;
    args.finish()?;
    let used: Vec<&str> = aggregated.iter().filter_map(|arg| plain(&arg.value)).collect();
    let keys = if given.is_empty() {
        input
            .visible()
            .map(|column| column.name.clone())
            .filter(|name| *name != column.name && !used.contains(&name.as_str()))
            .collect()
    } else {
        given.into_iter().map(|column| column.name).collect()
    };
    Ok(Pivoting { column: column.name, aggregate, aggregated, keys, span: call.span })
}

fn aggregate_of(expr: &ast::Expr) -> Bind<(&'static str, Vec<ast::Argument>)> {
    let ExprKind::Call { name, args } = &expr.kind else {
        let message = "the second argument of `pivot` is not an aggregate";
        return Err(Diagnostic::error(codes::INVALID_USE, expr.span, message).into());
    };
    match AGGREGATES.iter().find(|(plain, _)| *plain == name.name) {
        Some((_, conditional)) => Ok((conditional, args.clone())),
        None => {
            let message = format!("`pivot` does not take `{}`", name.name);
            let names: Vec<&str> = AGGREGATES.iter().map(|(plain, _)| *plain).collect();
            let hint = format!("it takes {}", names.join(", "));
            Err(Diagnostic::error(codes::INVALID_USE, name.span, message).with_hint(hint).into())
        }
    }
}

impl Pivoting {
    /// `['value'] = aggregateif(.., tostring(column) == 'value')`.
    fn conditional(&self, value: String) -> ast::NamedExpr {
        let span = self.span;
        let expr = |kind| ast::Expr { kind, span };
        let argument = |kind| ast::Argument { name: None, value: expr(kind) };
        let ident = |name: &str| ast::Ident { name: name.to_owned(), span };
        let column = argument(ExprKind::Name(self.column.clone()));
        let condition = ExprKind::Binary {
            op: ast::BinaryOp::Equal,
            op_span: span,
            left: Box::new(expr(ExprKind::Call { name: ident("tostring"), args: vec![column] })),
            right: Box::new(expr(ExprKind::Literal(Literal::String(value.clone())))),
        };
        let mut args = self.aggregated.clone();
        // `countif` takes the condition alone.
        if self.aggregate == "countif" {
            args.clear();
        }
        args.insert(args.len().min(1), argument(condition));
        let call = ExprKind::Call { name: ident(self.aggregate), args };
        ast::NamedExpr { names: vec![ident(&value)], expr: expr(call) }
    }

    /// The table with the columns that the arguments name shown.
    fn used_columns(&self, input: Relation) -> Relation {
        let aggregated = self.aggregated.iter().filter_map(|arg| plain(&arg.value));
        let names: Vec<&str> =
            [self.column.as_str()].into_iter().chain(aggregated).chain(self.keys.iter().map(String::as_str)).collect();
        names.into_iter().fold(input, shown)
    }
}

fn plain(expr: &ast::Expr) -> Option<&str> {
    match &inner(expr).kind {
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
