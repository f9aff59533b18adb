//! What is known of the estate, and from where.

use maud::{Markup, html};

use super::parts::{more, table};
use crate::ReportInput;
use crate::wording::tactic as words;

pub(super) fn section(input: &ReportInput) -> Markup {
    html! {
        @if input.context.items.is_empty() {
            p { "Nobody gave a list of domain controllers, synchronization accounts, network egress and the like, and the logs show none. Rules that use such lists ran without them." }
        } @else {
            p { "Lists that rules use to tell the estate's own business from an attack. What was inferred from the logs can be wrong; it is marked." }
            (table("context", "Context of the estate", &["List", "Name", "From", "Reason"], html! {
                @for entry in &input.context.items {
                    tr {
                        th scope="row" { (words(&entry.list)) }
                        td { (entry.value) }
                        td { @if entry.inferred { "inferred" } @else { "given" } }
                        td { (entry.reason) }
                    }
                }
            }))
            (more(&input.context, "entries are"))
        }
    }
}
