//! Files into a workspace, in one atomic step.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use ingest::{FileReport, FileStatus, IngestOptions, IngestReport, Sink};
use schema::Table;
use storage::Append;

use crate::catalog::WorkspaceCatalog;
use crate::investigation::{FileOutcome, IngestProblem, Investigation};
use crate::{Error, Progress, Session, Unit};

/// What to ingest.
#[derive(Debug, Clone, Default)]
pub struct IngestRequest {
    /// Files and folders with exported logs.
    pub paths: Vec<PathBuf>,
    /// Where the tables lie; made if missing.
    pub workspace: PathBuf,
    /// Take every record as a row of this table, by column name; one named `…_CL` is made where it is missing.
    pub table: Option<String>,
    /// Read files again that an earlier run has read.
    pub force: bool,
}

/// Reads files into a workspace; no rules run. The result has no incidents and no rules.
pub fn ingest(request: &IngestRequest, progress: &dyn Progress) -> Result<Investigation, Error> {
    let table = request.table.as_deref().map(known_table).transpose()?;
    check_paths(&request.paths)?;
    let session = Session::open_or_create(&request.workspace)?;
    let outcome = ingest_into(&session, &request.paths, table, request.force, progress);
    progress.finish();
    outcome
}

fn known_table(name: &str) -> Result<&'static Table, Error> {
    if schema::is_custom_table_name(name) {
        // Its columns follow from the data.
        return Ok(schema::custom_table(name, &[]));
    }
    schema::table(name).ok_or_else(|| {
        let close = schema::table_names().find(|known| known.eq_ignore_ascii_case(name));
        let error = Error::new(format!("no built-in table `{name}`"));
        match close {
            Some(known) => error.with_hint(format!("did you mean `{known}`?")),
            None => error.with_hint(
                "names are those of Log Analytics and advanced hunting, such as `SigninLogs`; custom tables end with `_CL`",
            ),
        }
    })
}

/// Refuses paths that do not exist, before anything is made.
pub(crate) fn check_paths(paths: &[PathBuf]) -> Result<(), Error> {
    match paths.iter().find(|path| !path.exists()) {
        Some(missing) => Err(Error::new(format!("no file or folder at `{}`", missing.display()))),
        None => Ok(()),
    }
}

/// Reads files into an open workspace. All rows of the run become visible together.
pub(crate) fn ingest_into(
    session: &Session,
    paths: &[PathBuf],
    table: Option<&'static Table>,
    force: bool,
    progress: &dyn Progress,
) -> Result<Investigation, Error> {
    // What was read long ago was read, too.
    let catalog = session.archived_catalog()?;
    let known = known_files(session, &catalog)?;
    let append = session.runtime().block_on(session.workspace().begin())?;
    let options = IngestOptions { force, table, ..IngestOptions::new(Utc::now()) };
    // Nobody else can have written since: the append holds the writer's lock.
    let custom = session.catalog()?.snapshot().custom_tables();
    let sink = WorkspaceSink { append: &append, known, custom };
    let report = ingest::ingest(paths, &options, &sink, &ReadProgress(progress));
    match report {
        Ok(report) => {
            progress.stage("writing tables", report.tables.len() as u64, Unit::Items);
            session.runtime().block_on(append.commit(storage::CommitInfo::default()))?;
            Ok(outcome(session, report))
        }
        Err(error) => {
            session.runtime().block_on(append.abort());
            Err(Error::new(error.to_string()))
        }
    }
}

/// Hands rows to an append.
pub(crate) struct WorkspaceSink<'a> {
    append: &'a Append,
    /// SHA-256 of each file read before, with the newest decoder version that read it. A damaged file counts as read: the rows of
    /// its sound part are stored, and reading it again would double them.
    known: HashMap<String, i64>,
    custom: Vec<&'static Table>,
}

impl<'a> WorkspaceSink<'a> {
    /// Of a workspace that has no rows yet.
    pub(crate) fn new(append: &'a Append) -> Self {
        Self { append, known: HashMap::new(), custom: Vec::new() }
    }
}

/// Whether no table of the workspace has a row.
pub(crate) fn is_empty(session: &Session) -> Result<bool, Error> {
    let catalog = session.archived_catalog()?;
    let snapshot = catalog.snapshot();
    let rows = |name: &String| snapshot.statistics(name).map_or(0, |statistics| statistics.rows);
    Ok(snapshot.table_names().iter().all(|name| rows(name) == 0))
}

impl Sink for WorkspaceSink<'_> {
    fn write(&self, table: &'static Table, batch: RecordBatch) -> Result<(), String> {
        self.append.write(table, batch).map_err(|error| Error::from(error).to_string())
    }

    fn custom_tables(&self) -> Vec<&'static Table> {
        self.custom.clone()
    }

    fn is_known(&self, sha256: &str, decoder_version: i32) -> bool {
        self.known.get(sha256).is_some_and(|version| *version >= i64::from(decoder_version))
    }
}

fn known_files(session: &Session, catalog: &WorkspaceCatalog) -> Result<HashMap<String, i64>, Error> {
    if catalog.snapshot().statistics("IngestedFiles").is_none_or(|statistics| statistics.rows == 0) {
        return Ok(HashMap::new());
    }
    let text = format!(
        "IngestedFiles | where Status != '{}' and isnotempty(SHA256) | summarize max(DecoderVersion) by SHA256",
        FileStatus::SkippedKnown.name()
    );
    let result = session
        .query_on(catalog, &text, DateTime::UNIX_EPOCH, None)
        .and_then(kql_engine::QueryResult::complete)
        .map_err(|error| Error::new(format!("failed to read `IngestedFiles`: {error}")))?;
    let known = result.rows_json().filter_map(|row| Some((row.first()?.as_str()?.to_owned(), row.get(1)?.as_i64()?)));
    Ok(known.collect())
}

struct ReadProgress<'a>(&'a dyn Progress);

impl ingest::Progress for ReadProgress<'_> {
    fn start(&self, _files: usize, bytes: u64) {
        self.0.stage("reading files", bytes, Unit::Bytes);
    }

    fn advance(&self, bytes: u64) {
        self.0.advance(bytes);
    }

    fn file_done(&self, _file: &FileReport) {}
}

fn outcome(session: &Session, report: IngestReport) -> Investigation {
    let problems: BTreeSet<IngestProblem> = report
        .errors
        .into_iter()
        .map(|group| IngestProblem { file: group.file, reason: group.reason, count: group.count })
        .collect();
    let bookkeeping = |name: &str| name == "IngestedFiles";
    Investigation {
        files: report.files.into_iter().map(file_outcome).collect(),
        tables: report.tables.into_iter().filter(|(name, _)| !bookkeeping(name)).collect(),
        duplicates: report.duplicates,
        errors: problems.into_iter().collect(),
        incidents: Vec::new(),
        rules: Default::default(),
        workspace: session.path().display().to_string(),
    }
}

fn file_outcome(file: FileReport) -> FileOutcome {
    FileOutcome {
        path: file.path,
        format: file.format,
        records: file.records,
        rows: file.rows,
        duplicates: file.duplicates,
        rejected: file.rejected,
        known: file.status == FileStatus::SkippedKnown,
        failure: (file.status == FileStatus::Unreadable)
            .then(|| file.reason.unwrap_or_else(|| "unreadable".to_owned())),
    }
}
