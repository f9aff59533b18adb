//! The power goes at any moment: what was acknowledged is there exactly once, what was not is whole or absent.

use std::time::Instant;

use super::{Random, assert_whole, id, live, send};
use crate::Workspace;
use crate::disk::mounts::mount;
use crate::disk::recording::{RecordingDisk, Step, Wreck};

/// Runs of the workload; each is cut off at [`STATES`] / `WORKLOADS` moments.
const WORKLOADS: u64 = 10;
/// States from which a workspace is opened.
const STATES: u64 = 520;
/// Marks that the workspace is live; from then on it must open.
const STARTED: u64 = u64::MAX;

/// Appends, flushes and restarts by chance. Batches are marked when they are acknowledged.
async fn workload(seed: u64) -> Vec<Step> {
    let mut random = Random(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let disk = RecordingDisk::new(folder.path());
    let _mount = mount(folder.path(), std::sync::Arc::new(disk.clone()));
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let mut current = live(&workspace).await;
    disk.mark(STARTED);
    let mut next = 1;
    for _ in 0..24 {
        match random.below(8) {
            0 => drop(current.flush().await.expect("flushes")),
            1 => {
                drop(current);
                current = live(&workspace).await;
            }
            2 => {
                // Several at once share a sync.
                let sent = (next..next + 3).map(|number| send(&current, number));
                for sent in futures::future::join_all(sent).await {
                    assert!(!sent.expect("appends").is_repeated);
                }
                (next..next + 3).for_each(|number| disk.mark(number));
                next += 3;
            }
            3 if next > 1 => {
                let number = 1 + random.below(usize::try_from(next - 1).expect("small")) as u64;
                assert!(send(&current, number).await.expect("is repeated").is_repeated);
            }
            _ => {
                send(&current, next).await.expect("appends");
                disk.mark(next);
                next += 1;
            }
        }
    }
    current.tick(Instant::now()).await;
    drop(current);
    disk.steps()
}

async fn open_after(steps: &[Step], random: &mut Random, case: &str) {
    let acknowledged: Vec<u64> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Mark(number) if *number != STARTED => Some(*number),
            _ => None,
        })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    Wreck::after(steps).build(folder.path(), &mut |limit| random.below(limit));
    let workspace = Workspace::open(folder.path()).await.unwrap_or_else(|error| panic!("{error:?}, {case}"));
    let read = workspace.snapshot().await.unwrap_or_else(|error| panic!("{error:?}, {case}"));
    assert_whole(&read, &acknowledged, case).await;
    let live = workspace.go_live(super::LiveOptions::default()).await;
    let live = live.unwrap_or_else(|error| panic!("{error:?}, {case}"));
    assert_whole(&live.snapshot(), &acknowledged, case).await;
    // Its sender tries again.
    if let Some(number) = acknowledged.last() {
        assert!(send(&live, *number).await.expect("is repeated").is_repeated, "{case}");
    }
    let new = 1_000_000;
    assert!(!live.append(Vec::new(), Some(id(new))).await.expect("is nothing").is_repeated);
    send(&live, new).await.expect("appends");
    if random.below(4) == 0 {
        live.close().await.expect("closes");
    } else {
        drop(live);
    }
    let snapshot = Workspace::open(folder.path()).await.expect("opens").snapshot().await.expect("snapshots");
    let all: Vec<u64> = acknowledged.into_iter().chain([new]).collect();
    assert_whole(&snapshot, &all, case).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_power_loss_loses_or_doubles_what_was_acknowledged() {
    let started = Instant::now();
    for seed in 1..=WORKLOADS {
        let steps = workload(seed).await;
        let start = steps.iter().position(|step| matches!(step, Step::Mark(STARTED))).expect("went live");
        let mut random = Random(seed.wrapping_mul(7919));
        let cuts: Vec<usize> = (0..STATES / WORKLOADS).map(|_| start + 1 + random.below(steps.len() - start)).collect();
        for cut in cuts {
            let case = format!("seed {seed}, {cut} of {} steps, then {random:?}", steps.len());
            open_after(&steps[..cut], &mut random, &case).await;
        }
    }
    eprintln!("{STATES} states in {:?}", started.elapsed());
}
