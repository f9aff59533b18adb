//! Local files as an object store that syncs what it writes.
//!
//! `object_store` 0.13 never syncs local files, so a Delta commit could vanish, or be left empty, at power loss.

use std::fmt::{Display, Formatter};
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};

use crate::disk;
use crate::durable::{self, Existing};

/// The local file system from its root, with synced writes. Reads are those of `LocalFileSystem`.
#[derive(Debug, Clone)]
pub(crate) struct FsyncStore {
    inner: Arc<LocalFileSystem>,
}

impl FsyncStore {
    pub(crate) fn new() -> Self {
        Self { inner: Arc::new(LocalFileSystem::new()) }
    }

    async fn sync(&self, location: &Path) -> Result<()> {
        let path = self.inner.path_to_filesystem(location)?;
        blocking(path, |path| {
            disk::of(path).sync_file(path)?;
            durable::sync_folder_of(path)
        })
        .await
    }
}

impl Display for FsyncStore {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "FsyncStore({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for FsyncStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let existing = match options.mode {
            PutMode::Overwrite => Existing::Replace,
            PutMode::Create => Existing::Refuse,
            PutMode::Update(_) => return self.inner.put_opts(location, payload, options).await,
        };
        let path = self.inner.path_to_filesystem(location)?;
        blocking(path, move |path| {
            if let Some(folder) = path.parent() {
                durable::create_folder(folder)?;
            }
            let parts: Vec<&[u8]> = payload.iter().map(AsRef::as_ref).collect();
            durable::write(path, &parts, existing)
        })
        .await?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let _ = options;
        Ok(Box::new(SyncedUpload { parts: Vec::new(), store: self.clone(), location: location.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        // A deletion that power loss undoes leaves a file that nothing names: no sync needed.
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await?;
        self.sync(to).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await?;
        self.sync(to).await
    }
}

/// Parts wait in memory until all are there: checkpoints, the only ones that come in parts, are small.
#[derive(Debug)]
struct SyncedUpload {
    parts: Vec<Bytes>,
    store: FsyncStore,
    location: Path,
}

#[async_trait]
impl MultipartUpload for SyncedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.parts.extend(data);
        Box::pin(std::future::ready(Ok(())))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let payload: PutPayload = std::mem::take(&mut self.parts).into_iter().collect();
        self.store.put_opts(&self.location, payload, PutOptions::default()).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.parts.clear();
        Ok(())
    }
}

async fn blocking(path: PathBuf, work: impl FnOnce(&std::path::Path) -> io::Result<()> + Send + 'static) -> Result<()> {
    let named = path.display().to_string();
    tokio::task::spawn_blocking(move || work(&path)).await.map_err(|source| Error::JoinError { source })?.map_err(
        |source| match source.kind() {
            io::ErrorKind::AlreadyExists => Error::AlreadyExists { path: named, source: Box::new(source) },
            io::ErrorKind::NotFound => Error::NotFound { path: named, source: Box::new(source) },
            _ => Error::Generic { store: "FsyncStore", source: Box::new(source) },
        },
    )
}
