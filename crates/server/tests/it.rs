//! The built-in rules against the public sample files, where `VEDETTE_SAMPLES` names their folder.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod custom_tables;
mod imported_findings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use server::{InvestigateRequest, Investigation, Unwatched, investigate};

/// The detection's name in the labels and the rule that claims it.
const CLAIMED: [(&str, &str); 9] = [
    ("Password spray (cloud)", "CloudPasswordSpray"),
    ("Brute force (cloud)", "CloudBruteForce"),
    ("Impossible travel", "ImpossibleTravel"),
    ("Consent grant", "ConsentGrant"),
    ("New Global Administrator", "NewGlobalAdministrator"),
    ("Mass download", "MassDownload"),
    ("DCSync", "DCSync"),
    ("ZeroLogon", "ZeroLogon"),
    ("Service installed remotely", "ServiceInstalledRemotely"),
];

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

fn labels(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("LABELS.json")).expect("labels");
    let labels: Value = serde_json::from_str(&text).expect("JSON");
    labels["labels"].as_array().expect("a list").clone()
}

/// Rule ids by file name without `.yaml`.
fn rule_ids() -> BTreeMap<String, String> {
    let rules = server::list_rules(&[]).expect("built-in rules");
    let stem = |file: &str| Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    rules.into_iter().map(|rule| (stem(&rule.file), rule.id)).collect()
}

#[test]
fn labelled_attacks_fire_and_quiet_files_stay_quiet() {
    let Some(folder) = samples() else { return };
    let ids = rule_ids();
    let mut problems = Vec::new();
    for label in labels(&folder) {
        let file = label["file"].as_str().expect("a file");
        let detection = label["detection"].as_str().expect("a detection");
        let claimed = CLAIMED.iter().find(|(name, _)| *name == detection);
        let is_quiet = label["expect"] == "quiet";
        if !is_quiet && claimed.is_none() {
            continue;
        }
        let found = investigate_paths(vec![folder.join(file)]);
        if let Some(rule) = found.rules.values().find(|rule| rule.failure.is_some()) {
            problems.push(format!("{file}: {rule:?}"));
        }
        if is_quiet && found.incidents.iter().any(|incident| incident.severity == "High") {
            problems.push(format!("{file}: expected no high alert: {:?}", found.incidents));
        }
        if let Some((_, rule)) = claimed
            && found.rules[&ids[*rule]].alerts == 0
        {
            problems.push(format!("{file}: `{rule}` did not fire"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
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
