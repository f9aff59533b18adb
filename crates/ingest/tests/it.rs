//! Integration tests of the crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test fails by panicking")]

mod decoding;
mod directory;
mod generated;
mod reading;
mod robustness;
mod rows;
mod samples;
