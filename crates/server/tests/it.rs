//! The built-in rules against the public sample files, where `VEDETTE_SAMPLES` names their folder.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod custom_tables;
mod imported_findings;
mod takeover_chain;

use std::path::PathBuf;

use server::{InvestigateRequest, Investigation, LabelsRequest, Unwatched, check_labels, investigate};

fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("VEDETTE_SAMPLES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED: VEDETTE_SAMPLES is not set");
    }
    folder
}

fn investigate_paths(paths: Vec<PathBuf>) -> Investigation {
    let workspace = tempfile::tempdir().expect("a folder");
    let request = InvestigateRequest { paths, workspace: workspace.path().to_owned(), ..InvestigateRequest::default() };
    investigate(&request, &Unwatched).expect("investigates")
}

#[test]
fn labelled_attacks_fire_and_quiet_files_stay_quiet() {
    let Some(folder) = samples() else { return };
    let request = LabelsRequest { labels: folder.join("LABELS.json"), ..LabelsRequest::default() };
    let checked = check_labels(&request, &Unwatched).expect("checked");
    assert!(checked.len() >= 26, "{} labels", checked.len());
    let wrong: Vec<_> = checked.iter().filter(|label| label.problem.is_some()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_sample_file_is_accounted_for() {
    let Some(folder) = samples() else { return };
    for part in ["entra", "o365", "windows"] {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join(part))
            .expect("listed")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| !path.ends_with("lanl-auth"))
            .collect();
        paths.sort();
        let found = investigate_paths(paths);
        for file in &found.files {
            let accounted = file.rows.values().sum::<u64>() + file.duplicates + file.rejected;
            assert!(accounted >= file.records, "{}: {} records, {accounted} accounted for", file.path, file.records);
        }
        let failed: Vec<_> = found.rules.values().filter(|rule| rule.failure.is_some()).collect();
        assert!(failed.is_empty(), "{part}: {failed:?}");
    }
}
