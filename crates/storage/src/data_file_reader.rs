//! How a scan reads data files: footers once a process, each as narrow as the scan.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::{CachedParquetMetaData, ParquetRowSelection};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::cache::cache_manager::CachedFileMetadataEntry;
use datafusion::physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder};
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::ObjectMeta;
use object_store::local::LocalFileSystem;
use parquet::DecodeResult;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataPushDecoder, ParquetMetaDataReader,
    ParquetStatisticsPolicy,
};
use rustix::buffer::spare_capacity;

use crate::keyed::KeyedNames;
use crate::narrow_footer::narrow;
use crate::part_reads::PartReads;
use crate::table_files::Footers;

/// Bytes read from a file's end at first, to have the footer in one read: that of a day of sign-ins has 19 KB, of which a row group more takes as
/// much again.
const FOOTER_HINT_BYTES: u64 = 32 * 1024;

/// Makes the readers of one scan.
#[derive(Debug)]
pub(crate) struct DataFileReaderFactory {
    footers: Arc<Footers>,
    disk: LocalFileSystem,
    /// The columns of files that the scan reads, by name.
    wanted: Arc<HashSet<String>>,
    part_reads: Arc<PartReads>,
}

impl DataFileReaderFactory {
    pub(crate) fn new(footers: &Arc<Footers>, wanted: HashSet<String>) -> Self {
        let (footers, disk) = (Arc::clone(footers), LocalFileSystem::new());
        Self { footers, disk, wanted: Arc::new(wanted), part_reads: Arc::default() }
    }
}

impl DataFileReaderFactory {
    /// Whether the footer of the file was read before.
    pub(crate) fn knows(&self, file: &PartitionedFile) -> bool {
        known_footer(&self.footers, &file.object_meta).is_some()
    }
}

impl ParquetFileReaderFactory for DataFileReaderFactory {
    fn create_reader(
        &self,
        partition: usize,
        file: PartitionedFile,
        _: Option<usize>,
        metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        let path = self.disk.path_to_filesystem(&file.object_meta.location);
        let path = path.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let keyed = file.extension::<KeyedNames>().cloned();
        let is_part = file.extension::<ParquetRowSelection>().is_some();
        Ok(Box::new(DataFileReader {
            path,
            file: None,
            meta: file.object_meta,
            bytes_scanned: MetricBuilder::new(metrics).counter("bytes_scanned", partition),
            footers: Arc::clone(&self.footers),
            wanted: Arc::clone(&self.wanted),
            keyed,
            part_reads: is_part.then(|| Arc::clone(&self.part_reads)),
        }))
    }
}

/// Reads one file.
struct DataFileReader {
    path: PathBuf,
    /// Opened when bytes are first read.
    file: Option<File>,
    meta: ObjectMeta,
    bytes_scanned: Count,
    footers: Arc<Footers>,
    wanted: Arc<HashSet<String>>,
    /// Those of them that are wanted as keys.
    keyed: Option<KeyedNames>,
    /// Where others may have what this one reads.
    part_reads: Option<Arc<PartReads>>,
}

impl DataFileReader {
    /// In the thread that asks for them: what a query reads is mostly in the system's cache, from where it comes sooner than another
    /// thread begins.
    fn read(&mut self, range: &Range<u64>) -> parquet::errors::Result<Bytes> {
        self.read_range(range).map(Bytes::from).map_err(|error| ParquetError::External(Box::new(error)))
    }

    /// Bytes of columns, which are counted.
    fn scan(&mut self, ranges: &[Range<u64>]) -> parquet::errors::Result<Vec<Bytes>> {
        let bytes = match self.part_reads.clone() {
            None => ranges.iter().map(|range| self.read(range)).collect::<parquet::errors::Result<Vec<_>>>()?,
            Some(others) => {
                let path = self.path.clone();
                let bytes = others.get(&path, ranges, |range| self.read_range(range));
                bytes.map_err(|error| ParquetError::External(Box::new(error)))?
            }
        };
        self.bytes_scanned.add(bytes.iter().map(Bytes::len).sum());
        Ok(bytes)
    }

