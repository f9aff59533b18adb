//! Appends, flushes and readers at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use proptest::prelude::*;

use super::{TABLES, assert_whole, batches, live, send, size};
use crate::Workspace;

/// Senders that each send some batches, some of them twice; one that flushes; one that reads.
async fn run(sends: Vec<Vec<u64>>, flushes: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let current = live(&workspace).await;
    let done = Arc::new(AtomicBool::new(false));
    let stored = Arc::new(AtomicU64::new(0));
    let reader = {
        let (current, done) = (current.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            let mut before: BTreeMap<u64, usize> = BTreeMap::new();
            while !done.load(Ordering::SeqCst) {
                let snapshot = current.snapshot();
                assert_whole(&snapshot, &before.keys().copied().collect::<Vec<_>>(), "while it is written").await;
                before = batches(&snapshot, TABLES[0]).await;
            }
        })
    };
    let senders: Vec<_> = sends
        .iter()
        .cloned()
        .map(|numbers| {
            let (current, stored) = (current.clone(), Arc::clone(&stored));
            tokio::spawn(async move {
                for number in numbers {
                    let appended = send(&current, number).await.expect("appends");
                    stored.fetch_add(appended.rows, Ordering::SeqCst);
                    let seen = batches(&current.snapshot(), TABLES[1]).await;
                    assert_eq!(seen.get(&number), Some(&size(number)), "is visible when it is acknowledged");
                }
            })
        })
        .collect();
    for _ in 0..flushes {
        current.flush().await.expect("flushes");
    }
    for sender in senders {
        sender.await.expect("sends");
    }
    done.store(true, Ordering::SeqCst);
    reader.await.expect("reads");
    let mut all: Vec<u64> = sends.into_iter().flatten().collect();
    all.sort_unstable();
    all.dedup();
    let rows: usize = all.iter().map(|number| 2 * size(*number)).sum();
    assert_eq!(stored.load(Ordering::SeqCst), rows as u64, "each is stored once");
    assert_whole(&current.snapshot(), &all, "at the end").await;
    current.close().await.expect("closes");
    assert_whole(&workspace.snapshot().await.expect("snapshots"), &all, "in tables").await;
    assert_eq!(batches(&workspace.snapshot().await.expect("snapshots"), TABLES[0]).await.len(), all.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn readers_see_each_batch_whole_and_once_whatever_happens_at_once(
        sends in prop::collection::vec(prop::collection::vec(1u64..30, 1..8), 1..4),
        flushes in 0usize..5,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build();
        runtime.expect("starts").block_on(run(sends, flushes));
    }
}
