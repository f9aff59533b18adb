//! The manifest of the evidence: every file that was given, with its hash and what was made of it.

use std::path::Path;

use chrono::Utc;
use kql_engine::QueryResult;

use crate::query::{QueryOutput, query_error};
use crate::{Error, Session};

/// Everything that `IngestedFiles` says of a file, in the order of reading: run by run, and by path in each.
const FULL: &str = "IngestedFiles
| order by TimeGenerated asc, SourceFile asc
| project SourceFile, SHA256, Bytes, Format, Status, Reason, Records, Duplicates, Rejected, RowsPerTable,
    FirstEventTime, LastEventTime, DecoderVersion, IngestedTime = TimeGenerated";

/// The same for people: the start of the hash, times to the second, no empty columns.
const SHORT: &str = "IngestedFiles
| order by TimeGenerated asc, SourceFile asc
| project file = SourceFile, sha256 = substring(SHA256, 0, 12), bytes = Bytes, format = Format, records = Records,
    rows = replace_string(replace_regex(tostring(RowsPerTable), '[{}\"]', ''), ',', ', '),
    ['first'] = format_datetime(FirstEventTime, 'yyyy-MM-dd HH:mm:ss'),
    ['last'] = format_datetime(LastEventTime, 'yyyy-MM-dd HH:mm:ss'),
    status = iff(isempty(Reason), Status, strcat(Status, ': ', Reason))";

/// How much a manifest says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestDetail {
    /// All columns, named as in `IngestedFiles`.
    Full,
    /// What fits a terminal.
    Short,
}

/// The files that were read into a workspace, those inside archives too: a row for each time that a file was given.
///
/// # Errors
/// When the workspace cannot be read. A manifest is whole or not at all.
pub fn manifest(workspace: &Path, detail: ManifestDetail) -> Result<QueryOutput, Error> {
    let session = Session::open(workspace)?;
    let catalog = session.catalog()?;
    let text = if detail == ManifestDetail::Full { FULL } else { SHORT };
    let result = session
        .query_on(&catalog, text, Utc::now(), None)
        .and_then(QueryResult::complete)
        .map_err(|error| query_error(&error, text))?;
    Ok(QueryOutput::from(result))
}
