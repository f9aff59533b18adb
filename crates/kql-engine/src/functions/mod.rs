//! KQL's functions and operators as DataFusion runs them.

pub(crate) mod any_text;
pub(crate) mod arg_extreme;
pub(crate) mod expand;
pub(crate) mod geo_database_option;
pub(crate) mod json_path;
pub(crate) mod kernel;
pub(crate) mod kql_aggregate;
pub(crate) mod kql_scalar;
mod one_group;
pub(crate) mod parse_pairs;
pub(crate) mod parse_text;
pub(crate) mod row_function;
pub(crate) mod same_text;
pub(crate) mod series_aggregate;
mod series_cells;
pub(crate) mod series_result;
pub(crate) mod series_text;
pub(crate) mod ticks;
pub(crate) mod time_of_run;
