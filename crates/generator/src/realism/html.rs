//! The report as a page that needs nothing else: no script, no font, no request.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::anchors::{Expectation, TOLERANCE_PERCENT};
use super::charts::{self, Column, short};
use super::counters::LogonClass;
use super::figures::{Figures, INTERRUPTS, SLOPE_RANKS};
use super::report::{Check, LogMeasure, RealismReport};
use crate::records::failure_reason;

/// All of the page's styles.
const STYLE: &str = include_str!("style.css");
/// What the page may load: its own styles.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page.
pub(super) fn page(report: &RealismReport) -> String {
    let figures = &report.figures;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Realism of a generated tenant" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(report))
                main {
                    section { h2 { "Figures beside their anchors" } (checks(&report.checks)) }
                    section { h2 { "People" } (people(figures)) }
                    section { h2 { "Logs" } (audit_and_domain(figures)) (logs(&report.logs)) }
                    section { h2 { "Assumptions" } (assumptions(report)) }
                }
            }
        }
    };
    page.into_string()
}

fn header(report: &RealismReport) -> Markup {
    let options = &report.options;
    let judged: Vec<bool> = report.checks.iter().filter_map(Check::holds).collect();
    let near = judged.iter().filter(|holds| **holds).count();
    let records: u64 = report.logs.iter().map(|log| log.records).sum();
    let bytes: u64 = report.logs.iter().map(|log| log.bytes).sum();
    let envelope = serde_json::to_value(options.envelope).ok();
    let fact = |name: &str, value: String| html! { div { dt { (name) } dd { (value) } } };
    html! {
        header {
            p.kind { "Realism report" }
            h1 { (near) " of " (judged.len()) " figures are within ±" (TOLERANCE_PERCENT) " %" }
            dl.facts {
                (fact("Accounts", options.users.to_string()))
                (fact("Days", format!("{} from {}", options.days, options.start.format("%-d %B %Y"))))
                (fact("Seed", options.seed.to_string()))
                (fact("Envelopes", envelope.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()))
                (fact("Records", short(records as f64)))
                (fact("Bytes", format!("{}B", short(bytes as f64))))
                @if report.unread > 0 { (fact("Records that could not be read back", report.unread.to_string())) }
            }
            p.note {
                "Measured from the text of the records as they were written, not from what the generator meant to write. "
                "An anchor is a figure that is known of real tenants; what has none is listed under Assumptions."
            }
        }
    }
}

fn expected(expectation: Expectation, unit: &str) -> String {
    let space = if unit.is_empty() { "" } else { " " };
    match expectation {
        Expectation::About(anchor) => format!("{}{space}{unit}", short(anchor)),
        Expectation::Between(low, high) => format!("{} to {}{space}{unit}", short(low), short(high)),
        Expectation::AtLeast(low) => format!("at least {}{space}{unit}", short(low)),
    }
}

fn checks(checks: &[Check]) -> Markup {
    html! {
        div.scroll { table.checks {
            thead { tr { th { "Figure" } th.number { "Measured" } th.number { "Anchor" } th.number { "Deviation" } th { "Within ±" (TOLERANCE_PERCENT) " %" } th { "Known from" } } }
            tbody { @for check in checks { (check_row(check)) } }
        } }
    }
}

fn check_row(check: &Check) -> Markup {
    let space = if check.unit.is_empty() { "" } else { " " };
    html! {
        tr {
            th scope="row" { (check.title) }
            @match check.measured {
                Some(measured) => td.number { (short(measured)) (space) (check.unit) },
                None => td.number { span.muted { "no such record" } },
            }
            td.number { (expected(check.expected, check.unit)) }
            td.number { @if let Some(deviation) = check.deviation_percent() { (format!("{deviation:+.0} %").replace("+0 %", "0 %").replace("-0 %", "0 %")) } }
            td {
                @match check.holds() {
                    Some(true) => span.verdict.yes { "yes" },
                    Some(false) => span.verdict.no { "no" },
                    None => span.muted { "–" },
                }
            }
            td.muted { (check.source) }
        }
    }
}

fn figure(title: &str, drawing: Markup, caption: Markup) -> Markup {
    html! { figure { h3 { (title) } (drawing) figcaption { (caption) } } }
}

fn columns<L: ToString>(items: impl IntoIterator<Item = (L, u64)>) -> Vec<Column> {
    let column = |(label, count): (L, u64)| Column { label: label.to_string(), measured: count as f64, expected: None };
    items.into_iter().map(column).collect()
}

