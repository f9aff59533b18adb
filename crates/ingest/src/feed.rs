//! Records that come as they arise, text by text, without files.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::decoders::{all_decoders, decoders_into};
use crate::hash::hexadecimal;
use crate::limits::Limits;
use crate::readers::text_splitter::TextSplitter;
use crate::report::{FileReport, IngestReport};
use crate::run::{IngestError, IngestOptions, Run};
use crate::sink::{NoProgress, Sink};
use crate::source_file::SourceFile;

/// Takes texts while a run is under way; see [`ingest_feed`].
pub struct Feed<'a> {
    run: Mutex<Run<'a>>,
    limits: &'a Limits,
}

/// A text that is being given, as a file of this path would be read. It may be given by another thread than the others.
pub struct FedText {
    index: usize,
    source: SourceFile,
    splitter: TextSplitter,
    hash: Sha256,
    bytes: u64,
}

/// Decodes what `give` gives and hands the rows to the sink. The texts stand in the report like files.
///
/// # Errors
/// Those of `give`, and when the sink fails. Texts and records that cannot be read are no errors: the report and the table
/// `IngestionErrors` say so.
pub fn ingest_feed<T, E: From<IngestError>>(
    options: &IngestOptions,
    sink: &dyn Sink,
    give: impl FnOnce(&Feed) -> Result<T, E>,
) -> Result<(T, IngestReport), E> {
    let decoders = options.table.map_or_else(all_decoders, decoders_into);
    let run = Run::new(options, sink, &NoProgress, &decoders)?;
    let feed = Feed { run: Mutex::new(run), limits: &options.limits };
    let given = give(&feed)?;
    let mut run = feed.run.into_inner().unwrap_or_else(PoisonError::into_inner);
    run.end_feed()?;
    Ok((given, run.finish()?))
}

impl<'a> Feed<'a> {
    /// Begins a text. Texts stand in the report in the order of their beginnings.
    pub fn begin(&self, path: &str) -> FedText {
        let index = self.run().begin_text(FileReport::new(path.to_owned(), "", "", 0));
        FedText {
            index,
            source: SourceFile { path: Arc::from(path), kind: "", modified: None },
            splitter: TextSplitter::new(self.limits),
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// Takes what the text has been given, to be decoded with what others have; decodes when there is enough.
    ///
    /// # Errors
    /// When the sink fails.
    pub fn take(&self, text: &mut FedText) -> Result<(), IngestError> {
        let chunk = text.splitter.take();
        text.source.kind = text.splitter.kind().name();
        self.run().take_text(text.index, &text.source, chunk).map_err(IngestError::Sink)
    }

    /// Ends a text.
    ///
    /// # Errors
    /// When the sink fails.
    pub fn end(&self, mut text: FedText) -> Result<(), IngestError> {
        self.take(&mut text)?;
        let FedText { index, source, splitter, hash, bytes } = text;
        let mut run = self.run();
        let result = match splitter.finish() {
            Ok(chunk) => run.take_text(index, &source, chunk).map(|()| Ok(())).map_err(IngestError::Sink)?,
            Err(reason) => Err(reason),
        };
        run.on_end(index, Some((hexadecimal(&hash.finalize()), bytes)), result);
        Ok(())
    }

    fn run(&self) -> MutexGuard<'_, Run<'a>> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FedText {
    /// Gives more of the text.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.splitter.feed(bytes);
    }
}
