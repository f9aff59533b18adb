//! Logs that are not as they were written.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Utc;

use super::{assert_whole, live, send};
use crate::{SetAside, StorageError, Workspace, wal};

/// A workspace whose log has three batches in one segment; where each record ends.
async fn three_batches(folder: &Path) -> (PathBuf, Vec<u64>) {
    let workspace = Workspace::create(folder).await.expect("creates");
    let current = workspace.go_live(super::LiveOptions::default()).await.expect("goes live");
    let segment = || wal::list(&wal::folder(folder)).expect("lists").remove(0);
    let mut ends = Vec::new();
    for number in 1..=3 {
        send(&current, number).await.expect("appends");
        ends.push(segment().bytes);
    }
    drop(current);
    (segment().path, ends)
}

async fn reopened(folder: &Path) -> Result<usize, StorageError> {
    let workspace = Workspace::open(folder).await?;
    let live = workspace.go_live(super::LiveOptions::default()).await?;
    assert_whole(&live.snapshot(), &[], "damaged").await;
    let batches = super::batches(&live.snapshot(), "AuditLogs").await.len();
    // It goes on, and what it cut off stays away.
    send(&live, 9).await.expect("appends");
    drop(live);
    let live = workspace.go_live(super::LiveOptions::default()).await?;
    assert_eq!(super::batches(&live.snapshot(), "AuditLogs").await.len(), batches + 1);
    live.close().await?;
    Ok(batches)
}

