//! KQL on DataFusion: the binder settles names, types and nulls, one file per tabular operator makes
//! the plan, and [`Engine`] runs it. No I/O here: tables come from the [`Catalog`] that is handed in.

mod aggregation;
mod answer;
mod arg_extreme;
mod binder;
mod bounded_filters;
mod cancel;
mod catalog;
mod check;
mod collect;
mod computed;
mod diagnostics;
mod engine;
mod environment;
mod error;
mod evaluation;
mod expression;
mod external;
mod external_file;
mod first_rows;
mod functions;
mod graph;
mod late_rows;
mod let_tables;
mod merged_projections;
mod naming;
mod narrow_rows;
mod open;
mod operators;
mod optimizer_rules;
mod options;
mod outer_joins;
mod partial;
mod pipeline;
mod plan;
mod plan_codec;
mod planning;
mod prune;
mod ranged_table;
mod replay;
mod result;
mod result_form;
mod scope;
mod stored_function;
mod table_leg;
mod text_search;
mod time_window_join;
mod typed;
mod unused;
mod wanted_results;
mod wide_union;
mod wide_union_exec;
mod windows;

pub use cancel::CancelToken;
pub use catalog::{Catalog, CatalogColumn, CatalogTable, Surroundings, TableMap};
pub use check::{Checked, Explained, Stage};
pub use engine::{Engine, Prepared};
pub use error::QueryError;
pub use external_file::{ExternalError, ExternalRequest, MAX_EXTERNAL_BYTES};
pub use functions::json_path::JsonPath;
pub use functions::kernel::{Kernel, KernelUdf};
pub use functions::kql_aggregate::KqlAggregateUdf;
pub use functions::kql_scalar::KqlScalarUdf;
pub use functions::ticks::TicksOfStored;
pub use operators::plugin_names;
pub use options::{
    DEFAULT_DURATION, DEFAULT_MEMORY_BYTES, DEFAULT_RESULT_BYTES, DEFAULT_ROWS, DEFAULT_SPILL_BYTES, EngineOptions,
    Limits, QueryOptions,
};
pub use partial::Partial;
pub use plan_codec::PlanCodec;
pub use replay::Replay;
pub use result::{QueryResult, ResultColumn, ResultTable};
pub use scope::matches_pattern;
pub use stored_function::StoredFunction;
pub use text_search::{PlannedSearch, text_search};
