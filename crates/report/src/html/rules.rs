//! Which rules looked, what they found, and which could not look.

use maud::{Markup, html};

use super::parts::{severity, table};
use crate::wording::counted;
use crate::{ReportInput, ReportRule, RuleResult};

/// A group of rules: whether a result belongs to it, its heading, what it means.
type Group = (fn(&RuleResult) -> bool, &'static str, &'static str);

const GROUPS: [Group; 5] = [
    (|result| matches!(result, RuleResult::Found { .. }), "Found something", "These rules raised the alerts above."),
    (
        |result| *result == RuleResult::FoundNothing,
        "Ran and found nothing",
        "The logs they read are here, and nothing in them fits. That speaks against such an attack within the time that the logs cover, as far as the rule can see it.",
    ),
    (
        |result| *result == RuleResult::NeedsData,
        "Needs data that is not here",
        "None of the logs they read is in the workspace. Nothing can be said about such attacks.",
    ),
    (
        |result| matches!(result, RuleResult::Failed { .. }),
        "Failed",
        "These rules stopped with an error; what they would have found is not known.",
    ),
    (|result| *result == RuleResult::Disabled, "Switched off", "These rules are not enabled."),
];

pub(super) fn section(input: &ReportInput) -> Markup {
    html! {
        @if input.rules.is_empty() { p { "No run of rules is recorded in this workspace." } }
        @for (belongs, heading, meaning) in GROUPS {
            @let rules: Vec<&ReportRule> = input.rules.iter().filter(|rule| belongs(&rule.result)).collect();
            @if !rules.is_empty() {
                h3 { (heading) " " span.count { (counted(rules.len() as u64, "rule", "rules")) } }
                p { (meaning) }
                (table("rules", heading, &["Rule", "Severity", "ATT&CK", "Result", "Logs"], html! {
                    @for rule in rules { (row(rule)) }
                }))
            }
        }
    }
}

fn row(rule: &ReportRule) -> Markup {
    html! {
        tr {
            th scope="row" {
                (rule.name)
                @if let Some(version) = &rule.version { span.line.muted { "version " (version) } }
            }
            td { (severity(rule.severity)) }
            td { (rule.techniques.join(", ")) }
            td {
                @match &rule.result {
                    RuleResult::Found { alerts } => (counted(*alerts, "alert", "alerts")),
                    RuleResult::FoundNothing => "nothing found",
                    RuleResult::NeedsData => "could not look",
                    RuleResult::Failed { message } => (message),
                    RuleResult::Disabled => "switched off",
                }
            }
            td {
                @if !rule.tables.is_empty() { span.line { "here: " (rule.tables.join(", ")) } }
                @if !rule.missing_tables.is_empty() { span.line.missing { "missing: " (rule.missing_tables.join(", ")) } }
            }
        }
    }
}
