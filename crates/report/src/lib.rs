//! The report of an investigation: a function from what is known to a page that can be handed over.
//!
//! | module | concept |
//! |---|---|
//! | `input` | everything a report says, as plain values; also the JSON form |
//! | `coverage` | when a table has events, how many a day, and where they are missing |
//! | `event_text` | an event in a few words, and the fields that matter, by table |
//! | `headlines` | what was found, in plain words |
//! | `html`, `markdown` | the two forms for people |
//! | `attack` | rules by ATT&CK technique, as a layer of the Navigator |
//!
//! Pure: no files, no clock, no query engine. The same input gives the same bytes.

mod attack;
mod coverage;
mod event_text;
mod headlines;
mod html;
mod input;
mod markdown;
mod method;
mod wording;

pub use attack::{AttackRule, TacticCoverage, TechniqueState, by_tactic, navigator_layer};
pub use coverage::{DayVolume, GAP_EVENTS_MIN, Gap, TableCoverage, table_coverage};
pub use event_text::{EventText, describe_event, is_described};
pub use headlines::{Headline, headlines, summary_sentences};
pub use html::html;
pub use input::{
    ContextEntry, EntityName, InvestigationRun, Listed, ReportAlert, ReportEntity, ReportError, ReportEvent,
    ReportFile, ReportIncident, ReportInput, ReportRule, ReportTenant, RuleResult, SeenIn,
};
pub use markdown::markdown;
