//! `scan`.

use super::{ColumnDeclaration, Expr, Ident, NamedExpr, OperatorParameter, SortKey};
use crate::Span;

/// `scan with_match_id=m order by … partition by … declare (…) with (step …; …)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// `with_match_id=`, `kind=`.
    pub parameters: Vec<OperatorParameter>,
    /// `order by`, may be empty.
    pub order: Vec<SortKey>,
    /// `partition by`, may be empty.
    pub partition: Vec<NamedExpr>,
    /// Columns that the steps assign.
    pub declared: Vec<DefaultedColumn>,
    /// In the order written.
    pub steps: Vec<ScanStep>,
}

/// `name:type = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct DefaultedColumn {
    /// Name and type.
    pub column: ColumnDeclaration,
    /// `None` where not written.
    pub default: Option<Expr>,
}

/// `step name output=last: condition => column = value, …`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanStep {
    /// What expressions call its state.
    pub name: Ident,
    /// `optional`.
    pub is_optional: bool,
    /// `output=`.
    pub output: StepOutput,
    /// Which rows match.
    pub condition: Expr,
    /// Values of declared columns; may be empty.
    pub assignments: Vec<NamedExpr>,
    /// All of it.
    pub span: Span,
}

/// Which rows of repeated matches a step of `scan` gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StepOutput {
    /// Each.
    #[default]
    All,
    /// The last of a run.
    Last,
    /// None.
    None,
}
