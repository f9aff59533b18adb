//! Events that name somebody or something, over all tables.
//!
//! | module | concept |
//! |---|---|
//! | `terms` | what to look for, and whether a row really holds it |
//! | `aliases` | the other identifiers of an account or application, from the logs |
//! | `search` | rows of one table that hold a term |
//! | `evidence` | the rows behind an alert |
//! | `events` | the `timeline` command: all events of an entity or an incident |

mod aliases;
mod events;
mod evidence;
mod search;
mod terms;

pub use events::{EventTable, TIMELINE_EVENTS_MAX, Timeline, TimelineEvent, TimelineRequest, timeline};
pub(crate) use evidence::{evidence, evidence_query};
pub(crate) use search::log_tables;
pub(crate) use terms::entity_terms;
