//! Trees, errors, limits and properties of the parser.

mod errors;
mod limits;
mod properties;
mod trees;
