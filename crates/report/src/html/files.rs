//! The input files, and what in them was not understood.

use maud::{Markup, html};

use super::parts::{more, optional_time, table};
use crate::wording::{number, size};
use crate::{ReportFile, ReportInput};

pub(super) fn manifest(input: &ReportInput) -> Markup {
    html! {
        @if input.files.items.is_empty() {
            p { "The workspace names no input file." }
        } @else {
            p { "Every file that was read. The SHA-256 is that of the file's content (of the member, for files inside archives), so that anybody can check that it is the same file." }
            (table("files", "Input files", &["File and SHA-256", "Format", "Size", "Records", "First and last event"], html! {
                @for file in &input.files.items { (row(file)) }
            }))
            (more(&input.files, "files are"))
        }
    }
}

fn row(file: &ReportFile) -> Markup {
    html! {
        tr {
            th scope="row" { (file.path) span.line.hash { (file.sha256) } }
            td { @if file.format.is_empty() { span.muted { "not recognized" } } @else { (file.format) } @if file.status != "read" && !file.status.is_empty() { span.line.missing { (file.status) } } }
            td.number { (size(file.bytes)) }
            td.number {
                span.line { (number(file.records)) }
                @if file.duplicates > 0 { span.line.muted { (number(file.duplicates)) " duplicates" } }
                @if file.rejected > 0 { span.line.missing { (number(file.rejected)) " rejected" } }
            }
            td { @if file.first.is_some() { span.line { (optional_time(file.first)) } span.line { (optional_time(file.last)) } } }
        }
    }
}

pub(super) fn errors(input: &ReportInput) -> Markup {
    html! {
        @if input.errors.items.is_empty() {
            p { "Every record was understood." }
        } @else {
            p { "These records were set aside whole, with the reason, the file and the place, in the table IngestionErrors. They took no part in the investigation." }
            (table("errors", "Records set aside, by reason", &["Reason", "Records", "Files", "For example in"], html! {
                @for error in &input.errors.items {
                    tr {
                        th scope="row" { (error.reason) }
                        td.number { (number(error.records)) }
                        td.number { (number(error.files)) }
                        td { (error.example_file) }
                    }
                }
            }))
            (more(&input.errors, "reasons are"))
        }
    }
}
