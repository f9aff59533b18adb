//! Labelled files: which detection must find something in them, and which must stay quiet.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use detections::{Rule, RuleOutcome, RuleStatus};
use schema::{Alert, Severity};
use serde::{Deserialize, Serialize};

use crate::context::establish;
use crate::ingest_files::ingest_into;
use crate::replay::{Bounds, replay_all};
use crate::session::temporary_folder;
use crate::{Error, Progress, Session, rules};

/// Detection of a label that any rule may be meant by.
const ANY: &str = "any";

/// Which labels to check, and with which rules.
#[derive(Debug, Clone, Default)]
pub struct LabelsRequest {
    /// A JSON file: `{"labels":[{"file","detection","technique","expect"}]}`; `expect` is `fire` or `quiet`.
    pub labels: PathBuf,
    /// The folder that the files lie in; that of the labels where it is not named.
    pub samples: Option<PathBuf>,
    /// Folders and files with rules; the built-in ones where there is none.
    pub rules: Vec<PathBuf>,
}

/// A label, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedLabel {
    /// The file, within the folder of samples.
    pub file: String,
    /// The rule that must fire, by name; `any` for a file that must stay quiet.
    pub detection: String,
    /// The ATT&CK technique that the rule must be about; may be empty.
    pub technique: String,
    /// `fire` or `quiet`.
    pub expect: String,
    /// Titles of the alerts of that rule, or of all rules for `any`.
    pub alerts: Vec<String>,
    /// The highest severity among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// Why it does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

#[derive(Debug, Deserialize)]
struct LabelFile {
    labels: Vec<Label>,
}

#[derive(Debug, Deserialize)]
struct Label {
    file: String,
    detection: String,
    #[serde(default)]
    technique: String,
    expect: Expect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Fire,
    Quiet,
}

/// Investigates each labelled file by itself, and compares what the rules find with what the label expects: `fire` wants an alert
/// of the rule of that name, `quiet` no alert of severity High. A rule that fails holds no label.
pub fn check_labels(request: &LabelsRequest, progress: &dyn Progress) -> Result<Vec<CheckedLabel>, Error> {
    let labels = read(&request.labels)?;
    let beside = request.labels.parent().unwrap_or(Path::new("."));
    let samples = request.samples.as_deref().unwrap_or(beside);
    let set = rules::load(&request.rules)?;
    if let Some(error) = set.errors.first() {
        return Err(Error::new(error.to_string()).with_hint(error.hint.clone()));
    }
    let mut found: BTreeMap<&str, Vec<RuleOutcome>> = BTreeMap::new();
    for label in &labels {
        if !found.contains_key(label.file.as_str()) {
            found.insert(&label.file, outcomes(&samples.join(&label.file), &set.rules, progress)?);
        }
    }
    progress.finish();
    let empty = Vec::new();
    let outcomes_of = |label: &Label| found.get(label.file.as_str()).unwrap_or(&empty).as_slice();
    Ok(labels.iter().map(|label| compare(label, &set.rules, outcomes_of(label))).collect())
}

fn read(path: &Path) -> Result<Vec<Label>, Error> {
    let failed = |why: String| {
        Error::new(format!("failed to read labels from `{}`: {why}", path.display())).with_hint(
            "expected `{\"labels\":[{\"file\",\"detection\",\"technique\",\"expect\"}]}`, `expect` being fire or quiet",
        )
    };
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let file: LabelFile = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    Ok(file.labels)
}

/// What each rule makes of a file, in a workspace that goes away.
fn outcomes(file: &Path, rules: &[Rule], progress: &dyn Progress) -> Result<Vec<RuleOutcome>, Error> {
    crate::ingest_files::check_paths(&[file.to_owned()])?;
    let folder = temporary_folder()?;
    let session = Session::open_or_create(folder.path())?;
    ingest_into(&session, &[file.to_owned()], None, false, progress)?;
    establish(&session, None)?;
    replay_all(&session, &session.catalog()?, rules, Bounds::default(), progress)
}

