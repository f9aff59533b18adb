//! `in`, `has_any`, `has_all` and `between`.

use datafusion::logical_expr::expr_fn::in_list;
use datafusion::logical_expr::{Expr, lit};
use kql_functions::compare::CompareOp;
use kql_functions::dynamic::{self, ArrayWriter, elements, text_of};
use kql_functions::string_ops::{StringOp, StringOpKind};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, InOp};

use super::logic::balanced;
use super::{Row, Truth};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::functions::kernel::Kernel;
use crate::functions::ticks::us_literal;
use crate::scope::Repr;
use crate::typed::{Typed, or_empty, scalar_of};

/// Most values that `in (table)` takes, as in Kusto.
const MAX_VALUES: usize = 1_000_000;

/// What the parentheses hold.
struct Items {
    /// Constants, arrays already taken apart.
    constants: Vec<Value>,
    /// The rest.
    computed: Vec<Typed>,
}

impl Binder<'_> {
    /// Binds `value op (items)`.
    pub(super) fn membership(
        &mut self,
        op: InOp,
        value: &ast::Expr,
        items: &[ast::Expr],
        row: Row<'_>,
        truth: Truth,
    ) -> Bind<Typed> {
        let span = value.span;
        if matches!(value.kind, ast::ExprKind::Star) {
            return Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, "* in").into());
        }
        let value = self.scalar(value, row)?;
        let items = self.items(items, row)?;
        let negated = matches!(op, InOp::NotIn | InOp::NotInIgnoreCase | InOp::NotHasAny);
        match op {
            InOp::In | InOp::NotIn => self.is_in(value, items, negated, span, truth),
            InOp::InIgnoreCase | InOp::NotInIgnoreCase => self.text_list(StringOpKind::In, value, items, negated, span),
            InOp::HasAny | InOp::NotHasAny => self.text_list(StringOpKind::HasAny, value, items, negated, span),
            InOp::HasAll => self.text_list(StringOpKind::HasAll, value, items, negated, span),
        }
    }

    fn items(&mut self, exprs: &[ast::Expr], row: Row<'_>) -> Bind<Items> {
        let mut items = Items { constants: Vec::new(), computed: Vec::new() };
        for expr in exprs {
            if self.is_tabular(expr, row.environment, row.columns) {
                let relation = self.table(expr, row.environment)?;
                let answer = self.ask(relation)?;
                if !answer.columns.is_empty() {
                    items.constants.extend(answer.values(0).take(MAX_VALUES));
                }
                continue;
            }
            let typed = self.scalar(expr, row)?;
            match &typed.constant {
                Some(Value::Dynamic(json)) if dynamic::kind(json) == dynamic::Kind::Array => {
                    items.constants.extend(elements(json).map(scalar_value));
                }
                Some(Value::Dynamic(json)) => items.constants.push(scalar_value(json)),
                Some(value) => items.constants.push(value.clone()),
                None => items.computed.push(typed),
            }
        }
        Ok(items)
    }

    /// `in` and `!in`.
    fn is_in(&mut self, value: Typed, items: Items, negated: bool, span: ast::Span, truth: Truth) -> Bind<Typed> {
        let value = if value.ty == Type::Dynamic { self.cast(value, item_type(&items))? } else { value };
        let mut constants: Vec<Value> = items.constants.iter().map(|item| self.item(item, value.ty)).collect();
        constants.retain(|item| !matches!(item, Value::Null(_)));
        let mut tests = Vec::new();
        if value.ty == Type::Real {
            for constant in constants {
                let test = self.compare_as(CompareOp::Equal, value.clone(), Typed::constant(constant), span, truth)?;
                tests.push(test.expr);
            }
        } else if !constants.is_empty() {
            let mut list: Vec<Expr> = Vec::with_capacity(constants.len());
            for constant in &constants {
                match (value.repr, constant) {
                    (Repr::Us, Value::DateTime(ticks)) => {
                        let low = crate::functions::ticks::floor_us(*ticks);
                        if low == crate::functions::ticks::ceil_us(*ticks) {
                            list.push(us_literal(low));
                        }
                    }
                    _ => list.push(lit(scalar_of(constant))),
                }
            }
            tests.push(in_list(value.expr.clone(), list, false));
        }
        for item in items.computed {
            tests.push(self.is_in_computed(value.clone(), item, span)?);
        }
        if tests.is_empty() {
            return Ok(Typed::constant(Value::Bool(negated)));
        }
        let test = balanced(tests, Expr::or);
        // Null is in no list, so it passes `!in`.
        let test = if value.nullable && (negated || truth == Truth::Exact) { test.is_true() } else { test };
        Ok(Typed::non_null(if negated { !test } else { test }, Type::Bool))
    }

    fn is_in_computed(&mut self, value: Typed, item: Typed, span: ast::Span) -> Bind<Expr> {
        if item.ty == Type::Dynamic {
            let text = self.cast(value, Type::String)?;
            let op = StringOp { kind: StringOpKind::In, is_case_sensitive: true, is_negated: false };
            let list = self.json_text(item);
            return Ok(Kernel::Text { op }.call(vec![text.expr, list]));
        }
        Ok(self.compare_as(CompareOp::Equal, value, item, span, Truth::Exact)?.expr)
    }

    /// The JSON of a dynamic as it stands, `""` where null.
    fn json_text(&self, item: Typed) -> Expr {
        or_empty(item.expr)
    }

    fn item(&self, item: &Value, ty: Type) -> Value {
        item.cast(ty)
    }

    /// `in~`, `has_any`, `has_all`.
    fn text_list(
        &mut self,
        kind: StringOpKind,
        value: Typed,
        items: Items,
        is_negated: bool,
        span: ast::Span,
    ) -> Bind<Typed> {
        let value =
            if kind == StringOpKind::In { self.cast(value, Type::String)? } else { self.text_operand(value, span)? };
        let op = StringOp { kind, is_case_sensitive: false, is_negated };
        let list = match items.computed.as_slice() {
            [] => {
                let mut json = String::new();
                let mut writer = ArrayWriter::new(&mut json);
                for item in &items.constants {
                    if let Value::String(text) = item.cast(Type::String) {
                        writer.push_text(&text);
                    }
                }
                writer.end();
                lit(scalar_of(&Value::String(json)))
            }
            [item] if items.constants.is_empty() && item.ty == Type::Dynamic => self.json_text(item.clone()),
            _ => {
                let mut all: Vec<Typed> = items.constants.into_iter().map(Typed::constant).collect();
                all.extend(items.computed);
                let packed = self.function_of("pack_array", all, span)?;
                self.json_text(packed)
            }
        };
        Ok(Typed::non_null(Kernel::Text { op }.call(vec![value.expr, list]), Type::Bool))
    }

    /// `value between (low .. high)`, both ends included.
    pub(super) fn between(
        &mut self,
        negated: bool,
        value: &ast::Expr,
        (low, high): (&ast::Expr, &ast::Expr),
        row: Row<'_>,
        truth: Truth,
    ) -> Bind<Typed> {
        let span = value.span.to(high.span);
        let value = self.scalar(value, row)?;
        let low = self.scalar(low, row)?;
        let mut high = self.scalar(high, row)?;
        if value.ty == Type::DateTime && high.ty == Type::TimeSpan {
            if low.ty != Type::DateTime {
                let message = "the right end of `between` may be a timespan only when the left end is a datetime";
                return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into());
            }
            let sum = self.arithmetic(ast::BinaryOp::Add, low.clone(), high, span)?;
            high = self.folded(sum);
        }
        let (above, below) = if negated {
            (CompareOp::Less, CompareOp::Greater)
        } else {
            (CompareOp::GreaterOrEqual, CompareOp::LessOrEqual)
        };
        let first = self.compare_as(above, value.clone(), low, span, truth)?;
        let second = self.compare_as(below, value, high, span, truth)?;
        let nullable = first.nullable || second.nullable;
        let both = if negated { first.expr.or(second.expr) } else { first.expr.and(second.expr) };
        Ok(Typed { nullable, ..Typed::new(both, Type::Bool) })
    }
}

/// The scalar that a JSON text holds; bags and arrays stay dynamic.
fn scalar_value(json: &str) -> Value {
    match dynamic::kind(json) {
        dynamic::Kind::String => Value::String(text_of(json).into_owned()),
        dynamic::Kind::Number => match json.trim().parse::<i64>() {
            Ok(value) => Value::Long(value),
            Err(_) => json.trim().parse::<f64>().map_or(Value::Null(Type::Dynamic), Value::Real),
        },
        dynamic::Kind::Bool => Value::Bool(json.trim() == "true"),
        dynamic::Kind::Null => Value::Null(Type::Dynamic),
        _ => Value::Dynamic(json.to_owned()),
    }
}

fn item_type(items: &Items) -> Type {
    let mut types = items.constants.iter().map(Value::ty).chain(items.computed.iter().map(|item| item.ty));
    let first = types.next().unwrap_or(Type::String);
    if first == Type::Dynamic || types.any(|ty| ty != first) { Type::String } else { first }
}
