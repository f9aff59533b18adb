//! Tests of the string operators as data.

use std::sync::Arc;

use arrow::array::{Array, AsArray, StringViewArray, StringViewBuilder, UInt32Array};
use arrow::compute::take;
use proptest::collection::vec;
use proptest::prelude::*;

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

/// Rows that repeat few texts, as a column decoded from a Parquet dictionary has them.
fn from_dictionary(texts: &[String], rows: &[usize]) -> StringViewArray {
    let mut dictionary = StringViewBuilder::new();
    texts.iter().for_each(|text| dictionary.append_value(text));
    let dictionary = dictionary.finish();
    let indices: UInt32Array = rows.iter().map(|row| u32::try_from(row % texts.len()).unwrap()).collect();
    take(&dictionary, &indices, None).unwrap().as_string_view().clone()
}

const KINDS: [StringOpKind; 11] = [
    StringOpKind::Equals,
    StringOpKind::Has,
    StringOpKind::HasPrefix,
    StringOpKind::HasSuffix,
    StringOpKind::Contains,
    StringOpKind::StartsWith,
    StringOpKind::EndsWith,
    StringOpKind::MatchesRegex,
    StringOpKind::In,
    StringOpKind::HasAny,
    StringOpKind::HasAll,
];

/// The right side in the form that the operator takes.
fn right_side(kind: StringOpKind, needles: &[String]) -> String {
    match kind {
        StringOpKind::In | StringOpKind::HasAny | StringOpKind::HasAll => serde_json::to_string(needles).unwrap(),
        StringOpKind::MatchesRegex => regex::escape(&needles[0]),
        _ => needles[0].clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_remembered_changes_no_answer(
        dictionaries in vec(vec("[a-cA-CéÉ_. -]{0,24}", 1..40), 1..4),
        rows in vec(any::<usize>(), 2500),
        needles in vec("[a-cA-Cé_.]{0,3}", 1..4),
        is_case_sensitive in any::<bool>(),
        is_negated in any::<bool>(),
    ) {
        for kind in KINDS {
            let op = StringOp { kind, is_case_sensitive, is_negated };
            let right = Arg::Scalar(text(&right_side(kind, &needles)).to_array());
            let searches = TextSearches::default();
            for dictionary in dictionaries.iter().chain(&dictionaries) {
                let array = from_dictionary(dictionary, &rows);
                for part in [array.slice(0, 1100), array.slice(1100, 1400)] {
                    let left = Arg::Array(Arc::new(part.clone()));
                    let remembered = searches.eval(op, &left, &right, part.len(), true);
                    prop_assert_eq!(&remembered, &eval_string_op(op, &left, &right, part.len()));
                    let single = TextSearch::new(op, &right_side(kind, &needles));
                    for row in [0, part.len() / 2] {
                        prop_assert_eq!(remembered.value(row), single.holds_in(part.value(row)) != is_negated);
                    }
                }
            }
        }
    }

    #[test]
    fn an_ascii_needle_is_found_wherever_lower_case_letters_match(
        text in "[a-dA-D0-1 éÉ_.-]{0,40}",
        needle in "[a-dA-D0-1_.-]{1,5}",
    ) {
        let found = holds(op(StringOpKind::Contains, false), &text, &needle);
        prop_assert_eq!(found, text.to_ascii_lowercase().contains(&needle.to_ascii_lowercase()));
        let is_term = |c: char| c.is_alphanumeric();
        let (hay, sought) = (text.to_ascii_lowercase(), needle.to_ascii_lowercase());
        let whole = (0..hay.len()).filter(|&at| hay.is_char_boundary(at) && hay[at..].starts_with(&sought)).any(|at| {
            let before = hay[..at].chars().next_back().is_some_and(is_term) && sought.starts_with(is_term);
            let after = hay[at + sought.len()..].chars().next().is_some_and(is_term) && sought.ends_with(is_term);
            !before && !after
        });
        prop_assert_eq!(holds(op(StringOpKind::Has, false), &text, &needle), whole);
    }
}

#[test]
fn texts_that_never_repeat_and_buffers_too_large_to_keep_are_tested_one_by_one() {
    let searches = TextSearches::default();
    let right = Arg::Scalar(text("needle").to_array());
    for batch in 0..20 {
        let array: StringViewArray =
            (0..4000).map(|row| Some(format!("{batch} {row} {} a needle", "x".repeat(200 * (batch % 4))))).collect();
        let left = Arg::Array(Arc::new(array));
        let found = searches.eval(op(StringOpKind::Has, false), &left, &right, 4000, true);
        assert_eq!(found.true_count(), 4000);
    }
}
