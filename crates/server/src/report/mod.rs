//! Gathers from a workspace what a report says; the pages themselves are made by the crate `report`.
//!
//! | module | what it gathers |
//! |---|---|
//! | `gather` | all of it |
//! | `incidents` | incidents with alerts, timeline and evidence |
//! | `entities` | who and what they name, and what the logs saw of it |
//! | `coverage` | when tables have events; also the `coverage` command |
//! | `files` | the input files, and what was not understood |
//! | `attack` | the `attack-coverage` command |
//! | `limits` | how much a report holds |

mod attack;
mod coverage;
mod entities;
mod files;
mod gather;
mod incidents;
mod limits;

pub use attack::{AttackCoverage, attack_coverage};
pub use coverage::{Coverage, coverage};
pub use gather::{ReportForm, report, report_input};
