//! Fuzz target: any bytes as a syslog connection.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_syslog_frames(bytes));
