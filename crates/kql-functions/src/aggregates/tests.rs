//! Tests of the aggregates as data.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::compute::concat;
use proptest::prelude::*;

use super::*;
use crate::{ArgumentInfo, Resolved, Type, Value, aggregate, convert};

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn json(text: &str) -> Value {
    Value::Dynamic(text.to_owned())
}

fn null(ty: Type) -> Value {
    Value::Null(ty)
}

/// Rows of values of one type, in the physical form of another.
fn column(values: &[Value], to: Type) -> ArrayRef {
    let rows: Vec<ArrayRef> = values.iter().map(|value| convert::cast(&value.to_array(), value.ty(), to)).collect();
    let refs: Vec<&dyn Array> = rows.iter().map(AsRef::as_ref).collect();
    if refs.is_empty() { Value::Null(to).to_array().slice(0, 0) } else { concat(&refs).unwrap() }
}

struct Call {
    function: &'static dyn AggregateFunction,
    infos: Vec<ArgumentInfo>,
    resolved: Resolved,
    args: Vec<ArrayRef>,
    rows: usize,
}

/// Each argument is given as its rows; an argument whose rows are all the same is a constant, too.
fn call(name: &str, args: &[Vec<Value>], types: &[Type]) -> Call {
    let function = aggregate(name).unwrap_or_else(|| panic!("{name} is not listed"));
    let constant =
        |values: &[Value]| values.first().filter(|first| values.iter().all(|value| value == *first)).cloned();
    let infos: Vec<_> =
        args.iter().zip(types).map(|(values, ty)| ArgumentInfo { ty: *ty, constant: constant(values) }).collect();
    let resolved = function.resolve(&infos).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let rows = args.first().map_or(0, Vec::len);
    let args = args.iter().zip(&resolved.parameters).map(|(values, ty)| column(values, *ty)).collect();
    Call { function, infos, resolved, args, rows }
}

impl Call {
    fn slices(&self, from: usize, length: usize) -> Vec<ArrayRef> {
        self.args.iter().map(|array| array.slice(from, length)).collect()
    }

    fn one_pass(&self, groups: &[usize], n: usize) -> Vec<Value> {
        let mut state = self.function.state(&self.infos, &self.resolved);
        state.update(&self.args, groups, None, n);
        self.values(&state.finish(n), n)
    }

    /// Two states over a part each, merged into a third; results in two portions.
    fn in_parts(&self, groups: &[usize], n: usize) -> Vec<Value> {
        let cut = self.rows / 2;
        let mut whole = self.function.state(&self.infos, &self.resolved);
        for (from, length) in [(0, cut), (cut, self.rows - cut)] {
            let mut part = self.function.state(&self.infos, &self.resolved);
            part.update(&self.slices(from, length), &groups[from..from + length], None, n);
            let first = part.partial(1);
            let types: Vec<_> = first.iter().map(|array| array.data_type().clone()).collect();
            assert_eq!(types, self.function.partial_types(&self.infos, &self.resolved));
            whole.merge(&first, &[0], n);
            whole.merge(&part.partial(n - 1), &(1..n).collect::<Vec<_>>(), n);
        }
        assert!(whole.size() > 0);
        let mut found = self.values(&whole.finish(1), 1);
        found.extend(self.values(&whole.finish(n - 1), n - 1));
        found
    }

    fn values(&self, array: &ArrayRef, n: usize) -> Vec<Value> {
        assert_eq!(array.data_type(), &self.resolved.result.arrow());
        assert_eq!(array.len(), n);
        (0..n).map(|row| Value::from_array(array, row, self.resolved.result)).collect()
    }
}

/// All rows are of the second of three groups; the others stay empty.
#[track_caller]
fn check_all(name: &str, args: &[Vec<Value>], types: &[Type], expected: &Value) {
    let call = call(name, args, types);
    let groups = vec![1; call.rows];
    for found in [call.one_pass(&groups, 3), call.in_parts(&groups, 3)] {
        let is_same = match (&found[1], expected) {
            (Value::Real(left), Value::Real(right)) => (left - right).abs() < 1e-9 || left.is_nan() && right.is_nan(),
            (left, right) => left == right,
        };
        assert!(is_same, "{name}{args:?}\n gives {:?}\n   not {expected:?}", found[1]);
    }
}

