//! Integration tests of the crate.

mod decoding;
mod reading;
mod samples;
