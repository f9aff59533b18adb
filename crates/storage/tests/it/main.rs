//! Workspaces on a real disk, read through a plain DataFusion session.

mod atomicity;
mod compatibility;
mod custom_tables;
mod pruning;
mod round_trip;
mod rows;
mod term_filters;
mod workspaces;
