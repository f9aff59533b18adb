//! Records that an expression names as a whole: the steps of `scan`.

use kql_syntax::{Diagnostic, Ident};

use super::Row;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::scope::{ScopeColumn, find_column};
use crate::typed::Typed;

/// What `name.column` may mean beside a column's property.
#[derive(Clone, Copy)]
pub(crate) enum Records<'a> {
    /// Nothing.
    None,
    /// The state of a step of `scan`.
    Steps(&'a [StepRecord]),
}

/// The row that a step of `scan` matched last.
#[derive(Debug, Clone)]
pub(crate) struct StepRecord {
    /// The step.
    pub name: String,
    /// Columns of the input and declared ones.
    pub columns: Vec<ScopeColumn>,
    /// Stands before the step being bound, or is it.
    pub is_known: bool,
}

impl Binder<'_> {
    /// `record.name`; nothing if no record has that name.
    pub(super) fn record_member(&mut self, record: &str, name: &Ident, row: Row<'_>) -> Bind<Option<Typed>> {
        match row.records {
            Records::None => Ok(None),
            Records::Steps(steps) => match steps.iter().find(|step| step.name == record) {
                None => Ok(None),
                Some(step) if !step.is_known => {
                    let message = format!("step `{record}` comes later and has no state here");
                    Err(Diagnostic::error(codes::INVALID_USE, name.span, message).into())
                }
                Some(step) => property(&step.columns, name).map(Some),
            },
        }
    }
}

fn property(columns: &[ScopeColumn], name: &Ident) -> Bind<Typed> {
    match find_column(columns, &name.name) {
        Some(column) => Ok(Typed::column(column)),
        None => {
            let known = columns.iter().map(|column| column.name.as_str());
            Err(codes::unknown(codes::UNKNOWN_NAME, name.span, "column", &name.name, known).into())
        }
    }
}
