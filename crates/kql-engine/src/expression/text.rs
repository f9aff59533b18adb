//! `has`, `contains`, `=~` and the other string operators.

use kql_functions::string_ops::{StringOp, StringOpKind};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, BinaryOp, Diagnostic, Span};

use super::logic::balanced;
use super::{Row, Truth};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::functions::kernel::Kernel;
use crate::scope::find_column;
use crate::typed::Typed;

fn string_op(op: BinaryOp) -> Option<StringOp> {
    use BinaryOp::*;
    let (kind, is_case_sensitive, is_negated) = match op {
        EqualIgnoreCase => (StringOpKind::Equals, false, false),
        NotEqualIgnoreCase => (StringOpKind::Equals, false, true),
        Has | Colon => (StringOpKind::Has, false, false),
        NotHas => (StringOpKind::Has, false, true),
        HasCs => (StringOpKind::Has, true, false),
        NotHasCs => (StringOpKind::Has, true, true),
        HasPrefix => (StringOpKind::HasPrefix, false, false),
        NotHasPrefix => (StringOpKind::HasPrefix, false, true),
        HasPrefixCs => (StringOpKind::HasPrefix, true, false),
        NotHasPrefixCs => (StringOpKind::HasPrefix, true, true),
        HasSuffix => (StringOpKind::HasSuffix, false, false),
        NotHasSuffix => (StringOpKind::HasSuffix, false, true),
        HasSuffixCs => (StringOpKind::HasSuffix, true, false),
        NotHasSuffixCs => (StringOpKind::HasSuffix, true, true),
        Contains => (StringOpKind::Contains, false, false),
        NotContains => (StringOpKind::Contains, false, true),
        ContainsCs => (StringOpKind::Contains, true, false),
        NotContainsCs => (StringOpKind::Contains, true, true),
        StartsWith => (StringOpKind::StartsWith, false, false),
        NotStartsWith => (StringOpKind::StartsWith, false, true),
        StartsWithCs => (StringOpKind::StartsWith, true, false),
        NotStartsWithCs => (StringOpKind::StartsWith, true, true),
        EndsWith => (StringOpKind::EndsWith, false, false),
        NotEndsWith => (StringOpKind::EndsWith, false, true),
        EndsWithCs => (StringOpKind::EndsWith, true, false),
        NotEndsWithCs => (StringOpKind::EndsWith, true, true),
        MatchesRegex => (StringOpKind::MatchesRegex, true, false),
        _ => return None,
    };
    Some(StringOp { kind, is_case_sensitive, is_negated })
}

impl Binder<'_> {
    /// Binds a string operator with bound operands.
    pub(super) fn text_operator(&mut self, op: BinaryOp, left: Typed, right: Typed, span: Span) -> Bind<Typed> {
        let Some(op) = string_op(op) else {
            return Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, "like").into());
        };
        let left = self.text_operand(left, span)?;
        let right = self.text_operand(right, span)?;
        if op.kind == StringOpKind::MatchesRegex {
            check_regex(&right, span)?;
        }
        Ok(Typed::non_null(Kernel::Text { op }.call(vec![left.expr, right.expr]), Type::Bool))
    }

    /// A string, or what string operators read as one.
    pub(super) fn text_operand(&mut self, typed: Typed, span: Span) -> Bind<Typed> {
        match typed.ty {
            Type::String => Ok(typed),
            Type::Dynamic | Type::Guid => self.cast(typed, Type::String),
            found => {
                let message = format!("a string is needed here, not a {}", found.name());
                let hint = "`tostring(..)` makes one";
                Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into())
            }
        }
    }

    /// `* has "x"`: true where it holds for one of the columns.
    pub(super) fn any_column(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        right: &ast::Expr,
        row: Row<'_>,
        truth: Truth,
    ) -> Bind<Typed> {
        let right = self.scalar(right, row)?;
        let names: Vec<String> =
            row.columns.iter().filter(|column| !column.hidden).map(|column| column.name.clone()).collect();
        let mut tests = Vec::new();
        for name in names {
            let Some(column) = find_column(row.columns, &name) else { continue };
            let column = Typed::column(column);
            let test = if string_op(op).is_some() {
                let text = self.cast(column, Type::String)?;
                self.text_operator(op, text, right.clone(), op_span)?
            } else if column.ty == right.ty {
                self.compare(op, column, right.clone(), op_span, truth)?
            } else {
                continue;
            };
            tests.push(test.expr);
        }
        if tests.is_empty() {
            return Ok(Typed::constant(Value::Bool(false)));
        }
        // `* !has "x"` says that no column has it.
        let is_negated = op == BinaryOp::NotEqual || string_op(op).is_some_and(|op| op.is_negated);
        let join = if is_negated { datafusion::logical_expr::Expr::and } else { datafusion::logical_expr::Expr::or };
        Ok(Typed::new(balanced(tests, join), Type::Bool))
    }
}

fn check_regex(pattern: &Typed, span: Span) -> Bind<()> {
    if let Some(text) = pattern.as_text()
        && let Err(error) = regex::Regex::new(text)
    {
        let message = format!("`{text}` is not a regular expression: {}", first_reason(&error));
        return Err(Diagnostic::error(codes::BAD_LITERAL, span, message).into());
    }
    Ok(())
}

/// The last line of a regex error is its reason; the lines before draw the place.
fn first_reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
