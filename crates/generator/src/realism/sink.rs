//! Stands before a sink and measures what is written to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::counters::Counters;
use super::csv_line;
use super::report::RealismReport;
use super::seen;
use crate::engine::{FileAbout, Sink, SinkFile};
use crate::{GenerateError, GenerateOptions};

/// Hands all records on to another sink and counts what their text says.
///
/// ```no_run
/// # fn example(options: &generator::GenerateOptions) -> Result<(), generator::GenerateError> {
/// let folder = generator::FolderSink::open("tenant".as_ref())?;
/// let realism = generator::realism::Realism::new(options, &folder);
/// let truth = generator::generate_into(options, &realism)?;
/// folder.write_truth(&truth)?;
/// let page = realism.report().to_html();
/// # Ok(())
/// # }
/// ```
pub struct Realism<'s> {
    inner: &'s dyn Sink,
    counters: Arc<Mutex<Counters>>,
}

impl<'s> Realism<'s> {
    /// Measures what is written to `inner` for the tenant of `options`, whose accounts and time zones it must know.
    pub fn new(options: &GenerateOptions, inner: &'s dyn Sink) -> Self {
        Self { inner, counters: Arc::new(Mutex::new(Counters::new(options))) }
    }

    /// What was measured so far.
    pub fn report(&self) -> RealismReport {
        RealismReport::of(&lock(&self.counters))
    }
}

fn lock(counters: &Mutex<Counters>) -> MutexGuard<'_, Counters> {
    counters.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sink for Realism<'_> {
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError> {
        let header = about.path.ends_with(".csv").then(|| {
            let names = csv_line::fields(&about.framing.open);
            names.into_iter().map(|name| name.into_owned()).collect()
        });
        let file = self.inner.open(about)?;
        let (log, counters) = (log_of(&about.path), Arc::clone(&self.counters));
        Ok(Box::new(MeasuredFile { file, log, header, counters, youngest: None }))
    }

    fn slice_done(&self) -> Result<(), GenerateError> {
        self.inner.slice_done()
    }
}

/// The path without its day and extension, which all files of a log in one form share. `20260105020000_users.json` is `users`.
fn log_of(path: &str) -> String {
    let is_date = |at: usize| path[at..].len() >= 4 && path[at..].bytes().take(4).all(|byte| byte.is_ascii_digit());
    let Some(cut) = path.match_indices(['-', '/']).map(|(at, _)| at).find(|at| is_date(at + 1)) else {
        return path.to_owned();
    };
    let name = path[cut..].split_once('_').map_or("", |(_, name)| name.split('.').next().unwrap_or_default());
    if name.is_empty() { path[..cut].to_owned() } else { format!("{}/{name}", &path[..cut]) }
}

struct MeasuredFile {
    file: Box<dyn SinkFile>,
    log: String,
    header: Option<Vec<String>>,
    counters: Arc<Mutex<Counters>>,
    youngest: Option<DateTime<Utc>>,
}

impl SinkFile for MeasuredFile {
    fn record(&mut self, arrival: DateTime<Utc>, record: &str) -> Result<(), GenerateError> {
        let seen = match &self.header {
            Some(header) => seen::csv(record, header),
            None => seen::line(record),
        };
        let mut counters = lock(&self.counters);
        if !counters.logs.contains_key(&self.log) {
            counters.logs.insert(self.log.clone(), Default::default());
        }
        if let Some(log) = counters.logs.get_mut(&self.log) {
            log.records += 1;
            log.bytes += record.len() as u64;
            log.sizes.add(record.len() as u64);
            if let Some(time) = seen.as_ref().and_then(|seen| seen.time) {
                log.delays.add((arrival - time).num_seconds().max(0).unsigned_abs());
                log.out_of_order += u64::from(self.youngest.is_some_and(|youngest| time < youngest));
                self.youngest = self.youngest.max(Some(time));
            }
        }
        match seen {
            Some(seen) => counters.add(seen),
            None => counters.unread += 1,
        }
        drop(counters);
        self.file.record(arrival, record)
    }

    fn finish(self: Box<Self>) -> Result<(), GenerateError> {
        self.file.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::log_of;

    #[test]
    fn a_log_is_the_path_without_its_day() {
        for (path, log) in [
            ("entra/signins-2026-01-05.ndjson.gz", "entra/signins"),
            ("o365/Search-UnifiedAuditLog-2026-01-05.csv", "o365/Search-UnifiedAuditLog"),
            ("defender/DeviceInfo-2026-01-05.ndjson.gz", "defender/DeviceInfo"),
            ("directory/entra/20260105020000_users.json", "directory/entra/users"),
        ] {
            assert_eq!(log_of(path), log);
        }
    }
}
