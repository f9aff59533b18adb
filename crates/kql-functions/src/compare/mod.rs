//! Comparison of same-typed rows with KQL's null logic.
//!
//! `null == x` is false and `null != x` true; two nulls give null for both; the other four give null as soon
//! as one side is null. NaN equals nothing. Strings compare by their UTF-8 bytes.

use arrow::array::{Array, ArrayRef, BooleanArray, Datum, Scalar};
use arrow::compute::kernels::cmp;
use arrow::error::ArrowError;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;

use crate::column::{Bools, Strings, decimals, ints, longs, reals, rows_of};
use crate::dynamic::{Kind, compact, kind};
use crate::{Arg, Type, number};

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the operator of its name")]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl CompareOp {
    fn holds(self, order: Option<Ordering>) -> bool {
        match (self, order) {
            (CompareOp::NotEqual, order) => order != Some(Ordering::Equal),
            (_, None) => false,
            (CompareOp::Equal, Some(order)) => order.is_eq(),
            (CompareOp::Less, Some(order)) => order.is_lt(),
            (CompareOp::LessOrEqual, Some(order)) => order.is_le(),
            (CompareOp::Greater, Some(order)) => order.is_gt(),
            (CompareOp::GreaterOrEqual, Some(order)) => order.is_ge(),
        }
    }

    /// The outcome when one side or both are null.
    fn of_nulls(self, both: bool) -> Option<bool> {
        match self {
            CompareOp::Equal if !both => Some(false),
            CompareOp::NotEqual if !both => Some(true),
            _ => None,
        }
    }

    fn kernel(self) -> fn(&dyn Datum, &dyn Datum) -> Result<BooleanArray, ArrowError> {
        match self {
            CompareOp::Equal => cmp::eq,
            CompareOp::NotEqual => cmp::neq,
            CompareOp::Less => cmp::lt,
            CompareOp::LessOrEqual => cmp::lt_eq,
            CompareOp::Greater => cmp::gt,
            CompareOp::GreaterOrEqual => cmp::gt_eq,
        }
    }
}

/// Compares rows of one type; two scalars give one row.
pub fn compare(op: CompareOp, left: &Arg, right: &Arg, ty: Type, rows: usize) -> BooleanArray {
    if let Some(result) = without_nulls(op, left, right, ty) {
        return result;
    }
    let rows = rows_of(&[left.clone(), right.clone()], rows);
    match ty {
        Type::Bool => {
            let (left, right) = (Bools::of(left), Bools::of(right));
            collect(op, rows, |row| left.get(row), |row| right.get(row), |a, b| Some(a.cmp(b)))
        }
        Type::Int => {
            let (left, right) = (ints(left), ints(right));
            collect(op, rows, |row| left.get(row), |row| right.get(row), |a, b| Some(a.cmp(b)))
        }
        Type::Long | Type::DateTime | Type::TimeSpan => {
            let (left, right) = (longs(left), longs(right));
            collect(op, rows, |row| left.get(row), |row| right.get(row), |a, b| Some(a.cmp(b)))
        }
        Type::Real => {
            let (left, right) = (reals(left), reals(right));
            collect(op, rows, |row| left.get(row), |row| right.get(row), f64::partial_cmp)
        }
        Type::Decimal => {
            let (left, right) = (decimals(left), decimals(right));
            collect(op, rows, |row| left.get(row), |row| right.get(row), |a, b| Some(a.cmp(b)))
        }
        Type::String => {
            let (left, right) = (Strings::of(left), Strings::of(right));
            (0..rows).map(|row| Some(op.holds(Some(left.text(row).cmp(right.text(row)))))).collect()
        }
        Type::Guid => {
            let (left, right) = (Strings::of(left), Strings::of(right));
            collect(op, rows, |row| left.get(row), |row| right.get(row), |a, b| Some(a.cmp(b)))
        }
        Type::Dynamic => {
            let (left, right) = (Strings::of(left), Strings::of(right));
            collect(op, rows, |row| left.get(row), |row| right.get(row), |a, b| dynamic_order(a, b))
        }
    }
}

fn collect<T>(
    op: CompareOp,
    rows: usize,
    left: impl Fn(usize) -> Option<T>,
    right: impl Fn(usize) -> Option<T>,
    order: impl Fn(&T, &T) -> Option<Ordering>,
) -> BooleanArray {
    let row = |row| match (left(row), right(row)) {
        (Some(left), Some(right)) => Some(op.holds(order(&left, &right))),
        (left, right) => op.of_nulls(left.is_none() && right.is_none()),
    };
    (0..rows).map(row).collect()
}

