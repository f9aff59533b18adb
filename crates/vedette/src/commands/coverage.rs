//! `vedette coverage`.

use std::fmt::Write;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use server::{Coverage, Error, ReportRule, RuleResult};

use crate::args::{self, ReportFormat};
use crate::output::{self, table};

/// Most days of a table that the terminal shows.
const DAYS_SHOWN_MAX: usize = 14;

pub(crate) fn run(args: &args::Coverage) -> Result<ExitCode, Error> {
    let coverage = server::coverage(&args.workspace.workspace)?;
    match args.format {
        ReportFormat::Json => output::json(&coverage)?,
        ReportFormat::Table => output::text(&for_people(&coverage))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn for_people(coverage: &Coverage) -> String {
    let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%SZ").to_string();
    let optional = |at: Option<DateTime<Utc>>| at.map(time).unwrap_or_default();
    let mut tables = table::new(&["table", "rows", "first event", "last event", "gaps", "rows a day"]);
    let mut gaps = table::new(&["table", "no events from", "until", "usual events"]);
    let mut has_gaps = false;
    for one in &coverage.tables {
        let shown = one.days.iter().rev().take(DAYS_SHOWN_MAX).rev();
        let volumes: Vec<String> = shown.map(|day| day.rows.to_string()).collect();
        let earlier = if one.days.len() > DAYS_SHOWN_MAX { "… " } else { "" };
        tables.add_row([
            table::cell(&one.table),
            one.rows.to_string(),
            optional(one.first),
            optional(one.last),
            one.gaps.len().to_string(),
            format!("{earlier}{}", volumes.join(" ")),
        ]);
        for gap in &one.gaps {
            has_gaps = true;
            gaps.add_row([table::cell(&one.table), time(gap.start), time(gap.end), format!("{:.0}", gap.expected)]);
        }
    }
    let mut text = format!("{tables}\n");
    if has_gaps {
        let _ = writeln!(text, "\nGaps: hours without events where there usually are some\n{gaps}");
    }
    text.push_str(&rules(&coverage.rules));
    text
}

fn rules(rules: &[ReportRule]) -> String {
    if rules.is_empty() {
        return "\nNo run of rules is recorded in this workspace; `vedette investigate` runs them.\n".to_owned();
    }
    let mut shown = table::new(&["rule", "result", "missing tables"]);
    for rule in rules {
        let result = match &rule.result {
            RuleResult::Found { alerts } => format!("found: {alerts} alert{}", if *alerts == 1 { "" } else { "s" }),
            RuleResult::FoundNothing => "ran, found nothing".to_owned(),
            RuleResult::NeedsData => "needs data that is not here".to_owned(),
            RuleResult::Failed { message } => format!("failed: {message}"),
            RuleResult::Disabled => "switched off".to_owned(),
        };
        shown.add_row([table::cell(&rule.name), table::cell(&result), table::cell(&rule.missing_tables.join(", "))]);
    }
    format!("\n{shown}\n")
}
