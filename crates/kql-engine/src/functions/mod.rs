//! KQL's functions and operators as DataFusion runs them.

pub(crate) mod json_path;
pub(crate) mod kernel;
pub(crate) mod kql_aggregate;
pub(crate) mod kql_scalar;
pub(crate) mod ticks;