fn people(figures: &Figures) -> Markup {
    let per_day = figures.per_day.iter().enumerate().skip(1);
    let last = figures.per_day.len() - 1;
    let per_day = columns(
        per_day.map(|(value, count)| (if value == last { format!("{value}+") } else { value.to_string() }, *count)),
    );
    let [p10, p25, median, p75, p90, p99, highest] = figures.per_day_quantiles;
    let hours = |days: std::ops::Range<usize>, hour: usize| figures.week[days].iter().map(|day| day[hour]).sum::<u64>();
    let weekday = columns((0..24).map(|hour| (hour, hours(0..5, hour))));
    let failed: Vec<Column> = figures
        .codes
        .iter()
        .filter(|(code, _)| **code != 0)
        .map(|(code, count)| Column {
            label: format!("{code} {}", code_name(*code)),
            measured: *count as f64 * 100.0 / figures.interactive.max(1) as f64,
            expected: None,
        })
        .collect();
    let entropies =
        columns(figures.entropies.iter().enumerate().map(|(step, count)| (short(step as f64 / 2.0), *count)));
    let percent = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{} %", short(value)));
    html! {
        div.figures {
            (figure("Interactive sign-ins per account and day", charts::bars("Number of days of accounts by their interactive sign-ins", "", &per_day), html! {
                "Days of accounts with so many. Quantiles: 10 % " (p10) ", 25 % " (p25) ", median " (median) " (anchor 8), 75 % " (p75) ", 90 % " (p90) ", 99 % " (p99) ", highest " (highest) " (busiest known day: 46). "
                (short(figures.interactive as f64)) " interactive, " (short(figures.non_interactive as f64)) " non-interactive in all."
            }))
            (figure("Who makes the events", charts::share_curve("Share of events by the busiest accounts", &figures.activity_curve, (5.0, 30.0)), html! {
                "Share of sign-ins and unified audit records by the busiest accounts; the circle is the anchor, 30 % by the busiest 5 %. Measured: " (percent(figures.busiest_percent)) "."
            }))
            (figure("Hours of working days", charts::bars("Interactive sign-ins by local hour, Monday to Friday", "", &weekday), html! {
                "Interactive sign-ins from Monday to Friday by the hour on the account's own clock. Expected: peaks from 9 to 11 and from 13 to 16, fewer at lunch."
            }))
            (figure("Hours of the week", charts::week("Interactive sign-ins by weekday and local hour", &figures.week), html! {
                "A day of the weekend has " (percent(figures.weekend_percent)) " of a working day's sign-ins (anchor: 5 to 8 %)."
            }))
            (figure("Popularity of applications", charts::rank_plot("Interactive sign-ins by rank of the application, logarithmic", &figures.apps), html! {
                "Interactive sign-ins by rank, both axes logarithmic; the line is Zipf's law. Slope over ranks 1 to " (SLOPE_RANKS) ": " (figures.app_slope.map_or("–".to_owned(), short)) "."
            }))
            (figure("Entropy of an employee's applications", charts::bars("Employees by entropy of their applications in bits", "", &entropies), html! {
                "Employees by bits, in steps of half a bit; median " (figures.entropy_median.map_or("–".to_owned(), short)) ". No anchor is known."
            }))
            (figure("Interactive sign-ins that fail or are interrupted", charts::lying_bars("Share of interactive sign-ins by result", " %", &failed), html! {
                "Share of all interactive sign-ins by result; " (percent(figures.failed_percent)) " in all (anchor: 5 to 8 %). Interrupts: "
                (INTERRUPTS.map(|code| code.to_string()).join(", ")) "."
            }))
        }
    }
}

/// The first words of a result's text.
fn code_name(code: i64) -> String {
    match code {
        50034 => "no such account".into(),
        50053 => "locked out".into(),
        50055 => "password expired".into(),
        50057 => "account disabled".into(),
        50058 => "no usable session".into(),
        50072 => "must register a factor".into(),
        50074 | 50076 => "second factor asked for".into(),
        50097 => "device not known".into(),
        50126 => "wrong password".into(),
        50140 => "stay signed in?".into(),
        53003 => "blocked by policy".into(),
        65001 => "no consent".into(),
        500_121 => "second factor failed".into(),
        _ => failure_reason(code.unsigned_abs() as u32).chars().take(24).collect(),
    }
}