#[track_caller]
fn check(name: &str, values: &[Value], expected: &Value) {
    check_all(name, &[values.to_vec()], &[values[0].ty()], expected);
}

#[track_caller]
fn check_with(name: &str, values: &[Value], constant: &Value, expected: &Value) {
    let constants = vec![constant.clone(); values.len()];
    check_all(name, &[values.to_vec(), constants], &[values[0].ty(), constant.ty()], expected);
}

#[test]
fn nulls_are_skipped_except_by_count() {
    let values = [null(Type::Long), Value::Long(3), Value::Long(5), null(Type::Long)];
    for (name, expected) in [
        ("count", Value::Long(4)),
        ("sum", Value::Long(8)),
        ("avg", Value::Real(4.0)),
        ("min", Value::Long(3)),
        ("max", Value::Long(5)),
        ("dcount", Value::Long(2)),
        ("count_distinct", Value::Long(2)),
        ("stdev", Value::Real(2_f64.sqrt())),
        ("stdevp", Value::Real(1.0)),
        ("variance", Value::Real(2.0)),
        ("make_list", json("[3,5]")),
        ("make_list_with_nulls", json("[null,3,5,null]")),
        ("make_set", json("[3,5]")),
        ("any", Value::Long(3)),
        ("binary_all_and", Value::Long(1)),
        ("binary_all_or", Value::Long(7)),
        ("binary_all_xor", Value::Long(6)),
    ] {
        check(name, &values, &expected);
    }
}

#[test]
fn groups_without_values_follow_the_rules_of_an_empty_input() {
    for (name, expected) in [
        ("count", Value::Long(0)),
        ("sum", Value::Long(0)),
        ("dcount", Value::Long(0)),
        ("avg", Value::Real(f64::NAN)),
        ("stdev", Value::Real(0.0)),
        ("variance", Value::Real(0.0)),
        ("min", null(Type::Long)),
        ("max", null(Type::Long)),
        ("make_list", json("[]")),
        ("make_set", json("[]")),
        ("take_any", null(Type::Long)),
    ] {
        check_all(name, &[vec![]], &[Type::Long], &expected);
    }
    check_all("make_bag", &[vec![]], &[Type::Dynamic], &json("{}"));
    check_all("percentile", &[vec![], vec![]], &[Type::Long, Type::Long], &null(Type::Long));
}

#[test]
fn each_type_keeps_or_widens_itself() {
    check("sum", &[Value::Int(1), Value::Int(2)], &Value::Long(3));
    check("sum", &[Value::Long(i64::MAX), Value::Long(1)], &Value::Long(i64::MIN));
    check("sum", &[Value::Real(0.5), Value::Real(f64::NAN)], &Value::Real(f64::NAN));
    check("sum", &[Value::TimeSpan(1), Value::TimeSpan(2)], &Value::TimeSpan(3));
    check("avg", &[Value::TimeSpan(2), Value::TimeSpan(4)], &Value::TimeSpan(3));
    check("sum", &[Value::Decimal(7), Value::Decimal(5)], &Value::Decimal(12));
    check("max", &[Value::Int(1), Value::Int(2)], &Value::Int(2));
    check("max", &[Value::Real(1.0), Value::Real(f64::NAN), Value::Real(2.0)], &Value::Real(f64::NAN));
    check("min", &[Value::Real(1.0), Value::Real(f64::NAN), Value::Real(2.0)], &Value::Real(f64::NAN));
    check("max", &[Value::DateTime(1), Value::DateTime(2)], &Value::DateTime(2));
    check("min", &[text("b"), text("a")], &text("a"));
    check("max", &[text("b"), text("B")], &text("b"));
}