fn restored(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("lists").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target).expect("creates");
            restored(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copies");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_record_costs_only_itself() {
    let original = tempfile::tempdir().expect("a folder");
    let (segment, ends) = three_batches(original.path()).await;
    let below = segment.strip_prefix(original.path()).expect("is below").to_owned();
    let bytes = fs::read(&segment).expect("reads");
    // Cut off at many places, from within the header of the segment on.
    let mut random = super::Random(5);
    let mut lengths: Vec<usize> = (0..30).map(|_| random.below(bytes.len())).collect();
    lengths.extend(ends.iter().map(|end| usize::try_from(*end).expect("small")));
    lengths.extend([0, 1, 35, 36, 37]);
    for length in lengths {
        let folder = tempfile::tempdir().expect("a folder");
        restored(original.path(), folder.path());
        fs::write(folder.path().join(&below), &bytes[..length]).expect("writes");
        let expected = ends.iter().filter(|end| **end <= length as u64).count();
        assert_eq!(reopened(folder.path()).await.expect("opens"), expected, "{length} bytes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_of_acknowledged_rows_is_refused_with_file_and_offset() {
    let original = tempfile::tempdir().expect("a folder");
    let (segment, ends) = three_batches(original.path()).await;
    let below = segment.strip_prefix(original.path()).expect("is below").to_owned();
    let bytes = fs::read(&segment).expect("reads");
    let mut random = super::Random(6);
    for _ in 0..40 {
        let at = random.below(bytes.len());
        let folder = tempfile::tempdir().expect("a folder");
        restored(original.path(), folder.path());
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << random.below(8);
        fs::write(folder.path().join(&below), &damaged).expect("writes");
        let result = reopened(folder.path()).await;
        if at as u64 >= ends[1] {
            // Of the last record nobody can tell that it was synced.
            assert_eq!(result.expect("opens"), 2, "byte {at}");
            continue;
        }
        let error = result.expect_err("acknowledged rows are damaged");
        let offset = match at {
            0..36 => 0,
            at if (at as u64) < ends[0] => 36,
            _ => ends[0],
        };
        let text = error.to_string();
        assert!(
            text.contains(&*below.to_string_lossy()) && text.contains(&format!("byte {offset} on")),
            "{text}, {at}"
        );
        assert!(error.hint().is_some());
        let workspace = Workspace::open(folder.path()).await.expect("opens");
        workspace.snapshot().await.expect_err("reading says so too");
        workspace.begin().await.expect_err("and so does writing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_segment_is_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    for number in 1..=3 {
        // Each in a segment of its own.
        send(&live(&workspace).await, number).await.expect("appends");
    }
    let segments = wal::list(&wal::folder(folder.path())).expect("lists");
    assert_eq!(segments.len(), 3);
    fs::remove_file(&segments[1].path).expect("removes");
    let error = workspace.go_live(super::LiveOptions::default()).await.expect_err("rows are missing");
    assert!(matches!(error, StorageError::DamagedLog { .. }), "{error}");
}

/// What is left after damaged files were set aside: the batches, and that all goes on.
async fn repaired(folder: &Path) -> (SetAside, Vec<u64>) {
    let workspace = Workspace::open(folder).await.expect("opens");
    let set_aside = workspace.set_aside_damage(Utc::now()).await.expect("sets aside");
    assert_eq!(workspace.set_aside_damage(Utc::now()).await.expect("looks"), SetAside::default(), "once is enough");
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert_whole(&snapshot, &[], "repaired").await;
    let batches: Vec<u64> = super::batches(&snapshot, "AuditLogs").await.into_keys().collect();
    let live = workspace.go_live(super::LiveOptions::default()).await.expect("goes live");
    // A sender that still has what is lost sends it again; what is not lost is known.
    for number in 1..=3 {
        let is_known = send(&live, number).await.expect("appends").is_repeated;
        assert!(is_known == batches.contains(&number) || set_aside.lost_batches, "{number}");
    }
    (set_aside, batches)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_byte_is_damaged_all_other_batches_are_kept_and_the_file_is_set_aside_whole() {
    let original = tempfile::tempdir().expect("a folder");
    let (segment, ends) = three_batches(original.path()).await;
    let below = segment.strip_prefix(original.path()).expect("is below").to_owned();
    let bytes = fs::read(&segment).expect("reads");
    let mut random = super::Random(7);
    let mut places: Vec<usize> = (0..24).map(|_| random.below(bytes.len())).collect();
    // In the header of the segment, of the first record and of the second.
    places.extend([0, 20, 35, 36, 60, usize::try_from(ends[0]).expect("small") + 5]);
    for at in places {
        let folder = tempfile::tempdir().expect("a folder");
        restored(original.path(), folder.path());
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << random.below(8);
        fs::write(folder.path().join(&below), &damaged).expect("writes");
        if at as u64 >= ends[1] {
            let (set_aside, batches) = repaired(folder.path()).await;
            assert_eq!((set_aside, batches), (SetAside::default(), vec![1, 2]), "byte {at} was perhaps not synced");
            continue;
        }
        let (set_aside, batches) = repaired(folder.path()).await;
        let expected = match at {
            // The header alone: all records are whole.
            0..36 => vec![1, 2, 3],
            at if (at as u64) < ends[0] => vec![2, 3],
            _ => vec![1, 3],
        };
        assert_eq!(batches, expected, "byte {at}");
        assert_eq!(set_aside.damages.len(), 1, "byte {at}");
        let lost = 3 - expected.len() as u64;
        assert!(at < 36 || set_aside.lost_requests == lost, "byte {at}: {set_aside:?}");
        assert!(set_aside.lost_rows.is_some_and(|rows| rows >= lost), "byte {at}: {set_aside:?}");
        assert_eq!(set_aside.files.len(), 1);
        assert_eq!(fs::read(&set_aside.files[0]).expect("reads"), damaged, "byte {at}: as it was found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_segment_is_passed_over_and_a_damaged_list_of_batches_set_aside() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    for number in 1..=3 {
        // Each in a segment of its own.
        send(&live(&workspace).await, number).await.expect("appends");
    }
    let segments = wal::list(&wal::folder(folder.path())).expect("lists");
    fs::remove_file(&segments[1].path).expect("removes");
    fs::write(wal::folder(folder.path()).join("batches"), "nothing of the kind").expect("writes");
    workspace.go_live(super::LiveOptions::default()).await.expect_err("is damaged");
    let (set_aside, batches) = repaired(folder.path()).await;
    assert_eq!(batches, [1, 3]);
    // The segment before, which looks as if it were cut off, and the list.
    assert_eq!((set_aside.lost_requests, set_aside.lost_batches, set_aside.files.len()), (1, true, 2));
    assert!(set_aside.lost_rows.is_some_and(|rows| rows > 0));
    let findings = crate::examine(folder.path(), Utc::now()).await.expect("examines");
    assert!(findings.iter().any(|finding| finding.subject.starts_with("_set_aside/")), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_to_do_about_a_damaged_log_is_said_where_it_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let (segment, _) = three_batches(folder.path()).await;
    let mut bytes = fs::read(&segment).expect("reads");
    bytes[50] ^= 1;
    fs::write(&segment, bytes).expect("writes");
    let findings = crate::examine(folder.path(), Utc::now()).await.expect("examines");
    let remedies: Vec<&str> = findings.iter().map(|finding| finding.remedy.as_str()).collect();
    assert!(remedies.iter().any(|remedy| remedy.contains("vedette repair")), "{findings:?}");
}
