//! `vedette rules labels`.

use std::process::ExitCode;

use server::{CheckedLabel, Error, LabelsRequest};

use crate::args::{LabelsFormat, RulesLabels};
use crate::output::{self, table};
use crate::progress::TerminalProgress;

pub(super) fn run(args: &RulesLabels) -> Result<ExitCode, Error> {
    let request =
        LabelsRequest { labels: args.labels.clone(), samples: args.samples.clone(), rules: args.rules.clone() };
    let checked = server::check_labels(&request, &TerminalProgress::new())?;
    match args.format {
        LabelsFormat::Json => output::json(&checked)?,
        LabelsFormat::Table => output::text(&shown(&checked))?,
        LabelsFormat::Md => output::text(&markdown(&checked))?,
    }
    let all_hold = checked.iter().all(|label| label.problem.is_none());
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn shown(checked: &[CheckedLabel]) -> String {
    let mut shown = table::new(&["file", "detection", "expect", "alerts", "severity", "result"]);
    for label in checked {
        shown.add_row([
            table::cell(&label.file),
            label.detection.clone(),
            label.expect.clone(),
            label.alerts.len().to_string(),
            label.severity.clone().unwrap_or_default(),
            result(label),
        ]);
    }
    format!("{shown}\n{}\n", summary(checked))
}

fn result(label: &CheckedLabel) -> String {
    label.problem.as_ref().map_or_else(|| "pass".to_owned(), |problem| format!("FAIL: {}", table::cell(problem)))
}

fn summary(checked: &[CheckedLabel]) -> String {
    let passed = checked.iter().filter(|label| label.problem.is_none()).count();
    format!("{passed} of {} labels hold", checked.len())
}

/// A page with a row a label.
fn markdown(checked: &[CheckedLabel]) -> String {
    let mut text = String::from(
        "# What the rules find in labelled files\n\n\
         Printed by `vedette rules labels LABELS.json --format md`: each file is investigated by itself with the built-in rules. `fire` \
         wants an\nalert of the rule named as the detection, `quiet` no alert of severity High from any rule.\n\n",
    );
    text.push_str(&format!("{}.\n\n", summary(checked)));
    text.push_str("| file | detection | technique | expect | alerts | highest severity | first alert | result |\n");
    text.push_str("|---|---|---|---|---|---|---|---|\n");
    for label in checked {
        let cells = [
            format!("`{}`", label.file),
            label.detection.clone(),
            label.technique.clone(),
            label.expect.clone(),
            label.alerts.len().to_string(),
            label.severity.clone().unwrap_or_default(),
            label.alerts.first().cloned().unwrap_or_default(),
            result(label),
        ];
        text.push_str(&format!("| {} |\n", cells.map(|cell| markdown_cell(&cell)).join(" | ")));
    }
    text
}

/// Text that stays within its cell.
fn markdown_cell(text: &str) -> String {
    table::cell(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_row_a_label_and_nothing_breaks_a_cell() {
        let label = CheckedLabel {
            file: "a.evtx".to_owned(),
            detection: "DCSync".to_owned(),
            technique: "T1003.006".to_owned(),
            expect: "fire".to_owned(),
            alerts: vec!["by a|b\non DC01".to_owned()],
            severity: Some("High".to_owned()),
            problem: None,
        };
        let missed = CheckedLabel { alerts: Vec::new(), problem: Some("found none".to_owned()), ..label.clone() };
        let page = markdown(&[label, missed]);
        assert!(page.contains("1 of 2 labels hold.\n"), "{page}");
        assert!(
            page.contains("| `a.evtx` | DCSync | T1003.006 | fire | 1 | High | by a\\|b on DC01 | pass |\n"),
            "{page}"
        );
        assert!(page.ends_with("| FAIL: found none |\n"), "{page}");
    }
}