    fn read_range(&mut self, range: &Range<u64>) -> io::Result<Vec<u8>> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(&self.path)?),
        };
        let length = range.end.saturating_sub(range.start);
        if range.end > self.meta.size {
            let message = format!("`{}` ends at byte {}, not {}", self.path.display(), self.meta.size, range.end);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        let length = usize::try_from(length).map_err(io::Error::other)?;
        read_at(file, range.start, length).map_err(|error| {
            let wanted = format!("bytes {} to {} of `{}`", range.start, range.end, self.path.display());
            io::Error::new(error.kind(), format!("failed to read {wanted}: {error}"))
        })
    }

    /// The footer of the wanted columns.
    fn footer(&mut self, options: Option<&ArrowReaderOptions>) -> parquet::errors::Result<Arc<ParquetMetaData>> {
        let whole = match known_footer(&self.footers, &self.meta) {
            Some(known) => known,
            None => self.read_footer()?,
        };
        let narrowed = narrow(&whole, &self.wanted, self.keyed.as_ref(), &self.footers.schemas)?;
        let footer = narrowed.map_or(whole, Arc::new);
        let wants_pages = options.is_some_and(|options| options.column_index_policy() != PageIndexPolicy::Skip);
        if wants_pages { self.with_page_index(footer) } else { Ok(footer) }
    }

    fn read_footer(&mut self) -> parquet::errors::Result<Arc<ParquetMetaData>> {
        let size = self.meta.size;
        // What is left out is of use to nobody here; it is a part of the footer's size that grows with the number of columns.
        let options = ParquetMetaDataOptions::new()
            .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
            .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
        let mut decoder = ParquetMetaDataPushDecoder::try_new(size)?
            .with_page_index_policy(PageIndexPolicy::Skip)
            .with_metadata_options(Some(Arc::new(options)));
        let end = size.saturating_sub(FOOTER_HINT_BYTES)..size;
        let bytes = self.read(&end)?;
        decoder.push_ranges(vec![end], vec![bytes])?;
        let footer = loop {
            match decoder.try_decode()? {
                DecodeResult::Data(footer) => break Arc::new(footer),
                DecodeResult::NeedsData(ranges) => {
                    let bytes = ranges.iter().map(|range| self.read(range)).collect::<parquet::errors::Result<_>>()?;
                    decoder.push_ranges(ranges, bytes)?;
                }
                DecodeResult::Finished => {
                    return Err(ParquetError::General(format!("`{}` has no footer", self.path.display())));
                }
            }
        };
        let entry = Arc::new(CachedParquetMetaData::new(Arc::clone(&footer)));
        self.footers.whole.put(&self.meta.location, CachedFileMetadataEntry::new(self.meta.clone(), entry));
        Ok(footer)
    }

    /// Ours have none that tells of values; another writer's may.
    fn with_page_index(&mut self, footer: Arc<ParquetMetaData>) -> parquet::errors::Result<Arc<ParquetMetaData>> {
        let mut reader = ParquetMetaDataReader::new_with_metadata(Arc::unwrap_or_clone(footer))
            .with_page_index_policy(PageIndexPolicy::Optional);
        let file = File::open(&self.path).map_err(|error| ParquetError::External(Box::new(error)))?;
        reader.read_page_indexes(&file)?;
        reader.finish().map(Arc::new)
    }
}

fn known_footer(footers: &Footers, file: &ObjectMeta) -> Option<Arc<ParquetMetaData>> {
    let known = footers.whole.get(&file.location).filter(|known| known.is_valid_for(file))?;
    let footer = known.file_metadata.as_any().downcast_ref::<CachedParquetMetaData>()?;
    Some(Arc::clone(footer.parquet_metadata()))
}

/// So many bytes from that place on, read into memory that nothing was written to before.
fn read_at(file: &File, from: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        let at = from + bytes.len() as u64;
        let read = rustix::io::retry_on_intr(|| rustix::io::pread(file, spare_capacity(&mut bytes), at))?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends before"));
        }
    }
    // There may have been room for more.
    bytes.truncate(length);
    Ok(bytes)
}

impl AsyncFileReader for DataFileReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        let bytes = self.scan(std::slice::from_ref(&range));
        futures::future::ready(bytes.map(|mut bytes| bytes.pop().unwrap_or_default())).boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        futures::future::ready(self.scan(&ranges)).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        futures::future::ready(self.footer(options)).boxed()
    }
}
