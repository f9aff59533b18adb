//! The frame of the page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use sha2::{Digest, Sha256};

use super::{context, coverage, entities, files, incidents, method, rules, summary};
use crate::ReportInput;
use crate::wording::{day, moment};

/// All of the page's styles.
const STYLE: &str = include_str!("style.css");

/// Sections: anchor and heading.
const SECTIONS: [(&str, &str); 9] = [
    ("summary", "Summary"),
    ("incidents", "Incidents"),
    ("entities", "People, addresses, hosts and applications"),
    ("coverage", "Coverage and gaps"),
    ("rules", "Detection rules"),
    ("files", "Input files"),
    ("errors", "Records that were not understood"),
    ("context", "What is known of the estate"),
    ("method", "Method and limits"),
];

/// The report as one HTML page that needs nothing else: no script, no font, no request. The same input gives the same bytes.
pub fn html(input: &ReportInput) -> String {
    let title = format!("Investigation report: {}", name(input));
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                meta name="generator" content=(format!("Vedette {}", input.version));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#summary" { "Skip to the summary" }
                (header(input))
                div.frame {
                    (contents(input))
                    main { (sections(input)) }
                }
                footer {
                    p { "Made by Vedette " (input.version) " on " (moment(input.now)) " UTC. This page is complete in itself and loads nothing." }
                }
            }
        }
    };
    page.into_string()
}

/// Only the styles of this page, by their hash; nothing else is loaded or run.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// The workspace's folder, without the path to it.
fn name(input: &ReportInput) -> &str {
    let trimmed = input.workspace.trim_end_matches(['/', '\\']);
    trimmed.rsplit(['/', '\\']).next().filter(|name| !name.is_empty()).unwrap_or(trimmed)
}

fn header(input: &ReportInput) -> Markup {
    let period = input.period().map(|(first, last)| (day(first), day(last)));
    markup! {
        header {
            p.kind { "Investigation report" }
            h1 { (name(input)) }
            dl.facts {
                div { dt { "Period of the logs" } dd {
                    @match period {
                        Some((first, last)) if first != last => { (first) " – " (last) }
                        Some((first, _)) => (first),
                        None => "no events",
                    }
                } }
                div { dt { "Prepared" } dd { (moment(input.now)) " UTC" } }
                div { dt { "Workspace" } dd { (input.workspace) } }
                @if !input.tenants.is_empty() {
                    div { dt { @if input.tenants.len() == 1 { "Tenant" } @else { "Tenants" } } dd {
                        @for tenant in &input.tenants { span.line { (tenant.id) } }
                    } }
                }
            }
            p.note { "All times are UTC." }
        }
    }
}

fn contents(input: &ReportInput) -> Markup {
    markup! {
        nav aria-label="Contents" {
            p.title { "Contents" }
            ol {
                @for (anchor, heading) in SECTIONS {
                    li {
                        a href={ "#" (anchor) } { (heading) }
                        @if anchor == "incidents" && !input.incidents.items.is_empty() {
                            ul {
                                @for incident in &input.incidents.items {
                                    li { a href={ "#incident-" (incident.number) } { (incident.number) ". " (incident.title) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn sections(input: &ReportInput) -> Markup {
    markup! {
        @for (index, (anchor, heading)) in SECTIONS.iter().enumerate() {
            section id=(anchor) aria-labelledby={ (anchor) "-heading" } {
                h2 id={ (anchor) "-heading" } { span.ordinal { (index + 1) } " " (heading) }
                @match *anchor {
                    "summary" => (summary::section(input)),
                    "incidents" => (incidents::section(input)),
                    "entities" => (entities::section(input)),
                    "coverage" => (coverage::section(input)),
                    "rules" => (rules::section(input)),
                    "files" => (files::manifest(input)),
                    "errors" => (files::errors(input)),
                    "context" => (context::section(input)),
                    _ => (method::section(input)),
                }
            }
        }
    }
}