/// Workloads of the unified audit, as its records and as people call them, and their known shares in percent.
const WORKLOADS: [(&[&str], &str, f64); 4] = [
    (&["Exchange"], "Exchange", 75.0),
    (&["AzureActiveDirectory"], "Entra ID", 18.0),
    (&["SecurityComplianceCenter"], "Compliance", 3.0),
    (&["SharePoint", "OneDrive"], "SharePoint, OneDrive", 4.0),
];

fn audit_and_domain(figures: &Figures) -> Markup {
    let share = |names: &[&str]| -> f64 { names.iter().filter_map(|name| figures.workloads.get(*name)).sum() };
    let mut workloads: Vec<Column> = WORKLOADS
        .iter()
        .map(|(names, label, known)| Column { label: (*label).into(), measured: share(names), expected: Some(*known) })
        .collect();
    for (name, measured) in &figures.workloads {
        if !WORKLOADS.iter().any(|(names, ..)| names.contains(&name.as_str())) {
            workloads.push(Column { label: name.clone(), measured: *measured, expected: None });
        }
    }
    let copies = figures.copies.iter().enumerate().map(|(index, count)| (index + 1, *count));
    let logons: Vec<Column> = LogonClass::ALL
        .iter()
        .zip(&figures.logons)
        .map(|((_, title, known), measured)| Column {
            label: title.split(" (").next().unwrap_or_default().into(),
            measured: *measured,
            expected: Some(*known),
        })
        .collect();
    let number = |value: Option<f64>| value.map_or("–".to_owned(), short);
    html! {
        div.figures {
            @if figures.logon_total > 0 {
                (figure("Authentication in the domain", charts::lying_bars("Shares of kinds of authentication events, measured and at Los Alamos", " %", &logons), html! {
                    "Shares of " (short(figures.logon_total as f64)) " events; the second bars are Los Alamos'. " (number(figures.logons_per_user_and_day)) " per account and day."
                }))
            }
            @if !figures.workloads.is_empty() {
                (figure("Unified audit by workload", charts::lying_bars("Shares of workloads among unique unified audit records", " %", &workloads), html! {
                    "Shares of unique records; the second bars are known ones. Services made " (number(figures.audit_services_percent)) " % (anchor: 70 %)."
                }))
                (figure("Copies of a unified audit record", charts::bars("Unique unified audit records by number of copies", "", &columns(copies)), html! {
                    "Unique records of a sample by how often the export has them; on average " (number(figures.audit_copies)) " times (anchor: 1.79)."
                }))
            }
        }
    }
}

fn logs(logs: &[LogMeasure]) -> Markup {
    let row = |log: &LogMeasure| {
        let [half_size, most_size] = log.size_quantiles;
        let [half, most, nearly, all] = log.delay_quantiles;
        html! {
            tr {
                th scope="row" { (log.log) }
                td.number { (short(log.records as f64)) }
                td.number { (short(log.bytes as f64)) "B" }
                td.number { (short(log.bytes_per_record())) }
                td.number { (half_size) " / " (most_size) }
                td.number { (duration(half)) " / " (duration(most)) " / " (duration(nearly)) " / " (duration(all)) }
                td.number { (format!("{:.1} %", log.out_of_order_percent)) }
            }
        }
    };
    html! {
        h3 { "What was written" }
        div.scroll { table {
            caption { "Sizes are those of the records without what frames them, before compression. The delay is from an event to its arrival in the export: known are minutes for sign-ins, up to a day for the unified audit." }
            thead { tr { th { "Log" } th.number { "Records" } th.number { "Size" } th.number { "Bytes a record" } th.number { "Bytes: 50 / 90 %" } th.number { "Delay: 50 / 90 / 99 / 100 %" } th.number { "Out of order" } } }
            tbody { @for log in logs { (row(log)) } }
        } }
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

fn assumptions(report: &RealismReport) -> Markup {
    html! {
        p { "No public figure was found for these. Each is a named constant of the generator." }
        div.scroll { table {
            thead { tr { th { "Area" } th.number { "Value" } th { "Meaning" } } }
            tbody {
                @for assumption in &report.assumptions {
                    tr { td { (assumption.area) } td.number { (assumption.value) } td { (assumption.meaning) } }
                }
            }
        } }
    }
}
