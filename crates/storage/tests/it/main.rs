//! Workspaces on a real disk, read through a plain DataFusion session.

mod archive;
mod atomicity;
mod backup;
mod compatibility;
mod custom_tables;
// What the program itself tells storage of the engine's functions.
#[path = "../../../server/src/document_functions.rs"]
mod document_functions;
mod documents;
mod examination;
mod keyed_tests;
mod leaves;
mod live;
mod live_maintenance;
mod maintenance;
mod packed_texts;
mod pruning;
mod round_trip;
mod rows;
mod scans;
mod term_filters;
mod workspaces;
