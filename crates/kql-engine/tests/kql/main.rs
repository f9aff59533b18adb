//! The integration tests of the engine: case files, plans, limits.

mod case_file;
mod cases;
mod checks;
mod counted_tables;
mod coverage;
mod documentation;
mod limits;
mod plans;
mod plugins;
mod repeated_parts;
mod replays;
mod several_tables;
mod shared_replays;
mod shared_unions;
mod surroundings;
mod tables;
mod wide_rows;
mod wide_unions;
