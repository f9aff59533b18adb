//! `search`: rows of any of several tables in which a text occurs in any column.
//!
//! The predicate becomes an ordinary condition, bound for each table by itself: only columns that a table has are read,
//! and a column that only other tables have is null.

use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Argument, BinaryOp, ExprKind, InOp, Literal, NamePattern, TableReference};

use super::filter::row_of;
use super::union::Legs;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::{Binding, Environment};
use crate::scope::Relation;
use crate::typed::Typed;

/// The column that says where a row comes from.
const SOURCE_COLUMN: &str = "$table";

/// What `search` was given.
#[derive(Clone, Copy)]
pub(crate) struct Searching<'a> {
    /// `kind=`.
    pub parameters: &'a [ast::OperatorParameter],
    /// `in (…)`.
    pub tables: &'a [TableReference],
    /// The predicate.
    pub predicate: &'a ast::Expr,
    /// All of the operator.
    pub span: ast::Span,
}

impl Binder<'_> {
    /// Looks for rows in the input, in the tables of `in (…)`, or in all tables.
    pub(crate) fn search(
        &mut self,
        input: Option<Relation>,
        searching: &Searching<'_>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let Searching { parameters, tables, predicate, span } = *searching;
        let predicate = Predicate { is_case_sensitive: is_case_sensitive(parameters)? }.condition(predicate);
        if input.is_some() && !tables.is_empty() {
            let message = "`search` after a pipe searches its input and takes no `in (..)`";
            return Err(ast::Diagnostic::error(codes::INVALID_USE, span, message).into());
        }
        let legs = match input {
            Some(input) => vec![input],
            None => self.searched_legs(tables, environment)?,
        };
        let legs = self.filtered_legs(legs, &predicate, environment)?;
        let mut legs = Legs { legs, source_column: Some(SOURCE_COLUMN.to_owned()), prefix: "search_arg", inner: false };
        // Rows that were searched before keep what they were found in.
        if let [only] = legs.legs.as_slice()
            && only.column(SOURCE_COLUMN).is_some()
        {
            legs.source_column = None;
        }
        self.united(legs)
    }

    /// The tables of `in (…)`; without, all tables.
    pub(super) fn searched_legs(
        &mut self,
        tables: &[TableReference],
        environment: &Environment,
    ) -> Bind<Vec<Relation>> {
        let all = [TableReference::Pattern(NamePattern { pattern: "*".to_owned(), span: ast::Span::default() })];
        let tables = if tables.is_empty() { &all } else { tables };
        let mut legs = Vec::new();
        for reference in tables {
            legs.extend(self.legs(reference, environment)?);
        }
        Ok(legs)
    }

    /// The rows of each table for which the predicate holds.
    pub(super) fn filtered_legs(
        &mut self,
        legs: Vec<Relation>,
        predicate: &ast::Expr,
        environment: &Environment,
    ) -> Bind<Vec<Relation>> {
        let mut names = Vec::new();
        names_in(predicate, &mut names);
        let mut known: Vec<(&str, Type)> = Vec::new();
        for name in names {
            if let Some(column) = legs.iter().find_map(|leg| leg.column(name)) {
                known.push((name, column.ty));
            }
        }
        let mut filtered = Vec::with_capacity(legs.len());
        for leg in legs {
            let mut inner = environment.clone();
            for (name, ty) in &known {
                if leg.column(name).is_none() {
                    // A constant, so that a table without rows of interest is not read at all.
                    let absent = match ty {
                        Type::String => Value::String(String::new()),
                        ty => Value::Null(*ty),
                    };
                    inner = inner.with(name, Binding::Scalar(Typed::constant(absent)));
                }
            }
            let source = leg.source.clone();
            let condition = self.condition(predicate, row_of(&leg, &inner))?;
            let plan = crate::plan::filtered(leg.plan, condition)?;
            filtered.push(Relation { source, ..Relation::new(plan, leg.columns) });
        }
        Ok(filtered)
    }
}

fn is_case_sensitive(parameters: &[ast::OperatorParameter]) -> Bind<bool> {
    for parameter in parameters.iter().filter(|parameter| parameter.name.name == "kind") {
        let kind = match &parameter.value.kind {
            ExprKind::Name(kind) | ExprKind::Literal(Literal::String(kind)) => kind.as_str(),
            _ => "",
        };
        match kind {
            "case_sensitive" => return Ok(true),
            "default" | "case_insensitive" => {}
            other => {
                let span = parameter.value.span;
                let known = ["default", "case_sensitive", "case_insensitive"];
                return Err(codes::unknown(codes::INVALID_USE, span, "kind of `search`", other, known).into());
            }
        }
    }
    Ok(false)
}

/// Names that a predicate mentions.
pub(super) fn names_in<'a>(expr: &'a ast::Expr, names: &mut Vec<&'a str>) {
    match &expr.kind {
        ExprKind::Name(name) if !names.contains(&name.as_str()) => names.push(name),
        ExprKind::Member { base, .. } => names_in(base, names),
        ExprKind::Index { base, index } => {
            names_in(base, names);
            names_in(index, names);
        }
        ExprKind::Call { args, .. } => args.iter().for_each(|arg| names_in(&arg.value, names)),
        ExprKind::Unary { operand, .. } => names_in(operand, names),
        ExprKind::Binary { left, right, .. } => {
            names_in(left, names);
            names_in(right, names);
        }
        ExprKind::In { value, items, .. } => {
            names_in(value, names);
            items.iter().for_each(|item| names_in(item, names));
        }
        ExprKind::Between { value, low, high, .. } => {
            for part in [value, low, high] {
                names_in(part, names);
            }
        }
        ExprKind::List(items) => items.iter().for_each(|item| names_in(item, names)),
        ExprKind::Pipeline(pipeline) => {
            if let [ast::Operator { kind: ast::OperatorKind::Source(inner), .. }] = pipeline.stages.as_slice() {
                names_in(inner, names);
            }
        }
        _ => {}
    }
}

