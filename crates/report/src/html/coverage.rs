//! What the logs cover, and what they do not.

use maud::{Markup, html};

use super::charts::volume_chart;
use super::parts::{optional_time, table, time};
use crate::wording::{duration, number};
use crate::{ReportInput, TableCoverage};

pub(super) fn section(input: &ReportInput) -> Markup {
    let with_gaps: Vec<&TableCoverage> = input.tables.iter().filter(|table| !table.gaps.is_empty()).collect();
    html! {
        @if input.tables.is_empty() {
            p { "The workspace holds no log events." }
        } @else {
            p { "Which logs were at hand, over which time, and how much a day. What lies outside of these times, or in logs that are not listed, was not examined." }
            (table("coverage", "Log tables with events", &["Table", "Rows", "First and last event", "Rows a day"], html! {
                @for one in &input.tables {
                    tr {
                        th scope="row" { (one.table) }
                        td.number { (number(one.rows)) }
                        td { span.line { (optional_time(one.first)) } span.line { (optional_time(one.last)) } }
                        td.chart { (volume_chart(one)) }
                    }
                }
            }))
            h3 { "Gaps" }
            @if with_gaps.is_empty() {
                p { "No gap was found. A gap is a silence of whole hours between a table's first and last event in which at least ten events would be usual, judged by the same hours of the other days; logs of fewer than three days are not judged." }
            } @else {
                p { "Silences of whole hours between a table's first and last event in which at least ten events would be usual, judged by the same hours of the other days. A gap can mean that logging stopped, that an export is incomplete, or a holiday." }
                (gaps(&with_gaps))
            }
        }
    }
}

fn gaps(tables: &[&TableCoverage]) -> Markup {
    table(
        "gaps",
        "Hours without events where there usually are some",
        &["Table", "From", "Until", "Length", "Usual events"],
        html! {
            @for one in tables {
                @for gap in &one.gaps {
                    tr {
                        th scope="row" { (one.table) }
                        td { (time(gap.start)) }
                        td { (time(gap.end)) }
                        td { (duration(gap.end - gap.start)) }
                        td.number { (number(gap.expected.round() as u64)) }
                    }
                }
            }
        },
    )
}
