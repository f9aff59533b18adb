//! Partitions that run side by side.

use datafusion::common::runtime::SpawnedTask;
use datafusion::error::{DataFusionError, Result};
use futures::future::{try_join, try_join_all};

/// Runs futures of partitions, each in a task, which ends when this future is dropped. Their results come in their order.
///
/// Where this future is no part of a task, its thread would only wait for theirs: it runs the first one itself. One thread less has to be woken,
/// which the system may have placed behind another one for milliseconds, beside an idle processor.
pub(super) async fn side_by_side<T: Send + 'static>(
    mut partitions: impl Iterator<Item = impl Future<Output = Result<T>> + Send + 'static>,
) -> Result<Vec<T>> {
    let own = if tokio::task::try_id().is_none() { partitions.next() } else { None };
    let join = async |task: SpawnedTask<Result<T>>| {
        task.join_unwind().await.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?
    };
    let others = try_join_all(partitions.map(SpawnedTask::spawn).collect::<Vec<_>>().into_iter().map(join));
    match own {
        None => others.await,
        Some(own) => {
            let (own, mut all) = try_join(own, others).await?;
            all.insert(0, own);
            Ok(all)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread::{self, ThreadId};

    use datafusion::common::exec_err;
    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_multi_thread().worker_threads(2).build().expect("threads")
    }

    /// Partitions that tell which thread runs them.
    fn partitions() -> impl Iterator<Item = impl Future<Output = Result<(usize, ThreadId)>> + Send + 'static> + Send {
        (0..3).map(|partition| async move { Ok((partition, thread::current().id())) })
    }

    #[test]
    fn a_thread_that_waits_runs_the_first_partition() {
        let ran = runtime().block_on(side_by_side(partitions())).expect("they run");
        let by_this_thread = |(_, id): &(usize, ThreadId)| *id == thread::current().id();
        assert_eq!(ran.iter().map(by_this_thread).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(ran.iter().map(|(partition, _)| *partition).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn a_task_leaves_all_partitions_to_others() {
        let runtime = runtime();
        let ran = runtime.block_on(async { tokio::spawn(side_by_side(partitions())).await });
        let ran = ran.expect("ends").expect("they run");
        assert_eq!(ran.iter().map(|(partition, _)| *partition).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(ran.iter().all(|(_, id)| *id != thread::current().id()));
    }

    #[test]
    fn an_error_of_any_partition_ends_all() {
        for failing in 0..3 {
            let partition = |partition: usize| async move {
                if partition == failing { exec_err!("fails") } else { std::future::pending::<Result<()>>().await }
            };
            let error = runtime().block_on(side_by_side((0..3).map(partition))).expect_err("one fails");
            assert!(error.to_string().contains("fails"), "{error}");
        }
    }
}
