//! The input files, and what in them was not understood.

use report::{Listed, ReportError, ReportFile};

use super::limits::{ERRORS_MAX, FILES_MAX};
use crate::catalog::WorkspaceCatalog;
use crate::json_rows::{JsonRow, count, json_rows, text, time};
use crate::{Error, Session};

/// Each content once, as its last reading found it.
const FILES: &str = "IngestedFiles | where Status != 'skipped-known' | summarize arg_max(TimeGenerated, *) by SHA256, SourceFile | sort by SourceFile asc, SHA256 asc";
/// Reasons, the most frequent first.
const ERRORS: &str = "IngestionErrors | summarize Records = count(), Files = dcount(SourceFile), Example = min(SourceFile) by Reason | sort by Records desc, Reason asc";

pub(super) fn files(session: &Session, catalog: &WorkspaceCatalog) -> Result<Listed<ReportFile>, Error> {
    let rows = json_rows(session, catalog, FILES, None)?;
    let file = |row: JsonRow| ReportFile {
        path: text(&row, "SourceFile"),
        sha256: text(&row, "SHA256"),
        bytes: count(&row, "Bytes"),
        format: text(&row, "Format"),
        records: count(&row, "Records"),
        duplicates: count(&row, "Duplicates"),
        rejected: count(&row, "Rejected"),
        first: time(&row, "FirstEventTime"),
        last: time(&row, "LastEventTime"),
        status: text(&row, "Status"),
    };
    Ok(Listed::cut(rows.into_iter().map(file).collect(), FILES_MAX, FILES))
}

pub(super) fn errors(session: &Session, catalog: &WorkspaceCatalog) -> Result<Listed<ReportError>, Error> {
    let rows = json_rows(session, catalog, ERRORS, None)?;
    let error = |row: JsonRow| ReportError {
        reason: text(&row, "Reason"),
        records: count(&row, "Records"),
        files: count(&row, "Files"),
        example_file: text(&row, "Example"),
    };
    Ok(Listed::cut(rows.into_iter().map(error).collect(), ERRORS_MAX, ERRORS))
}