/// How the predicate of `search` or `find` is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Predicate {
    /// `kind=case_sensitive`: of all string operators.
    pub is_case_sensitive: bool,
}

impl Predicate {
    /// The condition that it stands for: a text alone is looked for in all columns.
    pub fn condition(self, expr: &ast::Expr) -> ast::Expr {
        let kind = match &expr.kind {
            ExprKind::Star => ExprKind::Literal(Literal::Bool(Some(true))),
            ExprKind::Literal(Literal::String(text)) => {
                let everywhere = ast::Expr { kind: ExprKind::Star, span: expr.span };
                return self.term(everywhere, text, expr);
            }
            ExprKind::Binary { op: op @ (BinaryOp::And | BinaryOp::Or), op_span, left, right } => ExprKind::Binary {
                op: *op,
                op_span: *op_span,
                left: Box::new(self.condition(left)),
                right: Box::new(self.condition(right)),
            },
            ExprKind::Binary { op: BinaryOp::Colon, left, right, .. } => match &right.kind {
                ExprKind::Literal(Literal::String(text)) => return self.term((**left).clone(), text, right),
                _ => return expr.clone(),
            },
            ExprKind::Binary { op, op_span, left, right } => {
                let op = if self.is_case_sensitive { case_sensitive(*op) } else { *op };
                ExprKind::Binary { op, op_span: *op_span, left: left.clone(), right: right.clone() }
            }
            ExprKind::In { op, value, items } if self.is_case_sensitive => {
                let op = match op {
                    InOp::InIgnoreCase => InOp::In,
                    InOp::NotInIgnoreCase => InOp::NotIn,
                    other => *other,
                };
                ExprKind::In { op, value: value.clone(), items: items.clone() }
            }
            ExprKind::Call { name, args } if name.name == "not" && args.len() == 1 => {
                let value = self.condition(&args[0].value);
                ExprKind::Call { name: name.clone(), args: vec![Argument { name: None, value }] }
            }
            ExprKind::List(items) if items.len() == 1 => return self.condition(&items[0]),
            ExprKind::Pipeline(pipeline) => match pipeline.stages.as_slice() {
                [ast::Operator { kind: ast::OperatorKind::Source(inner), .. }] => return self.condition(inner),
                _ => return expr.clone(),
            },
            _ => return expr.clone(),
        };
        ast::Expr { kind, span: expr.span }
    }

    /// `column op "text"`, where stars in the text say which operator it is.
    fn term(self, column: ast::Expr, text: &str, literal: &ast::Expr) -> ast::Expr {
        let span = literal.span;
        let (op, wanted) = self.operator(text);
        let Some(op) = op else {
            return ast::Expr { kind: ExprKind::Literal(Literal::Bool(Some(true))), span };
        };
        let right = ast::Expr { kind: ExprKind::Literal(Literal::String(wanted)), span };
        let kind = ExprKind::Binary { op, op_span: span, left: Box::new(column), right: Box::new(right) };
        ast::Expr { kind, span }
    }

    fn operator(self, text: &str) -> (Option<BinaryOp>, String) {
        let inner = text.trim_matches('*');
        let op = match (text.starts_with('*'), text.ends_with('*')) {
            _ if inner.is_empty() && !text.is_empty() => return (None, String::new()),
            _ if inner.contains('*') => return (Some(BinaryOp::MatchesRegex), self.pattern(text)),
            (false, false) => BinaryOp::Has,
            (true, false) => BinaryOp::HasSuffix,
            (false, true) => BinaryOp::HasPrefix,
            (true, true) => BinaryOp::Contains,
        };
        (Some(if self.is_case_sensitive { case_sensitive(op) } else { op }), inner.to_owned())
    }

    /// A text with stars inside as a regular expression; words begin and end where no star does.
    fn pattern(self, text: &str) -> String {
        let parts: Vec<String> = text.trim_matches('*').split('*').map(regex::escape).collect();
        let flags = if self.is_case_sensitive { "(?s)" } else { "(?is)" };
        let edge = |is_open: bool| if is_open { "" } else { r"\b" };
        format!("{flags}{}{}{}", edge(text.starts_with('*')), parts.join(".*"), edge(text.ends_with('*')))
    }
}

fn case_sensitive(op: BinaryOp) -> BinaryOp {
    use BinaryOp::*;
    match op {
        EqualIgnoreCase => Equal,
        NotEqualIgnoreCase => NotEqual,
        Has => HasCs,
        NotHas => NotHasCs,
        HasPrefix => HasPrefixCs,
        NotHasPrefix => NotHasPrefixCs,
        HasSuffix => HasSuffixCs,
        NotHasSuffix => NotHasSuffixCs,
        Contains => ContainsCs,
        NotContains => NotContainsCs,
        StartsWith => StartsWithCs,
        NotStartsWith => NotStartsWithCs,
        EndsWith => EndsWithCs,
        NotEndsWith => NotEndsWithCs,
        other => other,
    }
}

/// Whether a condition made by [`Predicate::condition`] looks into all columns.
pub(super) fn has_term(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Star => true,
        ExprKind::Binary { left, right, .. } => has_term(left) || has_term(right),
        ExprKind::In { value, .. } => has_term(value),
        ExprKind::Call { name, args } if name.name == "not" => args.iter().any(|arg| has_term(&arg.value)),
        ExprKind::List(items) => items.iter().any(has_term),
        _ => false,
    }
}