/// Arrow's kernel, where its rules are KQL's: no nulls, and neither reals nor dynamics.
fn without_nulls(op: CompareOp, left: &Arg, right: &Arg, ty: Type) -> Option<BooleanArray> {
    let has_form = |arg: &Arg| *arg.array().data_type() == ty.arrow() && arg.array().null_count() == 0;
    if matches!(ty, Type::Real | Type::Dynamic) || !has_form(left) || !has_form(right) {
        return None;
    }
    op.kernel()(datum(left).as_ref(), datum(right).as_ref()).ok()
}

fn datum(arg: &Arg) -> Box<dyn Datum> {
    match arg {
        Arg::Array(array) => Box::new(array.clone()),
        Arg::Scalar(array) => Box::new(Scalar::<ArrayRef>::new(array.clone())),
    }
}

/// Numbers by value, everything else by its compact text.
pub fn dynamic_order(left: &str, right: &str) -> Option<Ordering> {
    if kind(left) == Kind::Number && kind(right) == Kind::Number {
        if let (Some(left), Some(right)) = (number::parse_long(left.trim()), number::parse_long(right.trim())) {
            return Some(left.cmp(&right));
        }
        return number::parse_real(left.trim())?.partial_cmp(&number::parse_real(right.trim())?);
    }
    Some(compact(left).cmp(&compact(right)))
}

/// `=~`, or `!~` when negated.
pub fn equals_ignore_case(left: &Arg, right: &Arg, is_negated: bool, rows: usize) -> BooleanArray {
    let rows = rows_of(&[left.clone(), right.clone()], rows);
    let (left, right) = (Strings::of(left), Strings::of(right));
    (0..rows).map(|row| Some(same_ignoring_case(left.text(row), right.text(row)) != is_negated)).collect()
}

/// Whether two texts are the same but for upper and lower case.
pub(crate) fn same_ignoring_case(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right) || (!right.is_ascii() && !left.is_ascii() && folded(left) == folded(right))
}

/// The text in the form that case-insensitive operators compare.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    let has_upper = if text.is_ascii() {
        text.bytes().any(|byte| byte.is_ascii_uppercase())
    } else {
        return Cow::Owned(text.to_lowercase());
    };
    if has_upper { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn check(left: &Value, op: CompareOp, right: &Value, expected: Option<bool>) {
        let arrays = [Arg::Array(left.to_array()), Arg::Scalar(left.to_array())];
        for left in arrays {
            let result = compare(op, &left, &Arg::Scalar(right.to_array()), right.ty(), 1);
            assert_eq!(result.is_valid(0).then(|| result.value(0)), expected, "{left:?} {op:?} {right:?}");
        }
    }

    #[test]
    fn null_equals_nothing_but_differs_from_everything() {
        let null = Value::Null(Type::Long);
        check(&null, CompareOp::Equal, &Value::Long(1), Some(false));
        check(&null, CompareOp::NotEqual, &Value::Long(1), Some(true));
        check(&null, CompareOp::Equal, &null, None);
        check(&null, CompareOp::NotEqual, &null, None);
        check(&null, CompareOp::Less, &Value::Long(1), None);
        check(&Value::Long(2), CompareOp::GreaterOrEqual, &Value::Long(2), Some(true));
    }

    #[test]
    fn nan_equals_nothing_and_zero_has_no_sign() {
        let (nan, zero) = (Value::Real(f64::NAN), Value::Real(0.0));
        check(&nan, CompareOp::Equal, &nan, Some(false));
        check(&nan, CompareOp::NotEqual, &nan, Some(true));
        check(&nan, CompareOp::Less, &zero, Some(false));
        check(&Value::Real(-0.0), CompareOp::Equal, &zero, Some(true));
    }

    #[test]
    fn strings_compare_by_code_point() {
        let text = |text: &str| Value::String(text.to_owned());
        check(&text("CAFE"), CompareOp::Less, &text("Café"), Some(true));
        check(&text("Café"), CompareOp::Less, &text("cafe"), Some(true));
        assert!(same_ignoring_case("CAFÉ", "café"));
        assert!(!same_ignoring_case("CAFÉ", "cafe"));
    }

    #[test]
    fn dynamics_compare_by_value() {
        let json = |text: &str| Value::Dynamic(text.to_owned());
        check(&json("{\"a\": 1}"), CompareOp::Equal, &json("{\"a\":1}"), Some(true));
        check(&json("9"), CompareOp::Less, &json("10"), Some(true));
        check(&json("1.0"), CompareOp::Equal, &json("1"), Some(true));
    }
}
