//! Incidents by severity, each with its alerts, timeline and evidence.

use maud::{Markup, html};

use super::parts::{more, paragraphs, severity, severity_class, table, time};
use crate::wording::{counted, duration, tactic};
use crate::{Listed, ReportAlert, ReportEvent, ReportIncident, ReportInput};

pub(super) fn section(input: &ReportInput) -> Markup {
    html! {
        @if input.incidents.items.is_empty() {
            p { "The rules raised no alert that became an incident." }
        } @else {
            p { "Most severe first. Every event is named with the file it came from and its place in that file, so that it can be checked against the original." }
        }
        @if input.tenants.len() > 1 {
            @for (heading, incidents) in by_tenant(input) {
                h3.tenant { (heading) }
                @for incident in incidents { (article(incident)) }
            }
        } @else {
            @for incident in &input.incidents.items { (article(incident)) }
        }
        (more(&input.incidents, "incidents are"))
    }
}

/// Incidents of each tenant, then those of none and those that reach over several.
fn by_tenant(input: &ReportInput) -> Vec<(String, Vec<&ReportIncident>)> {
    let of = |wanted: &dyn Fn(&ReportIncident) -> bool| {
        input.incidents.items.iter().filter(|one| wanted(one)).collect::<Vec<_>>()
    };
    let mut groups: Vec<(String, Vec<&ReportIncident>)> = input
        .tenants
        .iter()
        .map(|tenant| (format!("Tenant {}", tenant.id), of(&|one| one.tenants.as_slice() == [tenant.id.clone()])))
        .collect();
    groups.push(("Several tenants".to_owned(), of(&|one| one.tenants.len() > 1)));
    let named = |one: &ReportIncident| matches!(one.tenants.as_slice(), [only] if input.tenants.iter().any(|tenant| tenant.id == *only));
    groups.push(("No tenant named in the data".to_owned(), of(&|one| one.tenants.len() <= 1 && !named(one))));
    groups.retain(|(_, incidents)| !incidents.is_empty());
    groups
}

fn article(incident: &ReportIncident) -> Markup {
    let id = format!("incident-{}", incident.number);
    let length = incident.last_activity - incident.first_activity;
    html! {
        article id=(id) class={ "incident " (severity_class(incident.severity)) } aria-labelledby={ (id) "-heading" } {
            h3 id={ (id) "-heading" } { span.number { "Incident " (incident.number) } " " (incident.title) }
            dl.facts {
                div { dt { "Severity" } dd { (severity(incident.severity)) } }
                div { dt { "First event" } dd { (time(incident.first_activity)) } }
                div { dt { "Last event" } dd { (time(incident.last_activity)) } }
                div { dt { "Duration" } dd { (duration(length)) } }
                @if !incident.tactics.is_empty() {
                    div { dt { "ATT&CK tactics" } dd { (incident.tactics.iter().map(|one| tactic(one.as_str())).collect::<Vec<_>>().join(", ")) } }
                }
                @if !incident.techniques.is_empty() {
                    div { dt { "ATT&CK techniques" } dd { (incident.techniques.join(", ")) } }
                }
                @if !incident.tenants.is_empty() {
                    div { dt { @if incident.tenants.len() == 1 { "Tenant" } @else { "Tenants" } } dd { (incident.tenants.join(", ")) } }
                }
            }
            (names(incident))
            h4 { "What was found" }
            @for alert in &incident.alerts.items { (alert_of(alert, &incident.alerts)) }
            (more(&incident.alerts, "alerts are"))
            h4 { "Timeline and evidence" }
            (timeline(incident))
        }
    }
}

fn names(incident: &ReportIncident) -> Markup {
    let mut kinds: Vec<&str> = incident.entities.items.iter().map(|entity| entity.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    html! {
        @if !kinds.is_empty() {
            h4 { "Who and what is in it" }
            dl.names {
                @for kind in kinds {
                    dt { (kind) }
                    dd { @for entity in incident.entities.items.iter().filter(|entity| entity.kind == kind) { span.name { (entity.value) } " " } }
                }
            }
            (more(&incident.entities, "names are"))
        }
    }
}

/// The description is said once: alerts of one rule share it.
fn alert_of(alert: &ReportAlert, all: &Listed<ReportAlert>) -> Markup {
    let first = all.items.iter().find(|other| other.description == alert.description);
    let says_it_first = first.is_some_and(|first| first.id == alert.id);
    html! {
        div.alert {
            h5 { (severity(alert.severity)) " " (alert.name) }
            p.muted {
                (time(alert.start)) " to " (time(alert.end)) ". Rule: " (alert.rule_name)
                @if let Some(version) = &alert.rule_version { " " (version) }
                "."
            }
            @if !alert.details.is_empty() {
                dl.details { @for (name, value) in &alert.details { div { dt { (name) } dd { (value) } } } }
            }
            @if says_it_first { (paragraphs(&alert.description)) }
        }
    }
}

fn timeline(incident: &ReportIncident) -> Markup {
    let events = &incident.events;
    let caption = format!(
        "Incident {}: {} in order of time",
        incident.number,
        counted(events.items.len() as u64, "event", "events")
    );
    html! {
        @if events.items.is_empty() {
            p.muted { "The events behind these alerts are not in the workspace, or could not be told from others." }
        } @else {
            (table("timeline", &caption, &["Time (UTC)", "What happened", "Where it is written"], html! {
                @for event in &events.items { (row(event)) }
            }))
        }
        (more(events, "events are"))
    }
}

fn row(event: &ReportEvent) -> Markup {
    html! {
        tr {
            td { (time(event.time)) }
            td {
                p { (event.text) }
                @if !event.fields.is_empty() {
                    dl.fields { @for (name, value) in &event.fields { div { dt { (name) } dd { (value) } } } }
                }
            }
            td.source {
                span.line { (event.table) }
                span.line { (event.source_file) @if let Some(offset) = event.source_offset { ", offset " (offset) } }
            }
        }
    }
}
