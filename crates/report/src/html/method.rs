//! How the report came to be, and what it cannot say.

use maud::{Markup, html};

use super::parts::{more, query, table, time};
use crate::ReportInput;
use crate::method::{PARAGRAPHS, timeline_command};
use crate::wording::number;

pub(super) fn section(input: &ReportInput) -> Markup {
    html! {
        h3 { "Runs" }
        @if input.runs.items.is_empty() {
            p { "No run is recorded in this workspace; it was filled by a version that kept no record, or by other means." }
        } @else {
            (table("runs", "Investigations that filled the workspace", &["Begun", "Version", "Command", "Rules", "Files", "Records"], html! {
                @for run in &input.runs.items {
                    tr {
                        td { (time(run.time)) }
                        td { (run.version) }
                        td { code { (run.command) } }
                        td.number { (number(run.rules)) }
                        td.number { (number(run.files)) }
                        td.number { (number(run.records)) }
                    }
                }
            }))
            (more(&input.runs, "runs are"))
        }
        @for (heading, paragraphs) in PARAGRAPHS {
            h3 { (heading) }
            @for paragraph in *paragraphs { p { (paragraph) } }
        }
        h3 { "To look further" }
        p { "The workspace holds every event. All events of an incident or of anybody, and any question in KQL:" }
        (query(&timeline_command(&input.workspace)))
    }
}
