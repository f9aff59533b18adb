//! Tests of the string operators as data.

use super::*;
use crate::{Type, Value};

fn op(kind: StringOpKind, is_case_sensitive: bool) -> StringOp {
    StringOp { kind, is_case_sensitive, is_negated: false }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn holds(op: StringOp, left: &str, right: &str) -> bool {
    let (left, right) = (text(left).to_array(), text(right).to_array());
    let constant = eval_string_op(op, &Arg::Array(left.clone()), &Arg::Scalar(right.clone()), 1).value(0);
    let by_row = eval_string_op(op, &Arg::Array(left.clone()), &Arg::Array(right.clone()), 1).value(0);
    let negated = StringOp { is_negated: true, ..op };
    let opposite = eval_string_op(negated, &Arg::Scalar(left), &Arg::Scalar(right), 1).value(0);
    assert_eq!((constant, by_row, opposite), (constant, constant, !constant), "{op:?}");
    constant
}

#[test]
fn has_matches_whole_terms() {
    for (left, right, expected) in [
        ("KustoExplorerQueryRun", "Explorer", false),
        ("alpha_beta", "alpha", true),
        ("alpha_beta", "BETA", true),
        ("category", "cat", false),
        ("a cat", "Cat", true),
        ("concat the cat", "cat", true),
        ("C:\\Windows\\cmd.exe", "cmd.exe", true),
        ("C:\\Windows\\cmd.exe", ".exe", true),
        ("C:\\Windows\\cmd.executable", ".exe", false),
        ("naïve", "na", false),
        ("Übung macht", "übung", true),
        ("é cat é", "cat", true),
        ("écat", "cat", false),
        ("", "a", false),
        ("a", "", true),
    ] {
        assert_eq!(holds(op(StringOpKind::Has, false), left, right), expected, "{left} has {right}");
    }
    assert!(!holds(op(StringOpKind::Has, true), "a Cat", "cat"));
    assert!(holds(op(StringOpKind::Has, true), "concat cat", "cat"));
}

#[test]
fn prefixes_and_suffixes_of_terms_are_found() {
    assert!(holds(op(StringOpKind::HasPrefix, false), "my category", "CAT"));
    assert!(!holds(op(StringOpKind::HasPrefix, false), "concat", "cat"));
    assert!(holds(op(StringOpKind::HasSuffix, false), "concat it", "CAT"));
    assert!(!holds(op(StringOpKind::HasSuffix, true), "category", "cat"));
}

#[test]
fn substrings_are_found_with_or_without_case() {
    assert!(holds(op(StringOpKind::Contains, false), "KustoExplorer", "EXPLORE"));
    assert!(!holds(op(StringOpKind::Contains, true), "KustoExplorer", "EXPLORE"));
    assert!(holds(op(StringOpKind::StartsWith, false), "KustoExplorer", "kusto"));
    assert!(holds(op(StringOpKind::EndsWith, false), "KustoExplorer", "ER"));
    assert!(!holds(op(StringOpKind::EndsWith, true), "KustoExplorer", "ER"));
    assert!(holds(op(StringOpKind::Equals, false), "CAFÉ", "café"));
    assert!(!holds(op(StringOpKind::StartsWith, false), "é", "abcdef"));
}

#[test]
fn regular_expressions_match_anywhere_and_bad_ones_match_nothing() {
    let matches = op(StringOpKind::MatchesRegex, true);
    assert!(holds(matches, "a１b", r"\d"));
    assert!(!holds(matches, "ABC", "b"));
    assert!(!holds(matches, "abc", "("));
}

#[test]
fn lists_are_searched_as_sets_and_terms() {
    assert!(holds(op(StringOpKind::In, true), "b", r#"["a","b"]"#));
    assert!(!holds(op(StringOpKind::In, true), "B", r#"["a","b"]"#));
    assert!(holds(op(StringOpKind::In, false), "B", r#"["a","b"]"#));
    assert!(holds(op(StringOpKind::HasAny, false), "run mimikatz now", r#"["psexec","Mimikatz"]"#));
    assert!(!holds(op(StringOpKind::HasAll, false), "run mimikatz now", r#"["psexec","Mimikatz"]"#));
    assert!(holds(op(StringOpKind::HasAll, false), "run mimikatz now", r#"["RUN","Mimikatz"]"#));
    assert!(!holds(op(StringOpKind::HasAny, false), "a", "[]"));
}

#[test]
fn null_is_in_no_set() {
    let member = |value: Value, constants: &[Value]| {
        is_member(&Arg::Array(value.to_array()), value.ty(), constants, false, 1).value(0)
    };
    let constants = [Value::Long(1), Value::Long(2)];
    assert!(member(Value::Long(2), &constants));
    assert!(!member(Value::Null(Type::Long), &constants));
    assert!(member(Value::Real(2.0), &constants));
    assert!(!member(Value::Null(Type::Real), &[Value::Null(Type::Real)]));
    assert!(member(text(""), &[text("")]));
}
