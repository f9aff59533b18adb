//! What was found, in plain words.

use schema::Severity;

use crate::wording::{counted, day, duration, list, moment, number};
use crate::{EntityName, ReportIncident, ReportInput, RuleResult};

/// Most incidents that get a headline.
const HEADLINES_MAX: usize = 10;
/// Most names of a kind that a sentence lists.
const NAMES_MAX: usize = 3;

/// One finding in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// The incident's number.
    pub number: u32,
    /// Its severity.
    pub severity: Severity,
    /// What was found.
    pub title: String,
    /// When, and who and what is in it.
    pub sentence: String,
}

/// The most serious incidents in words, in the order of the report.
pub fn headlines(input: &ReportInput) -> Vec<Headline> {
    input.incidents.items.iter().take(HEADLINES_MAX).map(headline).collect()
}

fn headline(incident: &ReportIncident) -> Headline {
    let length = incident.last_activity - incident.first_activity;
    let mut sentence = if length.num_seconds() < 1 {
        format!("At {} UTC.", moment(incident.first_activity))
    } else {
        format!("From {} UTC, over {}.", moment(incident.first_activity), duration(length))
    };
    let kinds = [("Account", "Accounts"), ("IP", "Addresses"), ("Host", "Hosts"), ("CloudApplication", "Applications")];
    for (kind, word) in kinds {
        if let Some(names) = names(&incident.entities.items, kind) {
            sentence.push_str(&format!(" {word}: {names}."));
        }
    }
    Headline { number: incident.number, severity: incident.severity, title: incident.title.clone(), sentence }
}

fn names(entities: &[EntityName], kind: &str) -> Option<String> {
    let all: Vec<String> =
        entities.iter().filter(|entity| entity.kind == kind).map(|entity| entity.value.clone()).collect();
    let mut shown: Vec<String> = all.iter().take(NAMES_MAX).cloned().collect();
    if all.len() > NAMES_MAX {
        shown.push(format!("{} more", all.len() - NAMES_MAX));
    }
    (!shown.is_empty()).then(|| list(&shown))
}

/// What was investigated, what was found, and how far that can be trusted: a sentence an element.
pub fn summary_sentences(input: &ReportInput) -> Vec<String> {
    let mut sentences = vec![investigated(input), found(input)];
    sentences.extend(several_tenants(input));
    sentences.extend(rules(input));
    sentences.extend(gaps(input));
    sentences.extend(errors(input));
    sentences
}

fn investigated(input: &ReportInput) -> String {
    let rows: u64 = input.tables.iter().map(|table| table.rows).sum();
    let what = format!(
        "{} in {} from {}",
        counted(rows, "event", "events"),
        counted(input.tables.len() as u64, "log table", "log tables"),
        counted(input.files.total(), "input file", "input files"),
    );
    let were = was_or_were(rows);
    match input.period() {
        Some((first, last)) if day(first) != day(last) => {
            format!("{what} {were} examined, from {} to {}.", day(first), day(last))
        }
        Some((first, _)) => format!("{what} {were} examined, of {}.", day(first)),
        None => "The workspace holds no events, so nothing could be examined.".to_owned(),
    }
}

fn was_or_were(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

fn found(input: &ReportInput) -> String {
    if input.incidents.total() == 0 {
        return "No incident was found. That means only that the rules listed below found nothing in these data."
            .to_owned();
    }
    let count =
        |severity: Severity| input.incidents.items.iter().filter(|incident| incident.severity == severity).count();
    let by_severity: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .map(|severity| (severity, count(*severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} of {} severity", severity.as_str().to_lowercase()))
        .collect();
    let total = counted(input.incidents.total(), "incident", "incidents");
    let shown = if input.incidents.more > 0 {
        format!(" ({} are shown here)", input.incidents.items.len())
    } else {
        String::new()
    };
    let were = was_or_were(input.incidents.total());
    format!("{total} {were} found{shown}: {}.", list(&by_severity))
}

fn several_tenants(input: &ReportInput) -> Option<String> {
    (input.tenants.len() > 1).then(|| {
        format!(
            "The data are of {} tenants; rules were run over each apart, and incidents say whose they are.",
            input.tenants.len()
        )
    })
}

fn rules(input: &ReportInput) -> Option<String> {
    let count = |wanted: fn(&RuleResult) -> bool| input.rules.iter().filter(|rule| wanted(&rule.result)).count() as u64;
    let found = count(|result| matches!(result, RuleResult::Found { .. }));
    let nothing = count(|result| *result == RuleResult::FoundNothing);
    let needs = count(|result| *result == RuleResult::NeedsData);
    let failed = count(|result| matches!(result, RuleResult::Failed { .. }));
    if input.rules.is_empty() {
        return Some("No rule was run on this workspace.".to_owned());
    }
    let mut text = format!(
        "Of {}, {} found something and {} ran and found nothing",
        counted(input.rules.len() as u64, "detection rule", "detection rules"),
        number(found),
        number(nothing)
    );
    if needs > 0 {
        text.push_str(&format!("; {} could not look, because the logs they read are not here", number(needs)));
    }
    if failed > 0 {
        text.push_str(&format!("; {} failed", number(failed)));
    }
    text.push('.');
    Some(text)
}

fn gaps(input: &ReportInput) -> Option<String> {
    let tables: Vec<String> =
        input.tables.iter().filter(|table| !table.gaps.is_empty()).map(|table| table.table.clone()).collect();
    (!tables.is_empty()).then(|| {
        format!("Events are missing for some hours in {}: what happened then cannot be seen here.", list(&tables))
    })
}

fn errors(input: &ReportInput) -> Option<String> {
    let records: u64 = input.errors.items.iter().map(|error| error.records).sum();
    (records > 0).then(|| {
        let verb = if records == 1 { "was" } else { "were" };
        format!("{} {verb} not understood and set aside with the reason.", counted(records, "record", "records"))
    })
}
