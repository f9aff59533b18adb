//! The first page: what was done, what was found, how far to trust it.

use maud::{Markup, html};
use schema::Severity;

use super::charts::incident_chart;
use super::parts::{severity, severity_class};
use crate::{ReportInput, headlines, summary_sentences};

pub(super) fn section(input: &ReportInput) -> Markup {
    let sentences = summary_sentences(input);
    let count = |wanted: Severity| input.incidents.items.iter().filter(|incident| incident.severity == wanted).count();
    html! {
        div.lede { @for sentence in &sentences { p { (sentence) } } }
        ul.tiles aria-label="Incidents by severity" {
            @for wanted in Severity::ALL.into_iter().rev() {
                li class=(severity_class(wanted)) { strong { (count(wanted)) } span { (wanted.as_str()) } }
            }
        }
        @if !input.incidents.items.is_empty() {
            h3 { "Headline findings" }
            ol.headlines {
                @for headline in headlines(input) {
                    li {
                        p.what { (severity(headline.severity)) " " a href={ "#incident-" (headline.number) } { (headline.title) } }
                        p.detail { (headline.sentence) " Incident " (headline.number) "." }
                    }
                }
            }
            h3 { "When it happened" }
            (incident_chart(input))
        }
    }
}
