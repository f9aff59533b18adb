//! One file of the output: its records are rendered and handed to the sink in order.

use super::{FileAbout, Sink, SinkFile, Trace};
use crate::GenerateError;
use crate::envelopes::Form;
use crate::tenant::Tenant;
use crate::truth::TruthFile;

/// A file that is being written.
pub(super) struct Stream<'t> {
    form: &'static Form,
    file: Box<dyn SinkFile>,
    about: TruthFile,
    /// What is to be written next.
    pub(super) waiting: Vec<Trace<'t>>,
    /// Reused from record to record.
    text: String,
}

impl<'t> Stream<'t> {
    /// Begins the file at `path`.
    pub(super) fn open(sink: &dyn Sink, form: &'static Form, path: String) -> Result<Self, GenerateError> {
        let framing = form.framing.framing();
        let bytes = (framing.open.len() + framing.close.len()) as u64;
        let file = sink.open(&FileAbout { path: path.clone(), framing })?;
        let about = TruthFile { path, records: 0, bytes };
        Ok(Self { form, file, about, waiting: Vec::new(), text: String::new() })
    }

    /// Writes what waits.
    pub(super) fn write(&mut self, tenant: &Tenant) -> Result<(), GenerateError> {
        for trace in self.waiting.drain(..) {
            self.text.clear();
            (self.form.write)(&mut self.text, tenant, &trace);
            self.file.record(trace.arrival, &self.text)?;
            self.about.records += 1;
            self.about.bytes += self.text.len() as u64;
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<TruthFile, GenerateError> {
        self.about.bytes += self.about.records.saturating_sub(1) * self.form.framing.between().len() as u64;
        self.file.finish()?;
        Ok(self.about)
    }
}
