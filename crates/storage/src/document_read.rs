//! Expressions that read a hot path, by what they are made of.

use std::sync::Arc;

use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use json_text::Step;
use schema::Table;

use crate::document_function::{DocumentFunction, DocumentFunctions};
use crate::leaf_column::{Leaf, leaves};

/// A read of a hot path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DocumentRead {
    pub(crate) leaf: &'static Leaf,
    pub(crate) kind: ReadAs,
    /// Whether the document, or a part of it, is printed and parsed again on the way.
    pub(crate) through_text: bool,
}

/// What a read gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadAs {
    Json,
    Text,
    Long,
    Int,
    Bool,
}

/// Recognizes reads of a table's hot paths.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DocumentReader {
    leaves: &'static [Leaf],
    functions: DocumentFunctions,
}

/// The document that an expression is: a part of a column's.
struct Part<'e> {
    column: &'e str,
    path: Vec<Step>,
    is_parsed: bool,
    through_text: bool,
}

impl DocumentReader {
    /// For that table; `None` where it has no hot paths.
    pub(crate) fn new(table: &Table, functions: DocumentFunctions) -> Option<Self> {
        let leaves = leaves(table);
        (!leaves.is_empty()).then_some(Self { leaves, functions })
    }

    pub(crate) fn leaves(&self) -> &'static [Leaf] {
        self.leaves
    }

    /// The read of a hot path that the expression is.
    pub(crate) fn read(&self, expr: &Arc<dyn PhysicalExpr>) -> Option<DocumentRead> {
        let (function, arg) = self.call(expr)?;
        let (part, kind) = match function {
            DocumentFunction::Path(_) => (self.part(expr)?, ReadAs::Json),
            DocumentFunction::Text => (self.part(arg)?, ReadAs::Text),
            DocumentFunction::Long => (self.part(arg)?, ReadAs::Long),
            DocumentFunction::Int => (self.part(arg)?, ReadAs::Int),
            DocumentFunction::Bool => (self.part(arg)?, ReadAs::Bool),
            DocumentFunction::Same | DocumentFunction::Parse => return None,
        };
        let is_it =
            |leaf: &&Leaf| leaf.path == part.path && leaf.column == part.column && leaf.is_parsed == part.is_parsed;
        let leaf = self.leaves.iter().find(is_it)?;
        Some(DocumentRead { leaf, kind, through_text: part.through_text })
    }

    fn call<'e>(&self, expr: &'e Arc<dyn PhysicalExpr>) -> Option<(DocumentFunction, &'e Arc<dyn PhysicalExpr>)> {
        let call = expr.downcast_ref::<ScalarFunctionExpr>()?;
        let [arg] = call.args() else { return None };
        Some(((self.functions)(call.fun())?, arg))
    }

    fn part<'e>(&self, expr: &'e Arc<dyn PhysicalExpr>) -> Option<Part<'e>> {
        if let Some(column) = expr.downcast_ref::<Column>() {
            return Some(Part { column: column.name(), path: Vec::new(), is_parsed: false, through_text: false });
        }
        match self.call(expr)? {
            (DocumentFunction::Path(steps), inner) => {
                let mut part = self.part(inner)?;
                part.path.extend(steps);
                Some(part)
            }
            (DocumentFunction::Same, inner) => self.part(inner),
            (DocumentFunction::Parse, inner) => match self.call(inner) {
                Some((DocumentFunction::Text, document)) => Some(Part { through_text: true, ..self.part(document)? }),
                _ => {
                    let column = inner.downcast_ref::<Column>()?.name();
                    Some(Part { column, path: Vec::new(), is_parsed: true, through_text: false })
                }
            },
            _ => None,
        }
    }
}
