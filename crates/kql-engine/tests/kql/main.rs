//! The integration tests of the engine: case files, plans, limits.

mod case_file;
mod cases;
mod checks;
mod coverage;
mod documentation;
mod limits;
mod plans;
mod plugins;
mod replays;
mod several_tables;
mod surroundings;
mod tables;
mod wide_rows;
mod wide_unions;
