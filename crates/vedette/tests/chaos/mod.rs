//! A small part of `cargo xtask chaos`, with each kind of trouble in it.

use std::path::Path;
use std::time::Duration;

use trials::{ChaosOptions, chaos};

#[test]
fn nothing_acknowledged_is_lost_or_doubled_when_the_service_is_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ChaosOptions {
        vedette: Path::new(env!("CARGO_BIN_EXE_vedette")).to_owned(),
        folder: folder.path().to_owned(),
        kills: 20,
        senders: 4,
        seed: 20,
        time: Duration::from_secs(180),
        back_within: Duration::from_secs(5),
        has_postgres: Path::new("/usr/lib/postgresql").exists(),
    };
    let report = chaos(&options).unwrap_or_else(|error| panic!("{error}"));
    assert!(report.kills > 0 && report.acknowledged > 0, "{report}");
    eprintln!("{report}");
}
