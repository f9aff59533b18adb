//! What sections share.

use chrono::{DateTime, SecondsFormat, Utc};
use maud::{Markup, html};
use schema::Severity;

use crate::Listed;
use crate::wording::number;

/// A time with its machine-readable form.
pub(super) fn time(at: DateTime<Utc>) -> Markup {
    html! {
        time datetime=(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)) {
            (at.format("%Y-%m-%d")) " " span.clock { (at.format("%H:%M:%S")) }
        }
    }
}

/// A time that may be absent.
pub(super) fn optional_time(at: Option<DateTime<Utc>>) -> Markup {
    html! { @match at { Some(at) => (time(at)), None => span.muted { "none" } } }
}

/// A severity, in words and color.
pub(super) fn severity(severity: Severity) -> Markup {
    html! { span class={ "severity " (severity_class(severity)) } { (severity.as_str()) } }
}

/// The style class of a severity.
pub(super) fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Informational => "informational",
    }
}

/// How many more there are, and the query that gives them; nothing where all are shown.
pub(super) fn more<T>(list: &Listed<T>, what: &str) -> Markup {
    html! {
        @if list.more > 0 {
            div.more {
                p { strong { (number(list.more)) " more " (what) } " not shown here; all of them are in the workspace." }
                @if !list.query.is_empty() { (query(&list.query)) }
            }
        }
    }
}

/// A query to be copied.
pub(super) fn query(text: &str) -> Markup {
    html! { pre { code { (text) } } }
}

/// A table that scrolls in itself on narrow screens.
pub(super) fn table(class: &str, caption: &str, head: &[&str], rows: Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table class=(class) {
                caption { (caption) }
                thead { tr { @for name in head { th scope="col" { (name) } } } }
                tbody { (rows) }
            }
        }
    }
}

/// Text whose paragraphs have blank lines between; lines are joined, and `Label:` at a paragraph's beginning stands out.
pub(super) fn paragraphs(text: &str) -> Markup {
    let all = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    html! {
        @for paragraph in all.filter(|paragraph| !paragraph.is_empty()) {
            @match label(&paragraph) {
                Some((label, rest)) => p { strong { (label) ":" } " " (rest) },
                None => p { (paragraph) },
            }
        }
    }
}

/// `Benign causes` of `Benign causes: a shared address`: up to four words that begin a paragraph.
pub(crate) fn label(paragraph: &str) -> Option<(&str, &str)> {
    let (label, rest) = paragraph.split_once(": ")?;
    let is_label = label.split(' ').count() <= 4
        && label.starts_with(|letter: char| letter.is_uppercase())
        && label.chars().all(|letter| letter.is_alphabetic() || letter == ' ');
    is_label.then_some((label, rest))
}