fn compare(label: &Label, rules: &[Rule], outcomes: &[RuleOutcome]) -> CheckedLabel {
    let is_any = label.detection.eq_ignore_ascii_case(ANY);
    let rule = rules.iter().find(|rule| rule.name.eq_ignore_ascii_case(&label.detection));
    let is_meant = |outcome: &&RuleOutcome| is_any || rule.is_some_and(|rule| rule.id == outcome.rule_id);
    let alerts: Vec<&Alert> = outcomes.iter().filter(is_meant).flat_map(|outcome| &outcome.alerts).collect();
    let severity = alerts.iter().map(|alert| alert.severity).max();
    let failure = outcomes.iter().find_map(|outcome| match &outcome.status {
        RuleStatus::Failed { message } => Some(format!("rule `{}` failed: {message}", outcome.name)),
        _ => None,
    });
    let problem = failure.or_else(|| match label.expect {
        _ if !is_any && rule.is_none() => Some(format!("no rule is named `{}`", label.detection)),
        Expect::Fire if alerts.is_empty() => Some("expected an alert, found none".to_owned()),
        Expect::Fire => rule.and_then(|rule| other_technique(rule, &label.technique)),
        Expect::Quiet if severity >= Some(Severity::High) => Some("expected no alert of severity High".to_owned()),
        Expect::Quiet => None,
    });
    CheckedLabel {
        file: label.file.clone(),
        detection: label.detection.clone(),
        technique: label.technique.clone(),
        expect: if label.expect == Expect::Fire { "fire" } else { "quiet" }.to_owned(),
        alerts: alerts.iter().map(|alert| alert.display_name.clone()).collect(),
        severity: severity.map(|severity| severity.as_str().to_owned()),
        problem,
    }
}

fn other_technique(rule: &Rule, wanted: &str) -> Option<String> {
    let is_about = wanted.is_empty() || rule.techniques.iter().any(|technique| technique == wanted);
    (!is_about).then(|| format!("the rule is about {}, not `{wanted}`", rule.techniques.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unwatched;

    const LOG: &str = r#"[{"CreationTime":"2024-05-14T10:54:05","Id":"21e87b2c-0000-4000-8000-000000000001","Operation":"Set-AdminAuditLogConfig",
        "OrganizationId":"8d4121ed-0000-4000-8000-000000000001","RecordType":1,"ResultStatus":"True","UserKey":"1","UserType":2,"Version":1,
        "Workload":"Exchange","ClientIP":"203.0.113.7:28491","ObjectId":"Admin Audit Log Settings","UserId":"mia@contoso.com",
        "Parameters":[{"Name":"UnifiedAuditLogIngestionEnabled","Value":"False"}]}]"#;

    #[test]
    fn each_label_is_compared_with_what_is_found_in_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("off.json"), LOG).expect("written");
        let labels = r#"{"labels":[
            {"file":"off.json","detection":"Unified audit log switched off","technique":"T1562.008","expect":"fire"},
            {"file":"off.json","detection":"Unified audit log switched off","technique":"T1110","expect":"fire"},
            {"file":"off.json","detection":"DCSync","technique":"T1003.006","expect":"fire"},
            {"file":"off.json","detection":"Nothing of that name","expect":"fire"},
            {"file":"off.json","detection":"any","expect":"quiet"}]}"#;
        fs::write(folder.path().join("LABELS.json"), labels).expect("written");
        let request = LabelsRequest { labels: folder.path().join("LABELS.json"), ..LabelsRequest::default() };
        let checked = check_labels(&request, &Unwatched).expect("checked");
        let problems: Vec<Option<&str>> = checked.iter().map(|label| label.problem.as_deref()).collect();
        assert_eq!(problems[0], None);
        for (problem, part) in
            problems[1..].iter().zip(["not `T1110`", "found none", "no rule is named", "severity High"])
        {
            assert!(problem.is_some_and(|problem| problem.contains(part)), "{problem:?} without {part}");
        }
        assert_eq!((checked[0].alerts.len(), checked[0].severity.as_deref()), (1, Some("High")));
    }

    #[test]
    fn a_file_that_is_no_list_of_labels_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("LABELS.json");
        fs::write(&path, r#"{"labels":[{"file":"a","detection":"b","expect":"maybe"}]}"#).expect("written");
        let request = LabelsRequest { labels: path, ..LabelsRequest::default() };
        assert!(check_labels(&request, &Unwatched).expect_err("refused").to_string().contains("maybe"));
    }
}
