//! Fuzz target: query text through the parser, the diagnostics and the formatter.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| kql_syntax::fuzzing::fuzz_parse(bytes));
