//! Fuzz target: a JSON record through the Entra sign-in decoder.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| ingest::fuzzing::fuzz_sign_in(bytes));
