//! People, addresses, hosts and applications of the incidents.

use maud::{Markup, html};

use super::parts::{more, table, time};
use crate::wording::number;
use crate::{ReportEntity, ReportInput};

/// Kinds in the order of the section, with their headings; other kinds follow under one heading.
const KINDS: [(&str, &str); 4] =
    [("Account", "People and accounts"), ("IP", "Addresses"), ("Host", "Hosts"), ("CloudApplication", "Applications")];

pub(super) fn section(input: &ReportInput) -> Markup {
    let all = &input.entities.items;
    let others: Vec<&ReportEntity> =
        all.iter().filter(|one| KINDS.iter().all(|(kind, _)| one.name.kind != *kind)).collect();
    html! {
        p { "Everything that an incident names, and how often the logs name it at all. Rows are counted where a column of the log holds exactly this name, address or identifier." }
        @for (kind, heading) in KINDS {
            (group(heading, &all.iter().filter(|one| one.name.kind == kind).collect::<Vec<_>>()))
        }
        (group("Other things", &others))
        @if all.is_empty() { p.muted { "None." } }
        (more(&input.entities, "are"))
    }
}

fn group(heading: &str, entities: &[&ReportEntity]) -> Markup {
    html! {
        @if !entities.is_empty() {
            h3 { (heading) }
            (table("entities", heading, &["Name", "Incidents", "Alerts", "Seen in the logs"], html! {
                @for entity in entities { (row(entity)) }
            }))
        }
    }
}

fn row(entity: &ReportEntity) -> Markup {
    html! {
        tr {
            th scope="row" {
                (entity.name.value)
                @for (name, value) in &entity.identifiers { span.line.muted { (name) ": " (value) } }
            }
            td {
                @for (index, incident) in entity.incidents.iter().enumerate() {
                    @if index > 0 { ", " }
                    a href={ "#incident-" (incident) } { (incident) }
                }
            }
            td.number { (number(entity.alerts)) }
            td {
                @for seen in &entity.seen {
                    span.line { (seen.table) ": " (number(seen.rows)) " rows, " (time(seen.first)) " to " (time(seen.last)) }
                }
                @if entity.seen.is_empty() { span.muted { "in no identity column" } }
            }
        }
    }
}
