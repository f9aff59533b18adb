//! No row group is left out that has a row which passes, whatever the texts and the operator.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::logical_expr::{Expr, col, lit};
use kql_functions::dynamic::text_of;
use kql_functions::string_ops::{Sought, StringOp, StringOpKind, TextSearch};
use proptest::collection::vec;
use proptest::prelude::*;
use schema::Table;

use super::condition::SoughtText;
use super::*;

/// A text column and a dynamic one.
const COLUMNS: [&str; 2] = ["UserAgent", "LocationDetails"];

fn table() -> &'static Table {
    schema::table("SigninLogs").expect("built in")
}

fn batch(texts: &[Vec<String>; 2]) -> RecordBatch {
    let array = |texts: &Vec<String>| Arc::new(StringArray::from(texts.clone())) as ArrayRef;
    RecordBatch::try_from_iter(COLUMNS.iter().zip(texts).map(|(name, texts)| (*name, array(texts)))).expect("fits")
}

/// The filters of row groups that each have one of these batches, or the end of it and the beginning of the next.
fn filters(batches: &[RecordBatch], folder: &Path) -> PathBuf {
    let mut collector = TermCollector::new(table());
    for (done, batch) in batches.iter().enumerate() {
        collector.add(batch);
        collector.written(&vec![u64::MAX; done + 1]);
    }
    let path = path_of(folder, "_Day=2024-01-01/part-0000000001-x.parquet");
    std::fs::create_dir_all(folder.join(FOLDER)).expect("creates");
    write(&path, &collector.finish()).expect("writes");
    path
}

fn opened(path: &Path) -> TermFile {
    TermFile::open(path).expect("opens")
}

fn test(column: &str, sought: Sought) -> TextTest {
    let texts = sought.texts.into_iter().map(|text| SoughtText {
        text: text.text,
        starts_term: text.starts_term,
        ends_term: text.ends_term,
        is_whole: text.is_whole,
    });
    TextTest { columns: vec![column.to_owned()], texts: texts.collect(), all: sought.all }
}

/// Whether a row group is read.
fn is_read(condition: &TextCondition, path: &Path, group: usize) -> bool {
    access_plan(condition, opened(path)).is_none_or(|plan| plan.should_scan(group))
}

fn right_side(kind: StringOpKind, needles: &[String]) -> String {
    match kind {
        StringOpKind::In | StringOpKind::HasAny | StringOpKind::HasAll => {
            serde_json::to_string(needles).expect("prints")
        }
        _ => needles[0].clone(),
    }
}

const KINDS: [StringOpKind; 10] = [
    StringOpKind::Equals,
    StringOpKind::Has,
    StringOpKind::HasPrefix,
    StringOpKind::HasSuffix,
    StringOpKind::Contains,
    StringOpKind::StartsWith,
    StringOpKind::EndsWith,
    StringOpKind::In,
    StringOpKind::HasAny,
    StringOpKind::HasAll,
];

/// Few letters, so that needles occur; with some whose lower case is odd.
fn words() -> impl Strategy<Value = String> {
    "([a-cA-CéÉßΣİK1e]{1,5}[ _./:\\\\-]{0,2}){0,4}"
}

/// JSON that is written in other ways than it is printed.
fn documents() -> impl Strategy<Value = String> {
    let escaped = "(abc|[a-cé1]{0,3}|\\\\n|\\\\u00e9|\\\\u000a|\\\\/|\\\\\\\\|\\\\\"|\\\\ud835\\\\udc00| |\\.){0,6}";
    let value = prop_oneof![
        escaped.prop_map(|text| format!("\"{text}\"")),
        "-?[1-9][0-9]{0,4}",
        "[1-9][0-9]{0,2}\\.[0-9]{1,4}",
        "[1-9]e[1-9]",
        Just("true".to_owned()),
        Just("null".to_owned()),
    ];
    prop_oneof![
        value.clone(),
        vec(value.clone(), 0..4).prop_map(|values| format!("[ {} ]", values.join(" , "))),
        vec(value, 0..3).prop_map(|values| {
            let members = values.iter().enumerate().map(|(place, value)| format!("\"k{place}\" :{value}"));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }),
        words(),
    ]
}

