//! The report as Markdown.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use crate::headlines::{headlines, summary_sentences};
use crate::method::{PARAGRAPHS, timeline_command};
use crate::wording::{counted, duration, moment, number, size, tactic, time};
use crate::{Listed, ReportEntity, ReportFile, ReportIncident, ReportInput, ReportRule, RuleResult};

/// The report as Markdown (CommonMark with tables). The same input gives the same text.
pub fn markdown(input: &ReportInput) -> String {
    let mut text = format!("# Investigation report: {}\n\n", escape(&input.workspace));
    let _ = writeln!(
        text,
        "Prepared {} UTC by Vedette {}. All times are UTC.\n",
        moment(input.now),
        escape(&input.version)
    );
    summary(&mut text, input);
    text.push_str("## Incidents\n\n");
    if input.incidents.items.is_empty() {
        text.push_str("The rules raised no alert that became an incident.\n\n");
    }
    for one in &input.incidents.items {
        incident(&mut text, one);
    }
    more(&mut text, &input.incidents, "incidents are");
    entities(&mut text, input);
    coverage(&mut text, input);
    rules(&mut text, input);
    files(&mut text, input);
    context(&mut text, input);
    method(&mut text, input);
    text
}

fn summary(text: &mut String, input: &ReportInput) {
    text.push_str("## Summary\n\n");
    for sentence in summary_sentences(input) {
        let _ = writeln!(text, "{}\n", escape(&sentence));
    }
    for headline in headlines(input) {
        let title = escape(&headline.title);
        let sentence = escape(&headline.sentence);
        let _ = writeln!(text, "- **{}: {title}** (incident {}). {sentence}", headline.severity, headline.number);
    }
    text.push('\n');
}

fn incident(text: &mut String, incident: &ReportIncident) {
    let _ = writeln!(text, "### Incident {}: {}\n", incident.number, escape(&incident.title));
    let _ = writeln!(text, "- Severity: {}", incident.severity);
    let length = duration(incident.last_activity - incident.first_activity);
    let _ =
        writeln!(text, "- Activity: {} to {} ({length})", time(incident.first_activity), time(incident.last_activity));
    let tactics: Vec<String> = incident.tactics.iter().map(|one| tactic(one.as_str())).collect();
    let _ = writeln!(text, "- ATT&CK: {} ({})", tactics.join(", "), escape(&incident.techniques.join(", ")));
    if !incident.tenants.is_empty() {
        let _ = writeln!(text, "- Tenant: {}", escape(&incident.tenants.join(", ")));
    }
    for entity in &incident.entities.items {
        let _ = writeln!(text, "- {}: {}", escape(&entity.kind), escape(&entity.value));
    }
    text.push('\n');
    more(text, &incident.entities, "names are");
    text.push_str("#### What was found\n\n");
    for alert in &incident.alerts.items {
        let version = alert.rule_version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        let rule = escape(&format!("{}{version}", alert.rule_name));
        let span = format!("{} to {}", time(alert.start), time(alert.end));
        let _ = writeln!(text, "**{}: {}** ({span}; rule: {rule})\n", alert.severity, escape(&alert.name));
        for (name, value) in &alert.details {
            let _ = writeln!(text, "- {}: {}", escape(name), escape(value));
        }
        if !alert.details.is_empty() {
            text.push('\n');
        }
        for paragraph in alert.description.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            let _ = writeln!(text, "{}\n", escape(paragraph));
        }
    }
    more(text, &incident.alerts, "alerts are");
    text.push_str("#### Timeline and evidence\n\n");
    let rows = incident.events.items.iter().map(|event| {
        let fields: Vec<String> = event.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let offset = event.source_offset.map(|offset| format!(", offset {offset}")).unwrap_or_default();
        vec![
            time(event.time),
            event.text.clone(),
            fields.join("; "),
            event.table.clone(),
            format!("{}{offset}", event.source_file),
        ]
    });
    table(text, &["Time", "What happened", "Fields", "Table", "Source"], rows);
    more(text, &incident.events, "events are");
}

fn entities(text: &mut String, input: &ReportInput) {
    text.push_str("## People, addresses, hosts and applications\n\n");
    let row = |entity: &ReportEntity| {
        let incidents: Vec<String> = entity.incidents.iter().map(u32::to_string).collect();
        let seen: Vec<String> =
            entity.seen.iter().map(|seen| format!("{}: {}", seen.table, number(seen.rows))).collect();
        vec![
            entity.name.kind.clone(),
            entity.name.value.clone(),
            incidents.join(", "),
            number(entity.alerts),
            seen.join("; "),
        ]
    };
    table(text, &["Kind", "Name", "Incidents", "Alerts", "Rows in the logs"], input.entities.items.iter().map(row));
    more(text, &input.entities, "are");
}

