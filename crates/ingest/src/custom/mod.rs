//! Custom tables: `NAME_CL`, with the columns that their data has.
//!
//! | module | concept |
//! |---|---|
//! | `custom_tables` | the rows of all custom tables of a run, kept until their columns are known |
//! | `pending_table` | those of one table, and how they become batches |
//! | `column_guess` | the type of a column, from the values seen |
//! | `custom_registry` | the custom tables that there are, over the calls of a service |
//! | `data_collector` | records of the HTTP Data Collector API, whose columns are named by type |
//! | `custom_export` | records that name a custom table |

mod column_guess;
mod custom_export;
mod custom_registry;
mod custom_tables;
mod data_collector;
mod pending_table;
#[cfg(test)]
mod tests;

pub(crate) use custom_export::CustomExport;
pub(crate) use custom_registry::CustomRegistry;
pub(crate) use custom_tables::{ColumnTypes, CustomRow, CustomTables};
pub(crate) use data_collector::DataCollectorRows;