/// A part of a text as it stands, or something else.
fn part(text: &str, from: usize, length: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    let from = from % chars.len().max(1);
    chars.iter().skip(from).take(length).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_row_group_with_a_row_that_passes_is_read(
        groups in vec((vec(words(), 3), vec(documents(), 3)), 1..3),
        other in words(),
        (row, from, length) in (any::<usize>(), any::<usize>(), 1usize..9),
        is_case_sensitive in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let groups: Vec<[Vec<String>; 2]> = groups.into_iter().map(|(texts, json)| [texts, json]).collect();
        let batches: Vec<RecordBatch> = groups.iter().map(batch).collect();
        let path = filters(&batches, folder.path());
        for (column, name) in COLUMNS.iter().enumerate() {
            let printed = |text: &String| if column == 1 { text_of(text).into_owned() } else { text.clone() };
            let source = printed(&groups[0][column][row % 3]);
            let needles = [part(&source, from, length), source.clone(), part(&source.to_uppercase(), from, length), other.clone()];
            for kind in KINDS {
                let op = StringOp { kind, is_case_sensitive, is_negated: false };
                for needles in needles.chunks(2).chain(needles.chunks(1)) {
                    let right = right_side(kind, needles);
                    let search = TextSearch::new(op, &right);
                    let sought = Sought::of(op, &right).expect("can be told");
                    let condition = TextCondition::of_test(test(name, sought));
                    for (place, group) in groups.iter().enumerate() {
                        let passes = group[column].iter().any(|text| search.holds_in(&printed(text)));
                        prop_assert!(
                            !passes || is_read(&condition, &path, place),
                            "{:?} {} in {:?}", op, right, group[column],
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn row_groups_without_the_words_are_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = |text: &str| vec![text.to_owned()];
    let batches = [
        batch(&[text("python-requests/2.31"), text(r#"{"city":"Z\u00fcrich","geo":[1.5]}"#)]),
        batch(&[text("Mozilla/5.0"), text(r#"{"city":"New York","code":50126}"#)]),
    ];
    let path = filters(&batches, folder.path());
    let read =
        |condition: &TextCondition| -> Vec<bool> { (0..2).map(|group| is_read(condition, &path, group)).collect() };
    let has = |column: &str, word: &str| {
        let op = StringOp { kind: StringOpKind::Has, is_case_sensitive: false, is_negated: false };
        TextCondition::of_test(test(column, Sought::of(op, word).expect("can be told")))
    };
    // The rows before a row group's end may be in the next one as well.
    assert_eq!(read(&has("UserAgent", "MOZILLA")), [false, true]);
    assert_eq!(read(&has("UserAgent", "curl")), [false, false]);
    assert_eq!(read(&has("UserAgent", "5")), [true, true], "too short to be kept");
    assert_eq!(read(&has("LocationDetails", "york")), [false, true]);
    assert_eq!(read(&has("LocationDetails", "50127")), [true, true], "a real may be printed so");
    assert_eq!(read(&has("AppDisplayName", "portal")), [false, false], "no row has a text there");
    assert_eq!(read(&has("DurationMs", "portal")), [true, true], "no text column");
    let equals = |text: &str| TextCondition::of(&[col("\"UserAgent\"").eq(lit(text))], None);
    assert_eq!(read(&equals("Mozilla/5.0")), [false, true]);
    assert_eq!(read(&equals("Mozilla")), [false, false]);
    assert_eq!(read(&equals("")), [true, true]);
    let listed = |list: Vec<Expr>| TextCondition::of(&[col("\"UserAgent\"").in_list(list, false)], None);
    assert_eq!(read(&listed(vec![lit("curl/8"), lit("Mozilla/5.0")])), [false, true]);
    assert_eq!(
        read(&TextCondition::And(vec![has("UserAgent", "mozilla"), has("LocationDetails", "paris")])),
        [false; 2]
    );
    assert_eq!(
        read(&TextCondition::Or(vec![has("UserAgent", "mozilla"), has("LocationDetails", "paris")])),
        [false, true]
    );
    let either = col("\"UserAgent\"").eq(lit("curl")).or(col("\"DurationMs\"").gt(lit(1i64)));
    assert_eq!(TextCondition::of(&[either], None), TextCondition::Anything);
}

#[test]
fn a_column_with_too_many_terms_has_no_filter_and_the_others_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let ids: Vec<String> = (0..40_000).map(|row| format!("id{row}")).collect();
    let places = vec![r#"{"city":"Paris"}"#.to_owned(); ids.len()];
    let mut file = opened(&filters(&[batch(&[ids, places])], folder.path()));
    assert!(file.column(0, "UserAgent").is_none());
    assert!(file.column(0, "LocationDetails").is_some_and(|column| column.filter.bytes().len() <= 64));
}
