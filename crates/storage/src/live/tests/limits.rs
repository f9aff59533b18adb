//! What is refused, and what is moved on the way.

use std::sync::Arc;

use super::{LiveOptions, assert_whole, live, send};
use crate::disk::faulty::FaultyDisk;
use crate::disk::mounts::mount;
use crate::{AppendError, Workspace, wal};

fn refused(error: &AppendError) -> &'static str {
    match error {
        AppendError::Busy { what, .. } => what,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_requests_wait_for_the_disk_than_may_and_those_that_do_are_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let disk = FaultyDisk::with_room(1 << 40);
    let state = disk.state();
    let _mount = mount(folder.path(), Arc::new(disk));
    let current =
        workspace.go_live(LiveOptions { waiting_requests: 2, ..LiveOptions::default() }).await.expect("goes live");
    {
        let (mut first, mut second) = (Box::pin(send(&current, 1)), Box::pin(send(&current, 2)));
        {
            let _gate = state.gate.lock().expect("is free");
            assert!(futures::FutureExt::now_or_never(&mut first).is_none());
            assert!(futures::FutureExt::now_or_never(&mut second).is_none());
            let third = futures::FutureExt::now_or_never(Box::pin(send(&current, 3))).expect("does not wait");
            assert_eq!(refused(&third.expect_err("is one too many")), "requests that wait for the log");
        }
        first.await.expect("appends");
        second.await.expect("appends");
    }
    send(&current, 3).await.expect("has a place again");
    assert_whole(&current.snapshot(), &[1, 2, 3], "with places").await;
    assert_eq!((current.status().waiting_requests, current.status().waiting_bytes), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_waiting_has_stored_its_rows_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let disk = FaultyDisk::with_room(1 << 40);
    let state = disk.state();
    let _mount = mount(folder.path(), Arc::new(disk));
    let current = live(&workspace).await;
    send(&current, 1).await.expect("appends");
    let rows = || vec![(super::table("AuditLogs"), super::numbered(super::table("AuditLogs"), 7, 2))];
    {
        let _gate = state.gate.lock().expect("is free");
        let core = Arc::clone(&current.shared.core);
        let admitted = super::super::admission::Admitted::new(&core, 1).expect("has a place");
        let (answer, gone) = tokio::sync::oneshot::channel();
        drop(gone);
        let request = super::super::group::Request::new(rows(), Some(super::id(7)), admitted, core.now(), answer);
        current.send(super::super::writer::Message::Append(request.expect("encodes"))).expect("sends");
    }
    let again = current.append(rows(), Some(super::id(7))).await.expect("is known");
    assert!(again.is_repeated);
    assert_eq!(super::batches(&current.snapshot(), "AuditLogs").await.get(&7), Some(&2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_at_its_limit_takes_no_more_until_it_is_moved() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let options = LiveOptions { log_bytes: 60_000, segment_bytes: 10_000, ..LiveOptions::default() };
    let current = workspace.go_live(options).await.expect("goes live");
    let mut number = 0;
    let error = loop {
        number += 1;
        assert!(number < 100, "nothing is refused");
        if let Err(error) = send(&current, number).await {
            break error;
        }
    };
    assert_eq!(refused(&error), "bytes of the log on disk");
    assert!(current.status().log_segments > 1);
    current.tick(std::time::Instant::now()).await;
    let status = current.status();
    assert_eq!((status.log_bytes, status.log_segments, status.fresh_rows), (0, 0, 0));
    send(&current, number).await.expect("has room");
    assert_whole(&current.snapshot(), &(1..=number).collect::<Vec<_>>(), "after the limit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_many_records_is_moved_however_small_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let options = LiveOptions { log_records: 5, ..LiveOptions::default() };
    let current = workspace.go_live(options).await.expect("goes live");
    for (number, flushes) in [(4, 0), (5, 1), (9, 1), (10, 2)] {
        for number in current.status().sequence + 1..=number {
            send(&current, number).await.expect("appends");
        }
        current.tick(std::time::Instant::now()).await;
        assert_eq!(current.status().flushes, flushes, "after {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replayed_is_not_replayed_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let current = live(&workspace).await;
    for number in 1..=3 {
        send(&current, number).await.expect("appends");
    }
    current.tick(std::time::Instant::now()).await;
    assert_eq!(current.status().flushes, 0, "there is no hurry");
    drop(current);
    let current = live(&workspace).await;
    assert!(current.status().fresh_rows > 0);
    for (number, flushes) in [(4, 1), (5, 1)] {
        send(&current, number).await.expect("appends");
        current.tick(std::time::Instant::now()).await;
        assert_eq!(current.status().flushes, flushes, "after {number}");
    }
    assert_whole(&current.snapshot(), &[1, 2, 3, 4, 5], "after the start").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_moved_while_it_is_replayed() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let current = live(&workspace).await;
    for number in 1..=40 {
        send(&current, number).await.expect("appends");
    }
    let bytes = current.status().fresh_bytes;
    drop(current);
    let options = LiveOptions { memory_bytes: bytes / 2, ..LiveOptions::default() };
    let current = workspace.go_live(options).await.expect("goes live");
    assert!(current.status().fresh_bytes < bytes / 3, "{} of {bytes}", current.status().fresh_bytes);
    assert_eq!(current.status().sequence, 40);
    assert_whole(&current.snapshot(), &(1..=40).collect::<Vec<_>>(), "replayed in parts").await;
    assert!(send(&current, 5).await.expect("is known").is_repeated);
    assert_eq!(send(&current, 41).await.expect("appends").sequence, 41);
    current.close().await.expect("closes");
    assert!(wal::list(&wal::folder(folder.path())).expect("lists").is_empty());
}