fn coverage(text: &mut String, input: &ReportInput) {
    text.push_str("## Coverage and gaps\n\n");
    let optional = |at: Option<DateTime<Utc>>| at.map(time).unwrap_or_default();
    let rows = input.tables.iter().map(|one| {
        let days = one.days.len() as u64;
        vec![
            one.table.clone(),
            number(one.rows),
            optional(one.first),
            optional(one.last),
            number(days),
            one.gaps.len().to_string(),
        ]
    });
    table(text, &["Table", "Rows", "First event", "Last event", "Days with events", "Gaps"], rows);
    let gaps = input.tables.iter().flat_map(|one| one.gaps.iter().map(move |gap| (one, gap)));
    let rows: Vec<Vec<String>> = gaps
        .map(|(one, gap)| vec![one.table.clone(), time(gap.start), time(gap.end), number(gap.expected.round() as u64)])
        .collect();
    if !rows.is_empty() {
        table(text, &["Table", "No events from", "until", "Usual events"], rows.into_iter());
    }
}

fn rules(text: &mut String, input: &ReportInput) {
    text.push_str("## Detection rules\n\n");
    let row = |rule: &ReportRule| {
        let result = match &rule.result {
            RuleResult::Found { alerts } => counted(*alerts, "alert", "alerts"),
            RuleResult::FoundNothing => "ran and found nothing".to_owned(),
            RuleResult::NeedsData => "needs data that is not here".to_owned(),
            RuleResult::Failed { message } => format!("failed: {message}"),
            RuleResult::Disabled => "switched off".to_owned(),
        };
        let version = rule.version.clone().unwrap_or_default();
        let missing = rule.missing_tables.join(", ");
        vec![rule.name.clone(), version, rule.severity.to_string(), rule.techniques.join(", "), result, missing]
    };
    table(text, &["Rule", "Version", "Severity", "ATT&CK", "Result", "Missing tables"], input.rules.iter().map(row));
}

fn files(text: &mut String, input: &ReportInput) {
    text.push_str("## Input files\n\n");
    let row = |file: &ReportFile| {
        let counts = [file.records, file.duplicates, file.rejected].map(number);
        let mut cells = vec![file.path.clone(), file.sha256.clone(), size(file.bytes), file.format.clone()];
        cells.extend(counts);
        cells
    };
    table(
        text,
        &["File", "SHA-256", "Size", "Format", "Records", "Duplicates", "Rejected"],
        input.files.items.iter().map(row),
    );
    more(text, &input.files, "files are");
    text.push_str("## Records that were not understood\n\n");
    let rows = input.errors.items.iter();
    let rows = rows.map(|error| {
        vec![error.reason.clone(), number(error.records), number(error.files), error.example_file.clone()]
    });
    table(text, &["Reason", "Records", "Files", "For example in"], rows);
    more(text, &input.errors, "reasons are");
}

fn context(text: &mut String, input: &ReportInput) {
    text.push_str("## What is known of the estate\n\n");
    let rows = input.context.items.iter().map(|entry| {
        let origin = if entry.inferred { "inferred" } else { "given" };
        vec![tactic(&entry.list), entry.value.clone(), origin.to_owned(), entry.reason.clone()]
    });
    table(text, &["List", "Name", "From", "Reason"], rows);
    more(text, &input.context, "entries are");
}

fn method(text: &mut String, input: &ReportInput) {
    text.push_str("## Method and limits\n\n");
    let rows = input.runs.items.iter().map(|run| {
        vec![
            time(run.time),
            run.version.clone(),
            run.command.clone(),
            number(run.rules),
            number(run.files),
            number(run.records),
        ]
    });
    table(text, &["Begun", "Version", "Command", "Rules", "Files", "Records"], rows);
    for (heading, paragraphs) in PARAGRAPHS {
        let _ = writeln!(text, "### {heading}\n");
        for paragraph in *paragraphs {
            let _ = writeln!(text, "{}\n", escape(paragraph));
        }
    }
    let _ =
        writeln!(text, "### To look further\n\n```\n{}\n```", timeline_command(&input.workspace).replace("```", "'''"));
}

fn table(text: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        text.push_str("None.\n\n");
        return;
    }
    let _ = writeln!(text, "| {} |\n|{}", head.join(" | "), " --- |".repeat(head.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn more<T>(text: &mut String, list: &Listed<T>, what: &str) {
    if list.more > 0 {
        let _ = writeln!(text, "{} more {what} not shown here; all of them are in the workspace.\n", number(list.more));
        if !list.query.is_empty() {
            let _ = writeln!(text, "```\n{}\n```\n", list.query.replace("```", "'''"));
        }
    }
}

/// One line in which nothing is markup: log text must not become a heading, a link, an image or HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '~' | '&' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
