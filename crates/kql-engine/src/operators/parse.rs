//! `parse` and `parse-where`.

use std::fmt::Write;

use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::expr_fn::when;
use datafusion::logical_expr::{Expr, lit};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ParseItem, ParseKind};
use regex::Regex;

use super::filter::{rest, row_of};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::{column_type, null_of};
use crate::functions::parse_text::ParseText;
use crate::scope::Relation;
use crate::typed::{Typed, scalar_of};

/// How a pattern is applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'a> {
    /// Rows that do not match are dropped.
    pub is_where: bool,
    /// What the text items are.
    pub kind: ParseKind,
    /// Regular expression flags.
    pub flags: Option<&'a str>,
}

impl Binder<'_> {
    /// Takes a text apart into columns.
    pub(super) fn parse(
        &mut self,
        input: Relation,
        rule: &Rule<'_>,
        expr: &ast::Expr,
        pattern: &[ParseItem],
        environment: &Environment,
    ) -> Bind<Relation> {
        adjacent_columns(pattern)?;
        let text = self.scalar(expr, row_of(&input, environment))?;
        let text = self.cast(text, Type::String)?;
        let targets: Vec<(String, Type)> = pattern
            .iter()
            .filter_map(|item| match item {
                ParseItem::Column { name, ty } => Some((name.name.clone(), ty.map_or(Type::String, column_type))),
                _ => None,
            })
            .collect();
        if let Some(repeated) = repeated_column(pattern) {
            let message = format!("column `{}` is named twice", repeated.name);
            return Err(Diagnostic::error(codes::DUPLICATE_NAME, repeated.span, message).into());
        }
        let source = expression(rule, pattern);
        let regex = Regex::new(&source).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Diagnostic::error(codes::BAD_LITERAL, expr.span, format!("pattern is not a regular expression: {reason}"))
        })?;
        let parsed = ParseText::new(regex, targets.len()).call(text.expr);
        let (input, parsed) = self.as_columns(input, vec![Typed::new(parsed, Type::Dynamic)])?;
        let Some(parsed) = parsed.into_iter().next() else { return Ok(input) };
        self.parsed_columns(input, &parsed.expr, targets, rule)
    }

    fn parsed_columns(
        &mut self,
        input: Relation,
        parsed: &Expr,
        targets: Vec<(String, Type)>,
        rule: &Rule<'_>,
    ) -> Bind<Relation> {
        let mut matched = get_field(parsed.clone(), ParseText::MATCHED);
        let mut values = Vec::new();
        for (index, (name, ty)) in targets.into_iter().enumerate() {
            let text = Typed::new(get_field(parsed.clone(), ParseText::group(index)), Type::String);
            let value = self.cast(text, ty)?;
            if rule.kind == ParseKind::Simple && ty != Type::String {
                matched = matched.and(value.expr.clone().is_not_null());
            }
            values.push((name, value));
        }
        let mut columns: Vec<(String, Typed, bool)> =
            input.columns.iter().map(|column| (column.name.clone(), Typed::column(column), column.hidden)).collect();
        for (name, value) in values {
            let value = if rule.kind == ParseKind::Simple {
                let absent = if value.ty == Type::String {
                    lit(scalar_of(&Value::String(String::new())))
                } else {
                    null_of(value.ty)
                };
                Typed { expr: when(matched.clone(), value.expr.clone()).otherwise(absent)?, ..value }
            } else {
                value
            };
            match columns.iter_mut().find(|(existing, ..)| *existing == name) {
                Some(existing) => *existing = (name, value, false),
                None => columns.push((name, value, false)),
            }
        }
        if !rule.is_where {
            return self.project(input, columns);
        }
        let order = input.order.clone();
        let plan = crate::plan::filtered(input.plan, matched)?;
        let kept = Relation { plan, ..rest(input.columns, order, input.serialized) };
        self.project(kept, columns)
    }
}

fn repeated_column(pattern: &[ParseItem]) -> Option<&ast::Ident> {
    let mut seen = std::collections::HashSet::new();
    pattern.iter().find_map(|item| match item {
        ParseItem::Column { name, .. } if !seen.insert(name.name.as_str()) => Some(name),
        _ => None,
    })
}

/// The whole pattern as one regular expression.
fn expression(rule: &Rule<'_>, pattern: &[ParseItem]) -> String {
    let flags = match rule.flags {
        Some(flags) if rule.kind == ParseKind::Regex => {
            let mut unique = String::from("s");
            unique.extend(flags.chars().filter(|flag| *flag != 's'));
            format!("(?{unique})")
        }
        _ => "(?s)".to_owned(),
    };
    let mut source = format!("{flags}^");
    let mut group = 0;
    for (at, item) in pattern.iter().enumerate() {
        match item {
            ParseItem::Text(text, _) if rule.kind == ParseKind::Regex => {
                let _ = write!(source, "(?:{text})");
            }
            ParseItem::Text(text, _) => source.push_str(&regex::escape(text)),
            ParseItem::Star(_) => {
                if at + 1 < pattern.len() {
                    source.push_str(".*?");
                }
            }
            ParseItem::Column { ty, .. } => {
                let ty = ty.map_or(Type::String, column_type);
                let body = column_expression(ty, &pattern[at + 1..], rule.kind);
                let _ = write!(source, "(?P<{}>{body})", ParseText::group(group));
                group += 1;
            }
        }
    }
    if rule.kind != ParseKind::Regex && matches!(pattern.last(), Some(ParseItem::Text(..))) {
        source.push('$');
    }
    source
}

/// What a column takes: up to the next text, the rest at the end, digits where nothing else bounds it.
fn column_expression(ty: Type, after: &[ParseItem], kind: ParseKind) -> &'static str {
    let is_bounded = matches!(after.first(), Some(ParseItem::Text(..)));
    let number = match ty {
        Type::Int | Type::Long => Some(r"\s*-?\d+\s*"),
        Type::Real | Type::Decimal => Some(r"\s*-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*"),
        _ => None,
    };
    match number {
        Some(number) if kind == ParseKind::Regex || !is_bounded && !after.is_empty() => number,
        // Regular expressions take as much as they can, unless the flags say otherwise.
        _ if after.is_empty() || kind == ParseKind::Regex => ".*",
        _ => ".*?",
    }
}

/// Where a column ends is said by the text that follows it: two columns without text between are refused.
fn adjacent_columns(pattern: &[ParseItem]) -> Bind<()> {
    for pair in pattern.windows(2) {
        if let [ParseItem::Column { .. }, ParseItem::Column { name, .. }] = pair {
            let message = format!("column `{}` follows another column without text between", name.name);
            return Err(Diagnostic::error(codes::INVALID_USE, name.span, message).into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kql_syntax::{Ident, Span};

    fn column(name: &str) -> ParseItem {
        ParseItem::Column { name: Ident { name: name.to_owned(), span: Span::default() }, ty: None }
    }

    #[test]
    fn earlier_columns_are_lazy_and_the_last_takes_the_rest() {
        let rule = Rule { is_where: false, kind: ParseKind::Simple, flags: None };
        let pattern = [column("l"), ParseItem::Text("###".to_owned(), Span::default()), column("r")];
        let regex = Regex::new(&expression(&rule, &pattern)).unwrap();
        let found = regex.captures("a###b###c").unwrap();
        assert_eq!((&found["p0"], &found["p1"]), ("a", "b###c"));
    }
}
