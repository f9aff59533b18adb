//! Fuzz target: any bytes as each request of the surfaces that ask: Kusto, Log Analytics, `$batch`, Graph, commands, time ranges.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| api::fuzzing::fuzz_requests(bytes));
