//! Custom tables: `NAME_CL`, with the columns that their data has.
//!
//! | module | concept |
//! |---|---|
//! | `custom_tables` | the rows of all custom tables of a run, kept until their columns are known |
//! | `pending_table` | those of one table, and how they become batches |
//! | `column_guess` | the type of a column, from the values seen |
//! | `custom_export` | records that name a custom table |

mod column_guess;
mod custom_export;
mod custom_tables;
mod pending_table;
#[cfg(test)]
mod tests;

pub(crate) use custom_export::CustomExport;
pub(crate) use custom_tables::{CustomRow, CustomTables};
