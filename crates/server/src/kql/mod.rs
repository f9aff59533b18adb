//! Queries as texts: where they stand, what is wrong with them, how they are laid out and run.

mod checker;
mod formatting;
mod listed_tables;
mod source;
mod sources;
mod yaml_query;

pub use checker::{CheckOptions, CheckedQuery, KqlChecker, PlanText};
pub use formatting::{Formatted, format_source};
pub use source::KqlSource;
pub use sources::{KqlSources, find_sources};
