//! `has`, `contains`, `=~` and the other string operators.

use kql_functions::string_ops::{StringOp, StringOpKind};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, BinaryOp, Diagnostic, Span};

use super::logic::balanced;
use super::{Row, Truth};
use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::functions::any_text::AnyText;
use crate::functions::kernel::Kernel;
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
        let left = self.searched_text(left, span)?;
        let right = self.searched_text(right, span)?;
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
            found => Err(not_a_text(found, span)),
        }
    }

    /// An operand of a string operator: guids have to be made strings first.
    fn searched_text(&mut self, typed: Typed, span: Span) -> Bind<Typed> {
        match typed.ty {
            Type::String => Ok(typed),
            Type::Dynamic => self.cast(typed, Type::String),
            found => Err(not_a_text(found, span)),
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
        let columns: Vec<Typed> = row.columns.iter().filter(|column| !column.hidden).map(Typed::column).collect();
        if let Some(op) = string_op(op) {
            return self.any_text(op, op_span, columns, right);
        }
        let mut tests = Vec::new();
        for column in columns.into_iter().filter(|column| column.ty == right.ty) {
            tests.push(self.compare(op, column, right.clone(), op_span, truth)?.expr);
        }
        if tests.is_empty() {
            return Ok(Typed::constant(Value::Bool(false)));
        }
        // `* != "x"` says that no column is.
        let is_negated = op == BinaryOp::NotEqual;
        let join = if is_negated { datafusion::logical_expr::Expr::and } else { datafusion::logical_expr::Expr::or };
        Ok(Typed::new(balanced(tests, join), Type::Bool))
    }

    /// The same for text operators; `* !has "x"` says that no column has it.
    fn any_text(&mut self, op: StringOp, op_span: Span, columns: Vec<Typed>, needle: Typed) -> Bind<Typed> {
        let needle = self.text_operand(needle, op_span)?;
        if op.kind == StringOpKind::MatchesRegex {
            check_regex(&needle, op_span)?;
        }
        let mut texts = Vec::new();
        for column in columns {
            if needle.as_text().is_some_and(|text| !can_hold(column.ty, op, text)) {
                continue;
            }
            texts.push(self.cast(column, Type::String)?.expr);
        }
        let found = match texts.is_empty() {
            true => datafusion::logical_expr::lit(false),
            false => AnyText::new(op).call(needle.expr, texts),
        };
        Ok(Typed::non_null(if op.is_negated { !found } else { found }, Type::Bool))
    }
}

fn not_a_text(found: Type, span: Span) -> Stop {
    let message = format!("a string is needed here, not a {}", found.name());
    Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint("`tostring(..)` makes one").into()
}

fn check_regex(pattern: &Typed, span: Span) -> Bind<()> {
    if let Some(text) = pattern.as_text()
        && let Err(reason) = kql_functions::pattern::compile(text)
    {
        let message = format!("`{text}` is not a regular expression: {reason}");
        return Err(Diagnostic::error(codes::BAD_LITERAL, span, message).into());
    }
    Ok(())
}

/// Whether a value of that type can have the text in it when printed: so that columns of numbers and times are not
/// read for a word.
fn can_hold(ty: Type, op: StringOp, text: &str) -> bool {
    use StringOpKind::{Contains, EndsWith, Has, HasPrefix, HasSuffix, StartsWith};
    if !matches!(op.kind, Has | HasPrefix | HasSuffix | Contains | StartsWith | EndsWith) {
        return true;
    }
    let letters = match ty {
        Type::String | Type::Dynamic => return true,
        Type::Bool => "true false",
        Type::Int | Type::Long => "-",
        Type::Real | Type::Decimal => "-+.e nan infinity",
        Type::DateTime => "-:.tz",
        Type::TimeSpan => "-:.",
        Type::Guid => "-abcdef",
    };
    text.chars().all(|c| c.is_ascii_digit() || letters.contains(c.to_ascii_lowercase()))
}
