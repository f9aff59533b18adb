//! Which functions the linker lays next to each other (see `build.rs` of the crate `vedette`): those that questions of the bench call.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::bench::queries::{question, questions, workspace_of};
use crate::project::{built_for_others, root, target_dir};

/// Rows that the questions are asked of.
const ROWS: u64 = 2_000_000;
/// The formats that answers are asked for in.
const FORMATS: [&str; 2] = ["json", "arrow"];

/// `link-order`: builds the program, asks the questions of it under valgrind, writes the names.
pub(crate) fn link_order() -> Result<(), String> {
    let program = built_for_others()?;
    let folder = target_dir().join("link-order");
    let workspace = workspace_of(&program, &folder, ROWS)?;
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for file in questions()? {
        for format in FORMATS {
            let record = folder.join("callgrind.out");
            asked_under_valgrind(&program, &workspace, &question(&file)?, format, &record)?;
            let text = fs::read_to_string(&record)
                .map_err(|error| format!("failed to read `{}`: {error}", record.display()))?;
            for name in called(&text, &program) {
                *calls.entry(name.to_owned()).or_default() += 1;
            }
        }
    }
    let mut names: Vec<(String, usize)> = calls.into_iter().collect();
    // What most questions call comes first.
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let list = root().join("crates/vedette/link_order.txt");
    let text: String = names.iter().map(|(name, _)| format!("{name}\n")).collect();
    fs::write(&list, text).map_err(|error| format!("failed to write `{}`: {error}", list.display()))?;
    println!("{} functions in `{}`", names.len(), list.display());
    Ok(())
}

fn asked_under_valgrind(
    program: &Path,
    workspace: &Path,
    question: &str,
    format: &str,
    record: &Path,
) -> Result<(), String> {
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--dump-line=no", "--demangle=no"])
        .arg(format!("--callgrind-out-file={}", record.display()))
        .arg(program)
        .args(["query", "--format", format, "--workspace"])
        .args([workspace.as_os_str(), question.as_ref()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("failed to start `valgrind`: {error}\ninstall the package `valgrind`"))?;
    if status.success() { Ok(()) } else { Err(format!("valgrind ended with {status} at the question\n{question}")) }
}

/// The functions of a program that were called, by a record of callgrind. Source: valgrind's manual, "Callgrind Format Specification": what was named once
/// is a number from then on.
fn called<'a>(record: &'a str, program: &Path) -> BTreeSet<&'a str> {
    let program = program.display().to_string();
    let (mut objects, mut functions) = (BTreeMap::new(), BTreeMap::new());
    let (mut is_of_program, mut found) = (false, BTreeSet::new());
    for line in record.lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        match key {
            "ob" => is_of_program = named(&mut objects, value) == Some(program.as_str()),
            "cob" => {
                named(&mut objects, value);
            }
            "fn" => found.extend(named(&mut functions, value).filter(|_| is_of_program)),
            "cfn" => {
                named(&mut functions, value);
            }
            _ => {}
        }
    }
    // A function that calls itself is listed once more for each depth.
    found.into_iter().map(|name| name.split('\'').next().unwrap_or(name)).filter(|name| is_symbol(name)).collect()
}

/// What has no name is listed by its address, and what a program begins with in words.
fn is_symbol(name: &str) -> bool {
    !name.starts_with("0x") && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.$@".contains(&byte))
}

/// The name in `(12) name`, or what `(12)` was before.
fn named<'a>(known: &mut BTreeMap<&'a str, &'a str>, value: &'a str) -> Option<&'a str> {
    match value.split_once(' ') {
        Some((number, name)) => {
            known.insert(number, name);
            Some(name)
        }
        None => known.get(value).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_the_program_are_found_by_number_and_name() {
        let record = "ob=(1) /lib/libc.so.6\nfn=(1) malloc\n5 20\ncob=(2) /bin/vedette\ncfn=(2) main\ncalls=1 2\n\
                      ob=(2)\nfn=(2)\n3 4\nfn=(3) walk'2\ncfn=(4) never\nfn=(5) (below main)\nfn=(6) 0x1ab\n";
        let found = called(record, Path::new("/bin/vedette"));
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["main", "walk"]);
    }
}
