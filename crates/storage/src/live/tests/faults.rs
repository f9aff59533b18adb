//! Disks that refuse.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{assert_whole, live, send};
use crate::disk::faulty::FaultyDisk;
use crate::disk::mounts::mount;
use crate::{AppendError, Workspace};

const PLENTY: i64 = 1 << 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_what_has_no_room_and_the_log_goes_on_when_there_is() {
    // As the room ends within a header, within a payload, and before a segment is begun.
    for (room, begins) in [(10, false), (1_000, false), (0, false), (0, true), (20, true)] {
        let case = format!("{room} bytes, {begins}");
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::create(folder.path()).await.expect("creates");
        let disk = FaultyDisk::with_room(PLENTY);
        let state = disk.state();
        let _mount = mount(folder.path(), Arc::new(disk));
        let current = live(&workspace).await;
        if !begins {
            send(&current, 1).await.expect("appends");
        }
        state.room.store(room, Ordering::SeqCst);
        for number in [2, 3] {
            let error = send(&current, number).await.expect_err("has no room");
            assert!(matches!(error, AppendError::Full { .. }), "{error}, {case}");
            assert!(error.to_string().contains("_wal"), "{error}, {case}");
        }
        let before: &[u64] = if begins { &[] } else { &[1] };
        assert_whole(&current.snapshot(), before, &case).await;
        assert_eq!(current.status().sequence, before.len() as u64, "{case}");
        state.room.store(PLENTY, Ordering::SeqCst);
        assert!(!send(&current, 3).await.expect("has room").is_repeated, "{case}");
        drop(current);
        let current = live(&workspace).await;
        let all: Vec<u64> = before.iter().copied().chain([3]).collect();
        assert_whole(&current.snapshot(), &all, &case).await;
        assert_eq!(current.status().sequence, all.len() as u64, "the batch without room is not there, {case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_whose_sync_fails_are_refused_and_do_not_come_back() {
    for cuts_fail in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::create(folder.path()).await.expect("creates");
        let disk = FaultyDisk::with_room(PLENTY);
        let state = disk.state();
        let _mount = mount(folder.path(), Arc::new(disk));
        let current = live(&workspace).await;
        send(&current, 1).await.expect("appends");
        state.cuts_fail.store(cuts_fail, Ordering::SeqCst);
        state.syncs_fail.store(true, Ordering::SeqCst);
        let error = send(&current, 2).await.expect_err("is not synced");
        assert!(matches!(error, AppendError::Storage(_)), "{error}");
        send(&current, 3).await.expect_err("is not synced");
        state.syncs_fail.store(false, Ordering::SeqCst);
        send(&current, 4).await.expect("appends");
        assert_whole(&current.snapshot(), &[1, 4], "live").await;
        assert_eq!(current.status().fresh_rows, 2 * (super::size(1) + super::size(4)) as u64);
        drop(current);
        let current = live(&workspace).await;
        assert_whole(&current.snapshot(), &[1, 4], "after a restart").await;
        assert_eq!(current.status().sequence, 2, "those refused are not there");
        current.close().await.expect("closes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_without_room_changes_nothing_and_is_done_later() {
    for room in [0, 3_000, 12_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::create(folder.path()).await.expect("creates");
        let disk = FaultyDisk::with_room(PLENTY);
        let state = disk.state();
        let _mount = mount(folder.path(), Arc::new(disk));
        let current = live(&workspace).await;
        send(&current, 1).await.expect("appends");
        state.room.store(room, Ordering::SeqCst);
        current.flush().await.expect_err("has no room");
        assert_eq!(current.status().failed_flushes, 1);
        assert!(current.status().flush_error.is_some());
        assert_whole(&current.snapshot(), &[1], "no room").await;
        state.room.store(PLENTY, Ordering::SeqCst);
        send(&current, 2).await.expect("appends");
        current.flush().await.expect("flushes");
        assert_whole(&current.snapshot(), &[1, 2], "room").await;
        assert_eq!((current.status().fresh_rows, current.status().flush_error), (0, None));
    }
}
