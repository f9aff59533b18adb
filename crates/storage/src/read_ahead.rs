//! Footers are read while a plan is still being made.
//!
//! A plan is made by one thread, for some milliseconds in which the others have nothing to do; then each of them first has to read what its files
//! hold, file by file. A scan knows its files earlier than that; and of the first tables that a query asks for, the newest files are mostly among
//! them.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, ParquetFileReaderFactory};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use tokio::runtime::Handle;

use crate::data_file_reader::DataFileReaderFactory;
use crate::table_files::{Footers, TableFiles};

/// Most files of a partition of which that is done: of more, the plan is ready before the last, and a scan may end early.
const FILES_AHEAD: usize = 16;

/// Has idle threads read the footers of the files that a scan begins with, where no earlier query has. What cannot be read is left to the
/// scan, which says so.
pub(crate) fn read_ahead(readers: &Arc<DataFileReaderFactory>, groups: &[FileGroup]) {
    let Ok(runtime) = Handle::try_current() else { return };
    for group in groups {
        let unknown = group.files().iter().take(FILES_AHEAD).filter(|file| !readers.knows(file));
        let files: Vec<_> = unknown.cloned().collect();
        if files.is_empty() {
            continue;
        }
        let readers = Arc::clone(readers);
        runtime.spawn(async move { learn(&readers, files).await });
    }
}

/// Files whose footers are read before a scan asks for them.
#[derive(Debug)]
pub(crate) struct FilesAhead(AtomicUsize);

impl Default for FilesAhead {
    /// Those of two tables: who asks for many more reads few files of each, if any.
    fn default() -> Self {
        Self(AtomicUsize::new(2 * FILES_AHEAD))
    }
}

impl FilesAhead {
    /// Reads the footers of the newest files of a table, as many as are left.
    pub(crate) async fn read(&self, footers: &Arc<Footers>, files: &TableFiles) {
        let take = |left: usize| Some(left - left.min(files.files.len()).min(FILES_AHEAD));
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).unwrap_or_default();
        let readers = DataFileReaderFactory::new(footers, HashSet::new());
        let newest = files.files.iter().rev().take(left.min(FILES_AHEAD)).map(|file| &file.scanned);
        learn(&readers, newest.filter(|file| !readers.knows(file)).cloned().collect()).await;
    }
}

async fn learn(readers: &DataFileReaderFactory, files: Vec<PartitionedFile>) {
    let metrics = ExecutionPlanMetricsSet::new();
    for file in files {
        if let Ok(mut reader) = readers.create_reader(0, file, None, &metrics) {
            let _ = reader.get_metadata(None).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs::File;

    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use datafusion::datasource::listing::PartitionedFile;
    use parquet::arrow::ArrowWriter;

    use super::*;
    use crate::table_files::TableCache;

    #[tokio::test]
    async fn footers_are_known_once_idle_threads_have_read_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.parquet");
        let rows = RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]).expect("a row");
        let mut writer = ArrowWriter::try_new(File::create(&path).expect("new"), rows.schema(), None).expect("begins");
        writer.write(&rows).expect("writes");
        writer.close().expect("ends");
        let size = path.metadata().expect("is there").len();
        let file = |name: &str| PartitionedFile::new(folder.path().join(name).display().to_string(), size);
        let readers =
            Arc::new(DataFileReaderFactory::new(&TableCache::default().footers, HashSet::from(["n".to_owned()])));
        let (there, missing) = (file("a.parquet"), file("b.parquet"));
        assert!(!readers.knows(&there));
        read_ahead(&readers, &[FileGroup::new(vec![missing.clone(), there.clone()])]);
        // The only thread is idle now.
        tokio::task::yield_now().await;
        assert!(readers.knows(&there));
        assert!(!readers.knows(&missing));
    }
}
