//! Queries of all surfaces: who may run one when, how it is run, what is kept of it.
//!
//! | module | concept |
//! |---|---|
//! | `admission` | turns and memory, shared fairly between callers |
//! | `question` | what a surface asks for |
//! | `run` | from a question to an answer |
//! | `answered` | a response whose body is written as its client reads it |
//! | `declared_tables` | custom tables that were made by a command |
//! | `failure` | what the engine's errors are on the wire |
//! | `parameters` | values of `declare query_parameters` |
//! | `asked_tables` | the tables that a query named |
//! | `request` | what a request carries: who asks, ids, address |
//! | `workspace_name` | the names by which clients find the workspace |
//! | `query_log` | `LAQueryLogs` |
//! | `catalog_view` | the tables that exist for a caller, as lists of schemas |

mod admission;
mod answered;
mod asked_tables;
mod catalog_view;
mod declared_tables;
mod failure;
mod parameters;
#[allow(clippy::module_inception, reason = "named after its main item")]
mod queries;
mod query_log;
mod question;
mod request;
mod run;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod workspace_name;

pub(crate) use admission::Turn;
pub(crate) use answered::{failed, json_response, streamed};
pub(crate) use catalog_view::{ViewedFunction, ViewedTable, functions, table, tables};
pub(crate) use declared_tables::failure as database_failure;
pub(crate) use queries::Queries;
pub(crate) use question::{Question, Target};
pub(crate) use request::Asking;
pub(crate) use run::{answer_of, ask, failure_in_words};
pub(crate) use workspace_name::{is_workspace, name_in};
