//! Expressions.

use super::operator::{column, operators};
use super::{Node, list, name, text};
use crate::{BinaryOp, Expr, ExprKind, InOp, Literal, UnaryOp};

/// The expression as a node.
pub(super) fn node(expr: &Expr) -> Node {
    match &expr.kind {
        ExprKind::Literal(value) => literal(value),
        ExprKind::Name(word) => name(word),
        ExprKind::Member { base, name: member } => list(".", [node(base), name(&member.name)]),
        ExprKind::Index { base, index } => list("[]", [node(base), node(index)]),
        ExprKind::Call { name: callee, args } => {
            let arguments = args.iter().map(|argument| match &argument.name {
                Some(given) => list("=", [name(&given.name), node(&argument.value)]),
                None => node(&argument.value),
            });
            list("call", [name(&callee.name)].into_iter().chain(arguments))
        }
        ExprKind::Unary { op, operand } => list(if *op == UnaryOp::Negate { "neg" } else { "plus" }, [node(operand)]),
        ExprKind::Binary { op, left, right, .. } => list(binary(*op), [node(left), node(right)]),
        ExprKind::In { op, value, items } => {
            list(membership(*op), [node(value)].into_iter().chain(items.iter().map(node)))
        }
        ExprKind::Between { negated, value, low, high } => {
            list(if *negated { "!between" } else { "between" }, [node(value), node(low), node(high)])
        }
        ExprKind::Star => Node::Atom("*".to_owned()),
        ExprKind::TypeOf(columns) => list("typeof", columns.iter().map(column)),
        ExprKind::Pipeline(pipeline) => list("pipe", operators(pipeline)),
        ExprKind::List(items) => list("list", items.iter().map(node)),
        ExprKind::Error => Node::Atom("<error>".to_owned()),
    }
}

fn literal(value: &Literal) -> Node {
    let typed = |word: &str, value: &Option<String>| {
        list(word, [Node::Atom(value.clone().unwrap_or_else(|| "null".to_owned()))])
    };
    match value {
        Literal::Bool(value) => Node::Atom(value.map_or("(bool null)".to_owned(), |value| value.to_string())),
        Literal::Long(Some(value)) => Node::Atom(value.clone()),
        Literal::Int(value) => typed("int", value),
        Literal::Long(value) => typed("long", value),
        Literal::Real(value) => typed("real", value),
        Literal::Decimal(value) => typed("decimal", value),
        Literal::String(value) => text(value),
        Literal::DateTime(value) => typed("datetime", value),
        Literal::TimeSpan(value) => typed("timespan", value),
        Literal::Guid(value) => typed("guid", value),
        Literal::Dynamic(value) => typed("dynamic", value),
    }
}

fn membership(op: InOp) -> &'static str {
    match op {
        InOp::In => "in",
        InOp::NotIn => "!in",
        InOp::InIgnoreCase => "in~",
        InOp::NotInIgnoreCase => "!in~",
        InOp::HasAny => "has_any",
        InOp::NotHasAny => "!has_any",
        InOp::HasAll => "has_all",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::EqualIgnoreCase => "=~",
        BinaryOp::NotEqualIgnoreCase => "!~",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        BinaryOp::Has => "has",
        BinaryOp::NotHas => "!has",
        BinaryOp::HasCs => "has_cs",
        BinaryOp::NotHasCs => "!has_cs",
        BinaryOp::HasPrefix => "hasprefix",
        BinaryOp::NotHasPrefix => "!hasprefix",
        BinaryOp::HasPrefixCs => "hasprefix_cs",
        BinaryOp::NotHasPrefixCs => "!hasprefix_cs",
        BinaryOp::HasSuffix => "hassuffix",
        BinaryOp::NotHasSuffix => "!hassuffix",
        BinaryOp::HasSuffixCs => "hassuffix_cs",
        BinaryOp::NotHasSuffixCs => "!hassuffix_cs",
        BinaryOp::Contains => "contains",
        BinaryOp::NotContains => "!contains",
        BinaryOp::ContainsCs => "contains_cs",
        BinaryOp::NotContainsCs => "!contains_cs",
        BinaryOp::StartsWith => "startswith",
        BinaryOp::NotStartsWith => "!startswith",
        BinaryOp::StartsWithCs => "startswith_cs",
        BinaryOp::NotStartsWithCs => "!startswith_cs",
        BinaryOp::EndsWith => "endswith",
        BinaryOp::NotEndsWith => "!endswith",
        BinaryOp::EndsWithCs => "endswith_cs",
        BinaryOp::NotEndsWithCs => "!endswith_cs",
        BinaryOp::MatchesRegex => "matches-regex",
        BinaryOp::Like => "like",
        BinaryOp::NotLike => "notlike",
        BinaryOp::Colon => ":",
    }
}