#[test]
fn percentiles_are_at_the_nearest_rank() {
    let values: Vec<_> = (1..=10).map(Value::Long).collect();
    check_with("percentile", &values, &Value::Long(50), &Value::Long(5));
    check_with("percentile", &values, &Value::Real(95.0), &Value::Long(10));
    check_with("percentile", &values, &Value::Long(0), &Value::Long(1));
    check_with("percentile", &[Value::Real(-1.0), Value::Real(-2.0)], &Value::Long(50), &Value::Real(-2.0));
    check_with("percentiles_array", &values, &json("[50, 90]"), &json("[5,9]"));
}

#[test]
fn dynamics_are_gathered_element_by_element() {
    check("make_list", &[json("[1,2]"), json("[2,[3]]"), json("4")], &json("[1,2,2,[3],4]"));
    check("make_set", &[text("b"), text("a"), text("b"), text("")], &json(r#"["b","a",""]"#));
    check("make_set", &[json("{\"a\": 1}"), json("{\"a\":1}")], &json(r#"[{"a":1}]"#));
    check("make_bag", &[json(r#"{"a":1}"#), json(r#"{"b": [2], "a": 3}"#), json("7")], &json(r#"{"a":1,"b":[2]}"#));
    check("make_list", &[Value::Decimal(crate::decimal::ONE)], &json(r#"["1"]"#));
    check_with("make_list", &[Value::Long(1), Value::Long(2), Value::Long(3)], &Value::Long(2), &json("[1,2]"));
    let many: Vec<_> = (0..200).map(Value::Long).collect();
    let expected: Vec<_> = (0..128).map(|value| value.to_string()).collect();
    check("makelist", &many, &json(&format!("[{}]", expected.join(","))));
}

#[test]
fn predicates_choose_the_rows() {
    let values = || vec![Value::Long(1), Value::Long(2), Value::Long(3), Value::Long(4)];
    let flags = || vec![Value::Bool(true), Value::Bool(false), null(Type::Bool), Value::Bool(true)];
    let types = [Type::Long, Type::Bool];
    check_all("countif", &[flags()], &[Type::Bool], &Value::Long(2));
    for (name, expected) in [
        ("sumif", Value::Long(5)),
        ("avgif", Value::Real(2.5)),
        ("minif", Value::Long(1)),
        ("maxif", Value::Long(4)),
        ("dcountif", Value::Long(2)),
        ("make_set_if", json("[1,4]")),
        ("make_list_if", json("[1,4]")),
        ("take_anyif", Value::Long(1)),
    ] {
        check_all(name, &[values(), flags()], &types, &expected);
    }
    assert!(aggregate("sumif").unwrap().resolve(&[]).is_err());
}

#[test]
fn distinct_counts_stay_near_the_truth_beyond_the_exact_limit() {
    let values: Vec<_> = (0..20_000).map(|value| Value::Long(value % 10_000)).collect();
    let call = call("dcount", &[values], &[Type::Long]);
    let groups = vec![0; call.rows];
    for found in [call.one_pass(&groups, 2), call.in_parts(&groups, 2)] {
        let Value::Long(count) = found[0] else { panic!("{found:?}") };
        assert!((9_700..10_300).contains(&count), "{count}");
    }
}

#[test]
fn filters_are_honored() {
    let mut state = aggregate("count").unwrap().state(&[], &Resolved { parameters: vec![], result: Type::Long });
    state.update(&[], &[0, 0, 1], Some(&BooleanArray::from(vec![Some(true), None, Some(false)])), 2);
    let counts = state.finish(2);
    assert_eq!(Value::from_array(&counts, 0, Type::Long), Value::Long(1));
    assert_eq!(Value::from_array(&counts, 1, Type::Long), Value::Long(0));
}

fn extreme_rows(is_max: bool, keys: &[Value], values: &[Value], groups: &[usize], n: usize) -> Vec<(Value, Value)> {
    let (key_type, value_type) = (keys[0].ty(), values[0].ty());
    let make = || ArgExtremeState::new(key_type, &[value_type], is_max);
    let (key_column, value_column) = (column(keys, key_type), column(values, value_type));
    let pairs = |columns: &[ArrayRef], n: usize| -> Vec<(Value, Value)> {
        let pair =
            |row| (Value::from_array(&columns[0], row, key_type), Value::from_array(&columns[1], row, value_type));
        (0..n).map(pair).collect()
    };
    let mut one_pass = make();
    one_pass.update(&key_column, std::slice::from_ref(&value_column), groups, None, n);
    let mut parts = make();
    for row in 0..keys.len() {
        let mut part = make();
        part.update(&key_column.slice(row, 1), &[value_column.slice(row, 1)], &groups[row..=row], None, n);
        let partial = part.partial(n);
        let types: Vec<_> = partial.iter().map(|array| array.data_type().clone()).collect();
        assert_eq!(types, parts.partial_types());
        parts.merge(&partial, &(0..n).collect::<Vec<_>>(), n);
    }
    assert!(parts.size() > 0);
    let mut merged = pairs(&parts.finish(1), 1);
    merged.extend(pairs(&parts.finish(n - 1), n - 1));
    let expected = pairs(&one_pass.finish(n), n);
    assert_eq!(merged, expected);
    expected
}

#[test]
fn the_row_of_the_extreme_key_is_kept() {
    let keys = [Value::Long(1), Value::Long(3), null(Type::Long), Value::Long(3), Value::Long(2)];
    let values = ["a", "b", "c", "d", "e"].map(text);
    let groups = [0, 0, 0, 0, 2];
    let max = extreme_rows(true, &keys, &values, &groups, 3);
    assert_eq!(max[0], (Value::Long(3), text("b")));
    assert_eq!(max[1], (null(Type::Long), text("")));
    assert_eq!(max[2], (Value::Long(2), text("e")));
    assert_eq!(extreme_rows(false, &keys, &values, &groups, 3)[0], (Value::Long(1), text("a")));
}

#[test]
fn a_group_of_null_keys_keeps_a_row() {
    let keys = [null(Type::Real), null(Type::Real)];
    let found = extreme_rows(true, &keys, &[text("a"), text("b")], &[1, 1], 2);
    assert_eq!(found[1], (null(Type::Real), text("a")));
}

#[test]
fn many_batches_are_compacted() {
    let mut state = ArgExtremeState::new(Type::Long, &[Type::Long], true);
    for start in 0..300_i64 {
        let keys: Vec<_> = (0..100).map(|index| Value::Long(start + index)).collect();
        let array = column(&keys, Type::Long);
        state.update(&array, &[Arc::clone(&array)], &(0..100).collect::<Vec<_>>(), None, 100);
    }
    assert!(state.size() < 1 << 20, "{}", state.size());
    assert_eq!(Value::from_array(&state.finish(1)[1], 0, Type::Long), Value::Long(299));
    assert_eq!(Value::from_array(&state.finish(99)[1], 98, Type::Long), Value::Long(299 + 99));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn merged_parts_equal_a_single_pass(rows in prop::collection::vec((0_usize..4, prop::option::of(-50_i64..50)), 1..40)) {
        let values: Vec<_> = rows.iter().map(|(_, value)| value.map_or(null(Type::Long), Value::Long)).collect();
        let groups: Vec<_> = rows.iter().map(|(group, _)| *group).collect();
        for name in ["count", "sum", "min", "max", "dcount", "count_distinct", "make_list", "make_set", "take_any"] {
            let call = call(name, std::slice::from_ref(&values), &[Type::Long]);
            prop_assert_eq!(call.one_pass(&groups, 4), call.in_parts(&groups, 4), "{}", name);
        }
        let ranks = vec![Value::Long(75); values.len()];
        let call = call("percentile", &[values, ranks], &[Type::Long, Type::Long]);
        prop_assert_eq!(call.one_pass(&groups, 4), call.in_parts(&groups, 4));
    }
}
