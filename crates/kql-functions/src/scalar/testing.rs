//! Checks of a function by name, in every form that arguments come in.

use std::sync::Arc;

use arrow::array::UInt32Array;
use arrow::array::{Array, ArrayRef};
use arrow::compute::{concat, take};

use crate::{Arg, ArgumentInfo, EvalContext, Value, convert, datetime};

/// `now()` in tests.
pub(crate) const NOW: &str = "2024-05-15T12:30:45.1234567Z";

pub(crate) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub(crate) fn json(text: &str) -> Value {
    Value::Dynamic(text.to_owned())
}

pub(crate) fn time(text: &str) -> Value {
    Value::DateTime(datetime::parse_datetime(text).unwrap())
}

pub(crate) fn span(text: &str) -> Value {
    Value::TimeSpan(crate::timespan::parse_timespan(text).unwrap())
}

/// Calls a function with constants, with arrays, and with slices of arrays; all must give the value.
#[track_caller]
pub(crate) fn check(name: &str, args: &[Value], expected: Value) {
    for actual in results(name, args) {
        let is_same = match (&actual, &expected) {
            (Value::Real(left), Value::Real(right)) => {
                left == right || (left - right).abs() < 1e-9 || left.is_nan() && right.is_nan()
            }
            (left, right) => left == right,
        };
        assert!(is_same, "{name}{args:?}\n gives {actual:?}\n   not {expected:?}");
    }
}

/// The results of a call in all forms of arguments.
#[track_caller]
pub(crate) fn results(name: &str, args: &[Value]) -> Vec<Value> {
    let function = crate::scalar(name).unwrap_or_else(|| panic!("{name} is not listed"));
    let infos: Vec<_> = args.iter().map(|arg| ArgumentInfo { ty: arg.ty(), constant: Some(arg.clone()) }).collect();
    let resolved = function.resolve(&infos).unwrap_or_else(|error| panic!("{name}{args:?}: {error:?}"));
    assert_eq!(resolved.parameters.len(), args.len());
    let now = datetime::parse_datetime(NOW).unwrap();
    let arrays: Vec<ArrayRef> =
        args.iter().zip(&resolved.parameters).map(|(arg, ty)| convert::cast(&arg.to_array(), arg.ty(), *ty)).collect();
    let mut found = Vec::new();
    let mut call = |args: Vec<Arg>, rows: usize, row: usize| {
        let array =
            function.eval(&args, &resolved, &EvalContext { rows, now, geo_database: None, wanted: crate::ALL_RESULTS });
        assert_eq!(array.data_type(), &resolved.result.arrow(), "{name}");
        let all_scalar = args.iter().all(Arg::is_scalar);
        assert!(array.len() == rows || all_scalar && array.len() == 1, "{name}: {} rows", array.len());
        found.push(Value::from_array(&array, row.min(array.len() - 1), resolved.result));
    };
    call(arrays.iter().cloned().map(Arg::Scalar).collect(), 1, 0);
    call(arrays.iter().map(|array| Arg::Array(sliced(array))).collect(), 2, 1);
    if let Some((first, rest)) = arrays.split_first() {
        let rest = rest.iter().cloned().map(Arg::Scalar);
        call(std::iter::once(Arg::Array(sliced(first))).chain(rest).collect(), 2, 1);
    }
    found
}

/// Two rows of the value, cut from a longer array that starts with a null.
fn sliced(array: &ArrayRef) -> ArrayRef {
    let null = take(array, &UInt32Array::from(vec![None]), None).unwrap();
    let long = concat(&[null.as_ref(), array.as_ref(), array.as_ref(), null.as_ref()]).unwrap();
    Arc::clone(&long).slice(1, 2)
}
