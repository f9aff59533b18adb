//! What a query asks of external files, and the answer.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use kql_functions::Type;
use kql_syntax::{Diagnostic, Span};

use super::columns::{Problem, columns};
use super::{Format, Mapping};
use crate::answer::Answer;
use crate::binder::{Bind, Stop};
use crate::catalog::Catalog;
use crate::computed::Watch;
use crate::diagnostics as codes;
use crate::external_file::{ExternalError, ExternalRequest, MAX_EXTERNAL_BYTES};
use crate::scope::ScopeColumn;

/// A file and where the query names it.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// As written.
    pub uri: String,
    /// Where.
    pub span: Span,
    /// Its format.
    pub format: Format,
}

/// What `externaldata` wants to read.
#[derive(Debug, Clone)]
pub(crate) struct ExternalQuestion {
    /// One after the other.
    pub sources: Vec<Source>,
    /// Names and types, as the query declares them.
    pub columns: Vec<(String, Type)>,
    /// The same in the plan.
    pub scope: Vec<ScopeColumn>,
    /// `ignoreFirstRecord`.
    pub skip_first: bool,
    /// `ingestionMapping`.
    pub mapping: Option<String>,
    /// `zipPattern`.
    pub archive_pattern: Option<String>,
}

impl ExternalQuestion {
    /// Where the columns come from in a file of that format.
    pub fn mappings(&self, format: Format) -> Result<Vec<Mapping>, String> {
        let names = self.columns.iter().map(|(name, _)| name.as_str());
        let is_json = format == Format::Json;
        match &self.mapping {
            Some(text) => Mapping::parse(text, names, is_json),
            None => Ok(Mapping::of_columns(names, is_json)),
        }
    }
}

/// Has the catalog read the files and makes rows of them.
pub(crate) async fn answer(question: &ExternalQuestion, catalog: &dyn Catalog, watch: Watch<'_>) -> Bind<Answer> {
    let fields: Vec<Field> = question.columns.iter().map(|(name, ty)| Field::new(name, ty.arrow(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let mut batches = Vec::new();
    let mut left = MAX_EXTERNAL_BYTES;
    for source in &question.sources {
        let request = ExternalRequest {
            uri: source.uri.clone(),
            archive_pattern: question.archive_pattern.clone(),
            max_bytes: left,
        };
        let files = catalog.surroundings().external(&request).await.map_err(|error| problem(&error, source.span))?;
        for bytes in files {
            left = left
                .checked_sub(bytes.len())
                .ok_or_else(|| problem(&ExternalError::too_large(&request), source.span))?;
            let arrays = match columns(question, source.format, &bytes, watch) {
                Ok(arrays) => arrays,
                Err(Problem::Stopped(stop)) => return Err(stop),
                Err(Problem::Damaged(why)) => {
                    return Err(problem(&ExternalError::failed(&source.uri, &why), source.span));
                }
            };
            let batch = RecordBatch::try_new(Arc::clone(&schema), arrays);
            batches.push(batch.map_err(datafusion::error::DataFusionError::from)?);
        }
    }
    Ok(Answer { columns: question.scope.clone(), batches })
}

fn problem(error: &ExternalError, span: Span) -> Stop {
    let code = if error.is_refusal { codes::EXTERNAL_REFUSED } else { codes::EXTERNAL_FAILED };
    let found = Diagnostic::error(code, span, &error.message);
    match &error.hint {
        Some(hint) => found.with_hint(hint).into(),
        None => found.into(),
    }
}
