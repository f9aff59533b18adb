//! Every function and aggregate stands in a case file.

use std::collections::HashSet;
use std::path::Path;

use crate::case_file::read;
use crate::cases::case_files;

#[test]
fn every_function_is_in_a_case_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/kql");
    let mut paths = Vec::new();
    case_files(&folder, &mut paths);
    let mut words = HashSet::new();
    for path in paths {
        let (_, cases) = read(&std::fs::read_to_string(path).expect("a case file"));
        for case in cases {
            let parts = case.query.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
            words.extend(parts.map(str::to_owned));
        }
    }
    // Names that a query cannot write are parts of operators.
    let is_written = |name: &&str| name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    let names = kql_functions::scalar_names().into_iter().chain(kql_functions::aggregate_names()).filter(is_written);
    let missing: Vec<&str> = names.filter(|name| !words.contains(*name)).collect();
    assert!(missing.is_empty(), "in no case file of {}: {missing:?}", folder.display());
}
