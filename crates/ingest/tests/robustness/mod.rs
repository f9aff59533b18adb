//! Damaged copies of the fixtures through every entry of the fuzz targets: nothing may panic.

mod samples;

use std::path::Path;

use ingest::fuzzing::{
    fuzz_archive, fuzz_audit, fuzz_azure, fuzz_cef, fuzz_csv, fuzz_custom_table, fuzz_defender, fuzz_entra_dialects,
    fuzz_entra_log, fuzz_json, fuzz_log_analytics_export, fuzz_sign_in, fuzz_syslog, fuzz_unified_audit,
};

/// What each damaged file goes through.
#[rustfmt::skip]
const FUZZ_TARGETS: [fn(&[u8]); 14] = [
    fuzz_json,
    fuzz_csv,
    fuzz_archive,
    fuzz_sign_in,
    fuzz_audit,
    fuzz_entra_log,
    fuzz_entra_dialects,
    fuzz_azure,
    fuzz_log_analytics_export,
    fuzz_unified_audit,
    fuzz_cef,
    fuzz_syslog,
    fuzz_defender,
    fuzz_custom_table,
];

/// Damaged copies of each fixture.
const COPIES: u64 = 40;

/// Changes some bytes and cuts the end off, the same way for the same number.
pub fn damage(bytes: &[u8], number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: usize| {
        // The constants of Knuth's linear congruential generator.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let mut damaged = bytes[..bytes.len() - next(bytes.len() / 2)].to_vec();
    for _ in 0..next(20) {
        let (at, byte) = (next(damaged.len()), b"{}[]\",:\\\n0x\xFF\0"[next(13)]);
        damaged[at] = byte;
    }
    damaged
}

#[test]
fn damaged_files_never_panic() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut read = 0;
    for entry in std::fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(path).unwrap();
        for number in 0..COPIES {
            let damaged = damage(&bytes, number);
            for fuzz in FUZZ_TARGETS {
                fuzz(&damaged);
            }
            read += 1;
        }
    }
    assert!(read > 400);
}
