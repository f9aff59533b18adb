//! The integration tests of the engine: case files, plans, limits.

mod case_file;
mod cases;
mod limits;
mod plans;
mod replays;
mod tables;
