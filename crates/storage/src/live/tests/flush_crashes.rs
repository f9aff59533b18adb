//! A flush cut off at each of its steps.

use super::super::flush::flush;
use super::{assert_whole, live, send};
use crate::crash_point::{CrashAt, CrashPoint};
use crate::{Workspace, wal};

const POINTS: [CrashPoint; 5] = [
    CrashPoint::FilesWritten,
    CrashPoint::Journaled,
    CrashPoint::FirstTableCommitted,
    CrashPoint::TablesCommitted,
    CrashPoint::Published,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_cut_off_at_any_step_neither_loses_nor_doubles_rows() {
    for point in POINTS {
        // Goes on in the same process, or in another one.
        for restarts in [false, true] {
            let case = format!("{point:?}, {restarts}");
            let folder = tempfile::tempdir().expect("a folder");
            let workspace = Workspace::create(folder.path()).await.expect("creates");
            let mut current = live(&workspace).await;
            send(&current, 1).await.expect("appends");
            current.flush().await.expect("flushes");
            send(&current, 2).await.expect("appends");
            let before = current.snapshot();
            {
                let core = &current.shared.core;
                let _commit = core.workspace.commit_lock.lock().await;
                let all = |view: &super::super::View| {
                    view.fresh.tables().map(|table| table.table.name.as_str()).collect::<Vec<_>>()
                };
                let error = flush(core, all, CrashAt(Some(point))).await.expect_err("is cut off");
                assert!(error.to_string().contains(&format!("{point:?}")), "{error}");
            }
            assert_whole(&current.snapshot(), &[1, 2], &case).await;
            let other = Workspace::open(folder.path()).await.expect("opens");
            assert_whole(&other.snapshot().await.expect("snapshots"), &[1, 2], &case).await;
            if restarts {
                drop(current);
                current = live(&workspace).await;
                assert_whole(&current.snapshot(), &[1, 2], &case).await;
            }
            send(&current, 3).await.expect("appends");
            assert!(send(&current, 2).await.expect("is repeated").is_repeated);
            current.flush().await.expect("flushes");
            let status = current.status();
            assert_eq!((status.fresh_rows, status.sequence), (0, 3), "{case}");
            assert_whole(&current.snapshot(), &[1, 2, 3], &case).await;
            assert_whole(&before, &[1, 2], &case).await;
            current.close().await.expect("closes");
            assert!(wal::list(&wal::folder(folder.path())).expect("lists").is_empty(), "{case}");
            assert_whole(&workspace.snapshot().await.expect("snapshots"), &[1, 2, 3], &case).await;
        }
    }
}
