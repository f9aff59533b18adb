//! One query, on a workspace or on files.

use std::io;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use arrow::error::ArrowError;
use chrono::Utc;
use kql_engine::{Partial, QueryError, QueryResult, ResultColumn, ResultTable};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::beside::ExternalAccess;
use crate::datascope::archive_set_in;
use crate::ingest_files::{check_paths, ingest_into};
use crate::session::temporary_folder;
use crate::{Error, Progress, Session};

/// What to query.
#[derive(Debug, Clone)]
pub struct QueryRequest {
    /// KQL.
    pub text: String,
    /// The workspace; not looked at where there are files.
    pub workspace: PathBuf,
    /// Files to query in place of a workspace.
    pub files: Vec<PathBuf>,
    /// A MaxMind database, which says where IP addresses lie.
    pub geo_database: Option<PathBuf>,
    /// Ask of archived rows too; the query's text may do so by itself (`set query_datascope = 'all'`).
    pub archive: bool,
    /// External files that the query may read, beside those that the workspace's own settings allow.
    pub external: ExternalAccess,
}

/// A result, as Log Analytics prints it.
#[derive(Debug, Clone, Serialize)]
pub struct QueryOutput {
    /// Names and types.
    pub columns: Vec<OutputColumn>,
    /// A list a row, in the order of the columns.
    pub rows: OutputRows,
    /// Further tables, of queries with several statements and of `fork` and `facet`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<OutputTable>,
    /// Why rows are missing, where the result was cut off: Log Analytics' `PartialError`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// The same as a sentence.
    #[serde(skip)]
    pub warning: Option<String>,
    /// What is likely not meant, with the place in the query, for people.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// A further table of a result.
#[derive(Debug, Clone, Serialize)]
pub struct OutputTable {
    /// What the query calls it.
    pub name: String,
    /// Names and types.
    pub columns: Vec<OutputColumn>,
    /// A list a row, in the order of the columns.
    pub rows: OutputRows,
}

/// Rows, each of which becomes JSON when it is asked for.
#[derive(Debug, Clone)]
pub struct OutputRows(ResultTable);

impl OutputRows {
    /// The rows as JSON values, in the order of the columns.
    pub fn iter(&self) -> impl Iterator<Item = Vec<Value>> + '_ {
        self.0.rows_json()
    }

    /// Writes the rows as a JSON array of arrays: the text of their serialization, sooner.
    pub fn write_json(&self, out: &mut impl io::Write) -> io::Result<()> {
        self.0.written_rows().write(out)
    }

    /// Writes the rows as a stream of Arrow's IPC format ([`ResultTable::write_arrow`]).
    pub fn write_arrow(&self, out: &mut impl io::Write) -> io::Result<()> {
        self.0.write_arrow(out).map_err(|error| match error {
            ArrowError::IoError(_, error) => error,
            other => io::Error::other(other),
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.row_count()
    }
}

impl Serialize for OutputRows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.written_rows().serialize(serializer)
    }
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its KQL type.
    #[serde(rename = "type")]
    pub ty: String,
}

/// Runs one query. `now()` is the clock's. For a process that ends soon: a workspace stays open until then, as closing it would take as long as
/// printing some thousand rows.
pub fn query(request: &QueryRequest, progress: &dyn Progress) -> Result<QueryOutput, Error> {
    if request.files.is_empty() {
        let session = ManuallyDrop::new(session_of(request, &request.workspace, false)?);
        return query_session(&session, request);
    }
    check_paths(&request.files)?;
    let folder = temporary_folder()?;
    let session = session_of(request, folder.path(), true)?;
    let outcome = ingest_into(&session, &request.files, None, false, progress)?;
    progress.finish();
    if let Some(file) = outcome.files.iter().find(|file| file.failure.is_some() && file.records == 0) {
        let failure = file.failure.as_deref().unwrap_or_default();
        return Err(Error::new(format!("failed to read `{}`: {failure}", file.path)));
    }
    query_session(&session, request)
}

/// The session that the request asks for; made where `is_new`.
fn session_of(request: &QueryRequest, workspace: &Path, is_new: bool) -> Result<Session, Error> {
    let session = if is_new { Session::open_or_create(workspace)? } else { Session::open(workspace)? };
    Ok(session.with_geo_database(request.geo_database.as_deref())?.with_external(request.external.clone()))
}

fn query_session(session: &Session, request: &QueryRequest) -> Result<QueryOutput, Error> {
    let text = request.text.as_str();
    let set = archive_set_in(&kql_syntax::parse(text).query).map_err(Error::new)?;
    let catalog = if set.unwrap_or(request.archive) { session.archived_catalog()? } else { session.catalog()? };
    let result = session.query_on(&catalog, text, Utc::now(), None).map_err(|error| query_error(&error, text))?;
    let warnings = result.warnings.iter().map(|warning| warning.render(text, "query")).collect();
    Ok(QueryOutput { warnings, ..QueryOutput::from(result) })
}

/// Diagnostics with their place in the text; other errors as they are.
pub(crate) fn query_error(error: &QueryError, text: &str) -> Error {
    match error {
        QueryError::Invalid(diagnostics) => {
            let rendered: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(text, "query")).collect();
            Error::new(format!("query cannot run\n{}", rendered.join("\n")))
        }
        other => Error::new(other.to_string()),
    }
}

impl From<QueryResult> for QueryOutput {
    fn from(result: QueryResult) -> Self {
        let QueryResult { columns, batches, partial, more, .. } = result;
        let more = more.into_iter().map(|table| OutputTable {
            name: table.name.clone(),
            columns: output_columns(&table.columns),
            rows: OutputRows(table),
        });
        let (error, warning) = (partial.map(Partial::to_json), partial.map(|partial| partial.to_string()));
        Self {
            columns: output_columns(&columns),
            rows: OutputRows(ResultTable { name: String::new(), columns, batches, partial }),
            more: more.collect(),
            error,
            warning,
            warnings: Vec::new(),
        }
    }
}

fn output_columns(columns: &[ResultColumn]) -> Vec<OutputColumn> {
    columns.iter().map(|column| OutputColumn { name: column.name.clone(), ty: column.ty.name().to_owned() }).collect()
}
