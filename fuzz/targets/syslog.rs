//! Fuzz target: any bytes as a file of lines: syslog, CEF, and what they carry.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_syslog(bytes));
