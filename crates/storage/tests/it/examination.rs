//! What `examine` says of workspaces that are damaged in one way.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use storage::{Finding, FindingSeverity, Workspace, examine};

use crate::rows::{ingest, table};

const TABLE: &str = "SigninLogs";

fn now() -> DateTime<Utc> {
    Utc::now()
}

async fn workspace(folder: &Path) -> Workspace {
    let workspace = Workspace::create(folder).await.expect("creates");
    for _ in 0..3 {
        ingest(&workspace, table(TABLE), &[(0, &[])]).await;
    }
    workspace
}

/// Findings of the machine itself left out.
async fn found(folder: &Path) -> Vec<Finding> {
    let mut findings = examine(folder, now()).await.expect("is a workspace");
    findings.retain(|finding| finding.subject != "disk");
    findings
}

fn first_file(folder: &Path) -> PathBuf {
    fs::read_dir(folder).expect("lists").next().expect("a file").expect("an entry").path()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_workspace_has_no_findings() {
    let folder = tempfile::tempdir().expect("a folder");
    workspace(folder.path()).await;
    assert_eq!(found(folder.path()).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_damage_is_named_with_a_remedy() {
    type Damage = fn(&Path);
    let damages: [(&str, FindingSeverity, Damage); 7] = [
        ("1 of 3 data files are missing", FindingSeverity::Error, |folder| {
            fs::remove_file(first_file(&folder.join("tables/SigninLogs/_Day=1970-01-01"))).expect("removes");
        }),
        ("do not have the size", FindingSeverity::Error, |folder| {
            fs::write(first_file(&folder.join("tables/SigninLogs/_Day=1970-01-01")), "cut").expect("writes");
        }),
        ("entry 1 of its log is missing", FindingSeverity::Error, |folder| {
            fs::remove_file(folder.join("tables/SigninLogs/_delta_log/00000000000000000001.json")).expect("removes");
        }),
        ("which versions of the tables are visible", FindingSeverity::Error, |folder| {
            fs::write(folder.join("_journal/committed.json"), "{").expect("writes");
        }),
        ("is damaged", FindingSeverity::Error, |folder| {
            fs::write(folder.join("_journal/00000000000000000009.json"), "{").expect("writes");
        }),
        ("have no file of terms", FindingSeverity::Notice, |folder| {
            fs::remove_dir_all(folder.join("tables/SigninLogs/_terms")).expect("removes");
        }),
        ("the machine says that it is", FindingSeverity::Warning, |folder| {
            let file = fs::File::options().append(true).open(folder.join("_journal/committed.json")).expect("opens");
            let later = std::time::SystemTime::from(now() + TimeDelta::days(3));
            file.set_times(fs::FileTimes::new().set_modified(later)).expect("sets");
        }),
    ];
    for (problem, severity, damage) in damages {
        let folder = tempfile::tempdir().expect("a folder");
        workspace(folder.path()).await;
        damage(folder.path());
        let findings = found(folder.path()).await;
        let finding = findings.iter().find(|finding| finding.problem.contains(problem));
        let finding = finding.unwrap_or_else(|| panic!("`{problem}` is not among {findings:?}"));
        assert_eq!(finding.severity, severity, "{problem}");
        assert!(!finding.remedy.is_empty());
        assert_eq!(findings[0].severity, severity, "the worst comes first");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_fell_silent_is_told_from_one_that_is_over() {
    let now = now();
    let at = |ago: TimeDelta| (now - ago).timestamp_micros();
    for (days, is_found) in [([2, 3, 4, 5, 6], true), ([20, 21, 22, 23, 24], false), ([2, 3, 4, 40, 41], false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::create(folder.path()).await.expect("creates");
        for day in days {
            ingest(&workspace, table(TABLE), &[(at(TimeDelta::days(day)), &[])]).await;
        }
        assert_eq!(found(folder.path()).await, [], "nothing comes in any more: an investigation, not a service");
        ingest(&workspace, table("AuditLogs"), &[(at(TimeDelta::hours(1)), &[])]).await;
        let findings = found(folder.path()).await;
        assert_eq!(findings.iter().any(|finding| finding.subject == TABLE), is_found, "{findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_no_workspace_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(examine(folder.path(), now()).await.is_err());
}
