//! Bytes of any kind where a segment should be.

use std::fs;

use proptest::prelude::*;

use super::segment::{SegmentHeader, path_of};
use super::{Replay, SegmentWriter, list, record};
use crate::versions::Versions;

/// How many records are read, or that the log is refused.
fn read(folder: &std::path::Path) -> Option<usize> {
    let mut replay = Replay::open(folder).ok()?;
    let mut count = 0;
    loop {
        match replay.next(&Versions::default()) {
            Ok(Some(_)) => count += 1,
            Ok(None) => return Some(count),
            Err(_) => return None,
        }
    }
}

fn payload() -> Vec<u8> {
    record::encode(&record::Record { batch: None, at: 0, tables: Vec::new() }).expect("encodes")
}

/// A segment of some records, of which each was synced by itself.
fn segment(folder: &std::path::Path, records: u64) -> Vec<u8> {
    let mut writer = SegmentWriter::create(folder, 1, 1).expect("creates");
    let payload = payload();
    for sequence in 1..=records {
        writer.add(&payload, crc32c::crc32c(&payload), sequence, sequence - 1).expect("writes");
        writer.sync(sequence).expect("syncs");
    }
    let path = writer.close().path;
    fs::read(path).expect("reads")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), records in 0u64..3) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut content = segment(folder.path(), records);
        content.extend(bytes);
        fs::write(path_of(folder.path(), 1), content).expect("writes");
        prop_assert_eq!(read(folder.path()), Some(usize::try_from(records).expect("small")));
        fs::write(path_of(folder.path(), 1), [0; 40]).expect("writes");
        prop_assert_eq!(read(folder.path()), Some(0));
        prop_assert!(list(folder.path()).expect("lists").iter().all(|segment| segment.header.is_none()));
    }

    #[test]
    fn records_that_senders_forge_are_no_records(sequence in 1u64..9, durable in any::<u64>(), nonce in any::<u64>()) {
        // A torn record whose payload holds what looks like a later, synced one.
        let folder = tempfile::tempdir().expect("a folder");
        let mut content = segment(folder.path(), 2);
        let torn = content.len();
        let forged = super::frame::Frame { payload_crc: 0, length: 0, nonce, sequence, durable };
        content.extend(segment(tempfile::tempdir().expect("a folder").path(), 1).split_off(36));
        content.truncate(torn + 20);
        content.extend(forged.to_bytes());
        fs::write(path_of(folder.path(), 1), content).expect("writes");
        prop_assert_eq!(read(folder.path()), Some(2));
    }

    #[test]
    fn payloads_of_any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = record::decode(&bytes, |_| true);
        let mut described = payload();
        described.extend(&bytes);
        let _ = record::decode(&described, |_| true);
        prop_assert!(SegmentHeader::from_bytes(&bytes).is_none());
    }
}
